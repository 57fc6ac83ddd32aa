/** What a palette needs beside `Connector`: to speak of its own troubles as the connector does of others. */
export { invalid } from './error.js';
export { labelOf, manifest, titleIn } from './manifest.js';
