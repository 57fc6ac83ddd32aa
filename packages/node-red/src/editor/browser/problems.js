import { UNKNOWN, validate } from './validate.js';
import { valuesOf } from './values.js';

/** Types of fields whose value is known now. */
const LITERAL = ['str', 'num', 'list', 'json', 'bool', 'clear'];

/**
 * What is wrong with the fields of a node: by the schema, by Node-RED's own rules for expressions, and by what the
 * connection lacks.
 *
 * @param {object} [connection] What is known of the connection, where one is chosen.
 */
export function fieldProblems(schema, fields, connection) {
  const { values, problems } = valuesOf(fields, schema);
  for (const [name, field] of Object.entries(fields ?? {})) {
    const { type, value } = field ?? {};
    if (type === undefined) continue;
    if (LITERAL.includes(type) || value === '') continue;
    const answer = RED.utils.validateTypedProperty(value, type, {});
    if (answer === true) continue;
    const limit = typeof answer === 'string' ? answer : String(value);
    problems.push({ path: [name], keyword: 'expression', limit, warning: false });
  }
  const missing = missingInConnection(schema, connection)
    .filter((name) => !Object.hasOwn(values, name))
    .map((name) => ({ path: [name], keyword: 'notInConnection', limit: true, warning: false }));
  return [...problems, ...validate(schema, values), ...missing, ...names(schema, values)];
}

/** Fields that the connection would give where they are left out, and that it does not have. */
export function missingInConnection(schema, connection) {
  if (connection === undefined) return [];
  return Object.entries(schema.properties)
    .filter(([, property]) => {
      const source = property['x-ui']?.fromConnection;
      return source !== undefined && connection[source] === undefined;
    })
    .map(([name]) => name);
}

/** What looks like a person's name where an ID belongs: WeCom would take it, and reach nobody. */
function names(schema, values) {
  const found = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    if (property['x-ui']?.optionsFrom === undefined || values[name] === UNKNOWN) continue;
    for (const [index, entry] of [values[name] ?? []].flat().entries()) {
      if (typeof entry !== 'string' || !/\p{Script=Han}/u.test(entry)) continue;
      const path = property.type === 'array' ? [name, index] : [name];
      found.push({ path, keyword: 'name', limit: entry, warning: true });
    }
  }
  return found;
}
