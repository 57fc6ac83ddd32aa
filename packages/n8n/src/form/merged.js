import { isDeepStrictEqual } from 'node:util';

/**
 * The fields of all operations, where those that several operations have in the same words are one. n8n goes through all
 * fields of a node at each run, many times: fewer of them cost each run less.
 *
 * @param {object[][]} forms The fields of each operation, in the order of its form, with what they are shown for.
 * @returns {object[]} In each operation's order.
 */
export function merged(forms) {
  const all = [];
  for (const fields of forms) {
    let at = 0;
    for (const field of fields) {
      // Before that place there are fields that come before this one.
      const found = all.findIndex((other, index) => index >= at && isSame(other, field));
      if (found === -1) all.splice(at, 0, field);
      else all[found] = { ...field, displayOptions: { show: both(all[found], field) } };
      at = (found === -1 ? at : found) + 1;
    }
  }
  return all;
}

function isSame({ displayOptions: _, ...one }, { displayOptions: __, ...other }) {
  return one.name === other.name && isDeepStrictEqual(one, other);
}

/** What either is shown for. An operation belongs to one resource, so that no pair comes in that nobody has named. */
function both({ displayOptions: one }, { displayOptions: other }) {
  const names = Object.keys(one.show);
  return Object.fromEntries(names.map((name) => [name, [...new Set([...one.show[name], ...other.show[name]])]]));
}
