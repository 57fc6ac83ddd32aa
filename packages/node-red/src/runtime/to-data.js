/** The value as a JSON text. Throws where something of it would get lost on the way; the message names what. */
export function toData(value) {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'function' || typeof part === 'symbol') throw new TypeError(typeof part);
    // JSON would make it null, and null is as good as left out.
    if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError(String(part));
    return part;
  });
}
