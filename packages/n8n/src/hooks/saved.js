/** What n8n has saved of an execution: JSON by “flatted”, a list of values that name each other by their place. */

/** Gives the error of a saved execution another text, and changes nothing else. */
export async function changeMessage(manager, executionId, before, after) {
  const row = await manager.findOneBy('ExecutionData', { executionId });
  if (!row) throw new Error('its data is not in the database');
  const data = withMessage(row.data, before, after);
  if (data === row.data) return;
  // Unless somebody else has changed it meanwhile.
  const { affected } = await manager.update('ExecutionData', { executionId, data: row.data }, { data });
  if (affected === 0) throw new Error('its data was changed by another process');
}

/** @throws {Error} Where it has another form, or another text. */
export function withMessage(saved, before, after) {
  const values = JSON.parse(saved);
  const at = (object, field) => values[Number(object?.[field])];
  const error = at(at(values[0], 'resultData'), 'error');
  const message = at(error, 'message');
  if (message === after) return saved;
  if (message !== before) throw new Error('its data has a form that this version of the package does not know');
  // A place of its own: others may name the old text, too.
  error.message = String(values.push(after) - 1);
  return JSON.stringify(values);
}
