/** Connections from the variables of the process: one for each field, named like it. */
import { manifest } from './manifest.js';

/**
 * The connection of the type with that schema, as an object, and the required fields whose variables are not set.
 *
 * @returns {{ connection: object, unset: { name: string, variable: string }[] }}
 */
export function fromEnvironment(schema) {
  const connection = {};
  const unset = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    if ('const' in property) {
      connection[name] = property.const;
      continue;
    }
    const variable = `WECOM_${name.toUpperCase()}`;
    const value = read(variable)?.trim();
    // A number, too: the component reads it from a text.
    if (value) connection[name] = value;
    else if (schema.required.includes(name)) unset.push({ name, variable });
  }
  return { connection, unset };
}

/**
 * The types of connections that the environment has. With none of them set, the first: it is the one most likely meant.
 */
export function typesInEnvironment() {
  const types = manifest.connection_types;
  const set = types.filter(({ schema }) => fromEnvironment(schema).unset.length === 0);
  return (set.length > 0 ? set : types.slice(0, 1)).map(({ type }) => type);
}

function read(variable) {
  return globalThis.Deno ? globalThis.Deno.env.get(variable) : globalThis.process?.env?.[variable];
}
