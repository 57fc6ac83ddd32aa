/** What the files that n8n loads hand on: one bundle, so that all of them share one connector. */
export { WeComApplicationApi, WeComCallbackApi, WeComChatbotApi } from './credentials.js';
export { hooks } from './hooks/index.js';
export { WeComReply } from './nodes/reply.js';
export { WeComTrigger } from './nodes/trigger.js';
export { WeCom } from './nodes/wecom.js';
