/** From what a form holds to what the action would be called with. */
import { bare, entriesOf, halfWidth, numberIn, trimmed, withoutControls } from '../../nodes/lenient.js';
import { isVariable } from '../../nodes/node-red.js';
import { entryFields, GROUPS, isRecord, recordOf } from '../../nodes/records.js';
import { UNKNOWN } from './validate.js';

/**
 * What a node saves for a parameter. The value of a `record` are the fields that it has inside it, by name; that of
 * `records` is a list of those.
 *
 * @typedef {{ type: string, value: string | unknown[] | Record<string, Field> }} Field
 */

/**
 * The parameters as far as they are known. Empty counts as left out, as it does when the node runs.
 *
 * @param {Record<string, Field>} fields
 * @param {object} [schema] The schema of the parameters: what the connector takes for its values is taken here, too.
 * @returns {{ values: object, problems: import('./validate.js').Problem[] }} Problems are those of the fields as text.
 */
export function valuesOf(fields, schema) {
  const problems = [];
  return { values: known(fields, schema, [], problems), problems };
}

function known(fields, schema, path, problems) {
  const values = {};
  for (const [name, field] of Object.entries(fields ?? {})) {
    if (!field) continue;
    const property = schema?.properties?.[name];
    const at = [...path, name];
    try {
      const found = fieldValue(field, property, at, problems);
      // What is inside a record was taken one by one.
      const value = GROUPS.includes(field.type) ? found : taken(found, property);
      if (!isEmpty(value)) values[name] = value;
    } catch (error) {
      // It is there, and wrong for another reason than the schema's.
      values[name] = UNKNOWN;
      problems.push({ path: at, keyword: 'json', limit: error.message, warning: false });
    }
  }
  return values;
}

function fieldValue({ type, value }, schema, path, problems) {
  if (isVariable(value)) return UNKNOWN;
  switch (type) {
    case 'str':
    case 'list':
      return value;
    case 'num':
      return numberOf(value);
    case 'bool':
    case 'json':
      return value === '' ? undefined : JSON.parse(value);
    // Given, and empty: whether that is allowed is said by the form, which offers it or not.
    case 'clear':
      return UNKNOWN;
    case 'record':
      return recordOf(known(value, schema, path, problems));
    case 'records':
      return entryFields(value).map((entry, index) => known(entry, schema?.items, [...path, index], problems));
    default:
      return value === '' || value === undefined ? undefined : UNKNOWN;
  }
}

/** The value as the connector takes it where the schema is stricter: the neighbouring type, edges, entries in one text. */
export function taken(value, schema) {
  if (schema === undefined || value === UNKNOWN || value === undefined || value === null) return value;
  switch (schema.type) {
    case 'integer':
    case 'number':
      if (typeof value === 'string' && trimmed(value) === '') return undefined;
      return (isSwitch(schema) ? switchedBy(value) : undefined) ?? numberIn(value);
    case 'boolean':
      return value === 0 || value === 1 ? value === 1 : value;
    case 'string':
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      return typeof value === 'string' ? cleaned(value, schema) : value;
    case 'array': {
      const { separator } = schema['x-ui'] ?? {};
      // One record is a list of one; entries of a list are never read out of a text where they are records.
      if (isRecord(schema.items)) {
        if (typeof value !== 'object') return value;
        return [value]
          .flat()
          .filter((entry) => entry !== null)
          .map((entry) => taken(entry, schema.items));
      }
      if (typeof value === 'object' && !Array.isArray(value)) return value;
      const entries = Array.isArray(value) ? value : [value];
      return entries
        .flatMap((entry) => (typeof entry === 'string' ? entriesOf(entry, separator) : [entry]))
        .filter((entry) => !isEmpty(entry))
        .map((entry) => taken(entry, schema.items));
    }
    case 'object':
      return isRecord(schema) ? recordTaken(value, schema) : value;
    default:
      return value;
  }
}

function recordTaken(value, schema) {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const fields = Object.entries(value).map(([name, inner]) => [name, taken(inner, schema.properties[name])]);
  return Object.fromEntries(fields.filter(([, inner]) => !isEmpty(inner)));
}

/** Whether 0 and 1 are choices, which are off and on. */
function isSwitch({ oneOf, minimum, maximum }) {
  const choices = oneOf?.map((choice) => choice.const) ?? [minimum, maximum];
  return Math.min(...choices) === 0 && Math.max(...choices) <= 2;
}

function switchedBy(value) {
  const text = typeof value === 'string' ? bare(value).toLowerCase() : value;
  if (text === false || text === 'false') return 0;
  return text === true || text === 'true' ? 1 : undefined;
}

/** A text without what the connector takes out of it: the edges of one line, control characters of words. */
function cleaned(text, schema) {
  if (schema.contentEncoding === 'base64') return base64In(text);
  if (schema['x-ui']?.widget === 'textarea') return withoutControls(text, { lines: true });
  // First of all, since at the edge may stand the end of an escape sequence.
  if (isWords(schema)) return trimmed(withoutControls(text, { lines: false }));
  return narrowed(trimmed(text), schema);
}

/**
 * Whether these are words for people, out of which the connector takes what they may not hold; in an ID it refuses that.
 * No keyword says so. Words hold any letter, blanks and what joins two pictures into one, and are not chosen from a list.
 */
function isWords({ pattern, maxLength, 'x-ui': { maxBytes, maxCharacters, optionsFrom } = {} }) {
  const rule = pattern ?? maxLength ?? maxBytes ?? maxCharacters;
  return rule !== undefined && optionsFrom === undefined && new RegExp(pattern ?? '', 'u').test('张 \u200d三');
}

/** The digits and signs of a telephone; a text that may have letters means what it says. */
function narrowed(text, { pattern }) {
  if (pattern === undefined) return text;
  const expression = new RegExp(pattern, 'u');
  return !expression.test('a') && expression.test(halfWidth(text)) ? halfWidth(text) : text;
}

/** Base64 as other programs write it: as a data: URL, in lines, with the letters for URLs, without padding. */
function base64In(text) {
  const letters = trimmed(trimmed(text).replace(/^data:[^,]*;base64,/i, ''))
    .replace(/=+$/, '')
    .replace(/[ \t\n\f\r]/g, '')
    .replaceAll('-', '+')
    .replaceAll('_', '/');
  // One letter too many would need three signs, which the pattern refuses.
  return letters.padEnd(Math.ceil(letters.length / 4) * 4, '=');
}

/** The number that a text writes, or the text itself where it writes none: the schema then says so. */
export function numberOf(text) {
  return trimmed(String(text ?? '')) === '' ? undefined : numberIn(String(text));
}

export function isEmpty(value) {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** The value behind a JSON pointer, or undefined. */
export function at(value, pointer) {
  const names = pointer.split('/').slice(1);
  return names.reduce((of, name) => of?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], value);
}
