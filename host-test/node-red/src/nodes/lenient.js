/**
 * What the connector takes for more than one way to write it, so that the form and the nodes say the same of it before it
 * gets there. Used in the editor, too.
 */

/** What parts the entries of a list that is written as one text. */
const SEPARATORS = /[,|;，、；｜\r\n\t]/;

/** White space, and what cannot be seen: control characters, marks of direction, byte order marks. */
const EDGE = /^[\s\p{Cc}\p{Cf}]+|[\s\p{Cc}\p{Cf}]+$/gu;

export function trimmed(text) {
  return text.replace(EDGE, '');
}

/** Digits and signs as a Chinese keyboard in full-width mode writes them become those that every machine reads. */
export function halfWidth(text) {
  return text.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

/** The number that a text writes, or the text itself, which is then refused as such: also where a number would lose digits. */
export function numberIn(text) {
  if (typeof text !== 'string') return text;
  const digits = halfWidth(trimmed(text));
  if (!/^[+-]?\d+(\.\d+)?$/.test(digits)) return text;
  const number = Number(digits);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}

/** Whether that parts entries of a list; `own` is the separator that the schema names. */
export function isSeparator(character, own) {
  return SEPARATORS.test(character) || character === own;
}

/** The entries of a list that is written as one text; empty ones are none. */
export function entriesOf(text, own) {
  return [...text]
    .map((character) => (isSeparator(character, own) ? '\n' : character))
    .join('')
    .split('\n')
    .map(trimmed)
    .filter(Boolean);
}
