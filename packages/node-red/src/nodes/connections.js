import { invalid } from 'wecom-connector/palette';
import { numberIn } from './lenient.js';
import { isVariable, STORED } from './node-red.js';
import { say } from './texts.js';

/** All types of connections: those of actions, and that of callbacks. */
export function connectionTypes({ connection_types, callback }) {
  return [...connection_types, callback.connection_type];
}

/** The node type of a configuration node. */
export function nodeType(connectionType) {
  return `wecom-${connectionType}`;
}

/** The credentials of a configuration node, as Node-RED wants them declared. */
export function credentials(schema) {
  const secrets = Object.entries(schema.properties).filter(([, property]) => property.writeOnly);
  return Object.fromEntries(secrets.map(([name]) => [name, { type: 'password' }]));
}

/** The connection as the connector's JSON, from the fields of a configuration node and its secrets. */
export function connectionOf(schema, fields, secrets = {}) {
  const connection = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = property.const ?? (property.writeOnly ? secrets : fields)[name];
    if (value === undefined || value === null || value === '') continue;
    // A text that is no number is for the connector to refuse.
    connection[name] = property.type === 'integer' ? numberIn(value) : value;
  }
  return connection;
}

/**
 * The connection as it stands in an open dialog: its fields, and where a secret was not typed anew, the stored one.
 *
 * @param {(text: string) => string} substitute Puts environment variables in, as a deployment does.
 */
export function connectionInDialog(schema, fields, stored = {}, substitute = (text) => text) {
  const secrets = Object.keys(credentials(schema)).map((name) => [
    name,
    fields[name] === undefined || fields[name] === STORED ? stored[name] : fields[name],
  ]);
  const substituted = (entries) =>
    Object.fromEntries(entries.map(([name, value]) => [name, isVariable(value) ? substitute(value) : value]));
  return connectionOf(schema, substituted(Object.entries(fields)), substituted(secrets));
}

/** The connection of a configuration node; throws where it is not of that type, or not complete. */
export function connectionFor(RED, id, type, context) {
  const { manifest, language } = context;
  const title = (wanted) => connectionTypes(manifest).find((candidate) => candidate.type === wanted)?.title[language];
  const expected = title(type);
  const refuse = (trouble, values) => {
    const message = say(language, trouble, { expected, ...values });
    throw invalid([{ argument: 'connection', pointer: '', message }], context);
  };
  if (!id) refuse('noConnection');
  const node = RED.nodes.getNode(id);
  if (!node) refuse('unknownConnection');
  if (node.type !== nodeType(type)) {
    const other = connectionTypes(manifest).find((candidate) => nodeType(candidate.type) === node.type);
    refuse('otherConnection', { found: other ? title(other.type) : node.type });
  }
  const connection = node.connection();
  // Node-RED leaves the name of a variable that is not set, and too many wrong secrets would block the address at WeCom.
  const unset = Object.entries(connection).filter(([, value]) => isVariable(value));
  const faults = unset.map(([name, value]) => ({
    argument: 'connection',
    pointer: `/${name}`,
    message: say(language, 'notSet', { variable: value.slice(2, -1) }),
  }));
  if (faults.length > 0) throw invalid(faults, context);
  return connection;
}
