/** Fills in the form as a person would, so that the node has these parameters. */

/** The value of each field of the form, for an action with its parameters as the connector has them. */
export function filledIn(description, action, parameters, files = {}) {
  const ownFields = description.properties.filter(({ displayOptions }) =>
    displayOptions?.show.operation?.includes(action.id),
  );
  return { resource: action.group, operation: action.id, ...fill(ownFields, parameters, files) };
}

function fill(fields, values, files) {
  const filled = {};
  const left = new Set(Object.keys(values));
  for (const field of fields) {
    if (field.name === 'additionalFields') continue;
    filled[field.name] = field.default;
    if (!left.delete(field.name)) continue;
    filled[field.name] = valueFor(field, values[field.name], files);
  }
  const more = fields.find(({ name }) => name === 'additionalFields');
  if (more) {
    filled.additionalFields = {};
    for (const field of more.options) {
      if (left.delete(field.name)) filled.additionalFields[field.name] = valueFor(field, values[field.name], files);
    }
  }
  if (left.size > 0) throw new Error(`the form has no field for ${[...left].join(', ')}`);
  return filled;
}

function valueFor(field, value, files) {
  if (field.name in files) return files[field.name];
  if (field.type === 'resourceLocator') return { __rl: true, mode: 'id', value: String(value) };
  if (field.type === 'multiOptions') return [value].flat();
  if (field.type === 'options') {
    if (!field.options.some((option) => option.value === value))
      throw new Error(`${field.name} does not offer ${value}`);
    return value;
  }
  if (field.type === 'fixedCollection') {
    const [{ name, values }] = field.options;
    const records = [value].flat().map((record) => fill(values, record, files));
    return { [name]: Array.isArray(value) ? records : records[0] };
  }
  if (Array.isArray(value)) return value.join(', ');
  return value;
}
