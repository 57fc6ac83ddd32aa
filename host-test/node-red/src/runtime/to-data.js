/** The value as a JSON text. Throws where something of it would get lost on the way. */
export function toData(value) {
  return JSON.stringify(value, (_, part) => {
    if (typeof part === 'function' || typeof part === 'symbol') throw new TypeError(`a ${typeof part} is no data`);
    // JSON would make it null, and null is as good as left out.
    if (typeof part === 'number' && !Number.isFinite(part)) throw new TypeError(`${part} is no number`);
    return part;
  });
}
