import { validate } from './validate.js';
import { valuesOf } from './values.js';

/** What is wrong with the fields of a node, by the schema and by Node-RED's own rules for expressions. */
export function fieldProblems(schema, fields) {
  const { values, problems } = valuesOf(fields);
  for (const [name, field] of Object.entries(fields ?? {})) {
    const { type, value } = field ?? {};
    if (type === undefined) continue;
    if (['str', 'num', 'list', 'json', 'bool'].includes(type) || value === '') continue;
    const answer = RED.utils.validateTypedProperty(value, type, {});
    if (answer === true) continue;
    const limit = typeof answer === 'string' ? answer : String(value);
    problems.push({ path: [name], keyword: 'expression', limit, warning: false });
  }
  return [...problems, ...validate(schema, values)];
}
