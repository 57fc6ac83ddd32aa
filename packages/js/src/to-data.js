import { isBytes } from './files.js';

/** What keeps a value from being JSON. */
export class NotJson extends Error {
  /** @param {string} pointer JSON pointer to the part that is at fault. */
  constructor(pointer, reason) {
    super(reason);
    this.pointer = pointer;
  }
}

/** Far more than any action has, and few enough for what goes through it. */
const deepest = 32;

/** The value as a JSON text. Throws a NotJson where something of it would get lost on the way. */
export function toData(value) {
  let text;
  let failure;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    failure = { reason: reasonOf(error) };
  }
  const found = lost(() => value, failure && new Set());
  if (found) throw new NotJson(found.path.map((key) => `/${escaped(key)}`).join(''), found.reason);
  if (failure) throw new NotJson('', failure.reason);
  // By a `toJSON` of its own.
  if (text === undefined) throw new NotJson('', 'undefined');
  return text;
}

/**
 * The first part that JSON has no form for, or that cannot be read, and the way to it.
 *
 * @param {() => unknown} read
 * @param {Set<object>} [around] What the value lies in; none where it is known to lie in nothing twice.
 */
function lost(read, around, depth = 0) {
  try {
    const value = read();
    if (['function', 'symbol', 'bigint'].includes(typeof value)) return { path: [], reason: typeof value };
    // JSON would make it null, and null is as good as left out.
    if (typeof value === 'number' && !Number.isFinite(value)) return { path: [], reason: String(value) };
    if (typeof value !== 'object' || value === null) return undefined;
    if (around?.has(value)) return { path: [], reason: 'circular' };
    // JSON would make it `{}`, or an object with a field for each byte.
    if (value instanceof Map || value instanceof Set || isBytes(value)) {
      return { path: [], reason: value.constructor.name };
    }
    if (typeof value.toJSON === 'function') return undefined;
    if (depth > deepest) return { path: [], reason: 'nested too deep' };
    around?.add(value);
    for (const key of Object.keys(value)) {
      const found = lost(() => value[key], around, depth + 1);
      if (found) return { ...found, path: [key, ...found.path] };
    }
    around?.delete(value);
    return undefined;
  } catch (error) {
    return { path: [], reason: reasonOf(error) };
  }
}

/** What a getter, a proxy or JSON itself has thrown, which may be anything. */
function reasonOf(error) {
  try {
    // The first line: the others draw the way through the value, with its keys.
    return String(error?.message ?? error).split('\n')[0];
  } catch {
    return 'unreadable';
  }
}

function escaped(key) {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
