/** What a palette needs beside `Connector`: to speak of its own troubles as the connector does of others. */
import { onThisSide } from './error.js';
import { Trouble } from './trouble.js';

export { Callbacks, contextOf as callbackContext } from './callback.js';
export { invalid } from './error.js';
export { rootOf } from './http.js';
export { labelOf, manifest, titleIn } from './manifest.js';
export { Recent } from './recent.js';

/** The error for a call that was to come, and did not, since the palette ended before. */
export function closed(context) {
  return onThisSide(new Trouble('closed'), context);
}
