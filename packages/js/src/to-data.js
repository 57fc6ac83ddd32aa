/** What keeps a value from being JSON. */
export class NotJson extends Error {
  /** @param {string} pointer JSON pointer to the part that is at fault. */
  constructor(pointer, reason) {
    super(reason);
    this.pointer = pointer;
  }
}

/** The value as a JSON text. Throws a NotJson where something of it would get lost on the way. */
export function toData(value) {
  const pointers = new Map();
  const replacer = function (key, part) {
    const given = this[key];
    const pointer = pointers.has(this) ? `${pointers.get(this)}/${escaped(key)}` : '';
    const reason = lost(given, part);
    if (reason) throw new NotJson(pointer, reason);
    if (typeof part === 'object' && part !== null) pointers.set(part, pointer);
    return part;
  };
  try {
    return JSON.stringify(value, replacer);
  } catch (error) {
    if (error instanceof NotJson) throw error;
    // The first line: the others draw the way through the value, with its keys.
    throw new NotJson('', String(error?.message ?? error).split('\n')[0]);
  }
}

function lost(given, part) {
  if (['function', 'symbol', 'bigint'].includes(typeof part)) return typeof part;
  // JSON would make it null, and null is as good as left out.
  if (typeof part === 'number' && !Number.isFinite(part)) return String(part);
  // JSON would make it `{}`, or an object with a field for each byte.
  if (given instanceof Map || given instanceof Set || ArrayBuffer.isView(given)) return given.constructor.name;
  return undefined;
}

function escaped(key) {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
