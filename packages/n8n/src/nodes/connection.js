import { manifest } from 'wecom-connector/palette';
import { connectionTypes, fieldsOfCredential } from '../form/node.js';

const schemas = new Map(connectionTypes(manifest).map(({ type, schema }) => [type, schema]));

/** The connection as the connector has it: without what was left empty, and what is only for the form. */
export function connectionFrom(type, stored) {
  const filled = fieldsOfCredential(schemas.get(type))
    .map(([name]) => [name, stored?.[name]])
    .filter(([, value]) => value !== undefined && value !== null && value !== '');
  return { type, ...Object.fromEntries(filled) };
}
