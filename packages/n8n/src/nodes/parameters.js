/** The parameters of an action from what n8n holds of a form. */
import { AS_JSON, CUT, kindOf, MORE, namesFile, partFields, RECORD, RECORDS } from '../form/kind.js';

/**
 * @param {(name: string) => unknown} read The value of a field of the form, with its expressions evaluated.
 * @param {(field: unknown) => Promise<{ bytes: Uint8Array, name?: string }>} file The file in a field of the input.
 * @returns {Promise<object>} What a person left empty is left out: the connector says what is required.
 */
export async function parametersOf(schema, read, file) {
  const parameters = {};
  const { first } = partFields(schema);
  const more = read(MORE) ?? {};
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isAdded = !first.some(([other]) => other === name);
    const given = isAdded ? more[name] : read(name);
    if (kindOf(property) === 'file') {
      if (isEmpty(given)) continue;
      const { bytes, name: fileName } = await file(given);
      parameters[name] = bytes;
      const nameField = Object.keys(schema.properties).find((other) => namesFile(other, schema));
      if (nameField && fileName) parameters[nameField] ??= fileName;
      continue;
    }
    const value = valueIn(property, given, isAdded);
    if (value !== undefined) parameters[name] = value;
  }
  return Object.assign(parameters, objectIn(more[AS_JSON]));
}

/** What keeps the parameters that were given as JSON from being read. */
export class NotAnObject extends Error {}

function objectIn(given) {
  if (isEmpty(given)) return {};
  let value = given;
  if (typeof given === 'string') {
    try {
      value = JSON.parse(given);
    } catch {
      throw new NotAnObject();
    }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NotAnObject();
  return value;
}

/** @param {boolean} isAdded Whether a person has added the field on purpose: in an update, empty then clears it. */
function valueIn(schema, given, isAdded) {
  const chosen = given?.__rl === true ? given.value : given;
  const value = Array.isArray(chosen) ? chosen.filter((entry) => entry !== CUT) : chosen;
  const clears = isAdded && schema['x-ui']?.clear;
  switch (kindOf(schema)) {
    case 'record':
      return recordOf(schema, value);
    case 'records': {
      // An expression may bring the list itself.
      const entries = Array.isArray(value) || typeof value === 'string' ? value : value?.[RECORDS];
      if (isEmpty(entries)) return undefined;
      return Array.isArray(entries) ? entries.map((entry) => entryOf(schema.items, entry)) : entries;
    }
    case 'json':
      if (isEmpty(value)) return undefined;
      return typeof value === 'string' ? value : JSON.stringify(value);
    default:
      if (!isEmpty(value)) return value;
      if (!clears || value === undefined || value === null) return undefined;
      return schema.type === 'array' ? [] : '';
  }
}

function recordOf(schema, value) {
  if (isEmpty(value)) return undefined;
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const fields = RECORD in value ? value[RECORD] : value;
  // Nothing was added in the form.
  if (isEmpty(fields) || Object.keys(fields).length === 0) return undefined;
  return entryOf(schema, fields);
}

/** The fields of a record: those of the form, or an object that an expression has brought. */
function entryOf(schema, entry) {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const { [MORE]: more, ...rest } = entry;
  const given = { ...rest, ...(typeof more === 'object' ? more : {}) };
  const known = Object.entries(given).map(([name, value]) => {
    const property = schema.properties?.[name];
    return [name, property ? valueIn(property, value, false) : value];
  });
  return Object.fromEntries(known.filter(([, value]) => value !== undefined));
}

function isEmpty(value) {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}
