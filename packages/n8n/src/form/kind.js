/** What kind of field a property is: for the form that draws it, and for the node that reads it. */
export function kindOf(schema) {
  const ui = schema['x-ui'] ?? {};
  if (ui.widget === 'file') return 'file';
  if (schema.type === 'object') return 'record';
  if (schema.type === 'array' && schema.items?.type === 'object') return 'records';
  if (schema.oneOf) return 'choice';
  if (schema.type === 'array') return ui.optionsFrom ? 'many' : 'list';
  if (ui.optionsFrom) return 'one';
  if (schema.contentMediaType === 'application/json') return 'json';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  return 'text';
}

/** What may be left empty where it stands. A number cannot, and counts as soon as it is there. */
export function canBeEmpty(schema) {
  return kindOf(schema) !== 'number';
}

function isOneLine(schema) {
  return canBeEmpty(schema) && !['record', 'records'].includes(kindOf(schema));
}

/** The groups that n8n's nested collections want between a field and what is in it. */
export const RECORD = 'fields';
export const RECORDS = 'entries';
/** The collection of what need not be filled in. */
export const MORE = 'additionalFields';
/** Parameters as JSON: n8n lets no expression bring a whole list of records. */
export const AS_JSON = 'parametersAsJson';
/** What stands in the place of a value where a list says that it was cut. No ID is like it, and no action gets it. */
export const CUT = '…';
/** Where the file of the output goes. */
export const OUTPUT_FILE = 'outputBinaryField';

/**
 * The fields that stand in the form at once, and those in the collection: what is required, also only under a condition,
 * stands at once. In a record so does what is one line and can be left empty.
 */
export function partFields(schema, { isRecord = false } = {}) {
  const known = parted[Number(isRecord)];
  if (!known.has(schema)) known.set(schema, parts(schema, isRecord));
  return known.get(schema);
}

/** By schema: each item asks for it. */
const parted = [new WeakMap(), new WeakMap()];

function parts(schema, isRecord) {
  const demanded = new Set(schema.required ?? []);
  const conditional = new Set(namedByConditions(schema));
  const mayStandThere = (name, property) =>
    (conditional.has(name) && canBeEmpty(property)) || (isRecord && isOneLine(property));
  const isFirst = ([name, property]) =>
    demanded.has(name) || (property['x-ui']?.group !== 'advanced' && mayStandThere(name, property));
  const entries = Object.entries(schema.properties ?? {});
  return { first: entries.filter(isFirst), more: entries.filter((entry) => !isFirst(entry)) };
}

function namedByConditions(schema) {
  const inside = (part) =>
    part
      ? [...(part.required ?? []), ...KEYWORDS.flatMap((keyword) => [part[keyword] ?? []].flat().flatMap(inside))]
      : [];
  return KEYWORDS.flatMap((keyword) => [schema[keyword] ?? []].flat().flatMap(inside));
}

const KEYWORDS = ['if', 'then', 'else', 'not', 'anyOf', 'allOf', 'oneOf'];

/** The parameter that names a file, where the action takes one: the file may have a name of its own. */
export function namesFile(name, schema) {
  const isFile = (property) => kindOf(property) === 'file';
  return name === 'file_name' && Object.values(schema.properties ?? {}).some(isFile);
}

/** Whether any parameter is a record, or a list of them. */
export function hasRecords(schema) {
  return Object.values(schema.properties ?? {}).some((property) => ['record', 'records'].includes(kindOf(property)));
}

/** Where in an output a file is, and its name. */
export function fileInOutput({ properties = {} }) {
  return properties.content && properties.file_name ? { content: 'content', name: 'file_name' } : undefined;
}
