export { Connector } from './connector.js';
export { WecomError } from './error.js';
