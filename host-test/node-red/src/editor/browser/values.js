/** From what a form holds to what the action would be called with. */
import { isVariable } from '../../nodes/node-red.js';
import { UNKNOWN } from './validate.js';

/** @typedef {{ type: string, value: string | unknown[] }} Field What a node saves for a parameter. */

/**
 * The parameters as far as they are known. Empty counts as left out, as it does when the node runs.
 *
 * @param {Record<string, Field>} fields
 * @returns {{ values: object, problems: import('./validate.js').Problem[] }} Problems are those of the fields as text.
 */
export function valuesOf(fields) {
  const values = {};
  const problems = [];
  for (const [name, field] of Object.entries(fields ?? {})) {
    if (!field) continue;
    try {
      const value = fieldValue(field);
      if (!isEmpty(value)) values[name] = value;
    } catch (error) {
      // It is there, and wrong for another reason than the schema's.
      values[name] = UNKNOWN;
      problems.push({ path: [name], keyword: 'json', limit: error.message, warning: false });
    }
  }
  return { values, problems };
}

function fieldValue({ type, value }) {
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
    default:
      return value === '' || value === undefined ? undefined : UNKNOWN;
  }
}

/** The number that a text writes, or the text itself where it writes none: the schema then says so. */
export function numberOf(text) {
  const trimmed = String(text ?? '').trim();
  if (trimmed === '') return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : text;
}

export function isEmpty(value) {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** The value behind a JSON pointer, or undefined. */
export function at(value, pointer) {
  const names = pointer.split('/').slice(1);
  return names.reduce((of, name) => of?.[name.replaceAll('~1', '/').replaceAll('~0', '~')], value);
}
