/** Records inside the parameters of an action, and lists of them: the same in the editor and where flows run. */

/** Types of fields that have fields inside them. */
export const GROUPS = ['record', 'records'];

/** Whether the value that a schema describes has fields of its own. */
export function isRecord(schema) {
  return schema?.type === 'object' && schema.properties !== undefined;
}

/** The fields of each entry of a list of records; a flow that was written by hand may have one without the list. */
export function entryFields(value) {
  return [value ?? []].flat().map((entry) => entry ?? {});
}

/** A record of which nothing is filled in is left out. */
export function recordOf(values) {
  return Object.keys(values).length > 0 ? values : undefined;
}
