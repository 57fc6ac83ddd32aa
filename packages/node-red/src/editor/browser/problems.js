import { numberIn } from '../../nodes/lenient.js';
import { isVariable } from '../../nodes/node-red.js';
import { entryFields, isRecord } from '../../nodes/records.js';
import { CONCURRENCY } from '../../nodes/turns.js';
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
  problems.push(...expressions(fields, []));
  const missing = missingInConnection(schema, connection)
    .filter((name) => !Object.hasOwn(values, name))
    .map((name) => ({ path: [name], keyword: 'notInConnection', limit: true, warning: false }));
  return [...problems, ...validate(schema, values), ...missing, ...names(schema, values)];
}

/** What is wrong with the number of messages that a node may send at once; left empty, it is the default. */
export function concurrencyProblems(value) {
  return value === undefined || value === '' || isVariable(value) ? [] : validate(CONCURRENCY, numberIn(value));
}

/** Node-RED's own rules for expressions, in records, too. */
function expressions(fields, path) {
  return Object.entries(fields ?? {}).flatMap(([name, field]) => {
    const { type, value } = field ?? {};
    const at = [...path, name];
    if (type === 'record') return expressions(value, at);
    if (type === 'records') return entryFields(value).flatMap((entry, index) => expressions(entry, [...at, index]));
    if (type === undefined || LITERAL.includes(type) || value === '') return [];
    const answer = RED.utils.validateTypedProperty(value, type, {});
    if (answer === true) return [];
    const limit = typeof answer === 'string' ? answer : String(value);
    return [{ path: at, keyword: 'expression', limit, warning: false }];
  });
}

/** Fields that the connection would give where they are left out, and that it does not have. */
export function missingInConnection(schema, connection) {
  if (connection === undefined) return [];
  return Object.entries(schema.properties)
    .filter(([, property]) => {
      const sources = property['x-ui']?.fromConnection;
      return sources?.every((source) => connection[source] === undefined) ?? false;
    })
    .map(([name]) => name);
}

/** What looks like a person's name where an ID belongs: WeCom would take it, and reach nobody. */
function names(schema, values, path = []) {
  const found = [];
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = values[name];
    const isList = property.type === 'array';
    const inner = isList ? property.items : property;
    if (value === UNKNOWN) continue;
    for (const [index, entry] of [value ?? []].flat().entries()) {
      const at = isList ? [...path, name, index] : [...path, name];
      if (isRecord(inner)) {
        if (typeof entry === 'object' && entry !== null) found.push(...names(inner, entry, at));
        continue;
      }
      if (property['x-ui']?.optionsFrom === undefined) continue;
      if (typeof entry !== 'string' || !/\p{Script=Han}/u.test(entry)) continue;
      found.push({ path: at, keyword: 'name', limit: entry, warning: true });
    }
  }
  return found;
}
