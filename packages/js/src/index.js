export { decryptMessage, encryptReply, verifyUrl } from './callback.js';
export { Connector } from './connector.js';
export { CallbackError, WecomError } from './error.js';
export { recentEvents } from './recent.js';
