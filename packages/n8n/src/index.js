/** What the files that n8n loads hand on: one bundle, so that all of them share one connector. */
export { WeComApplicationApi, WeComChatbotApi } from './credentials.js';
export { WeCom } from './nodes/wecom.js';
