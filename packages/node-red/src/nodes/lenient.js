/**
 * What the connector takes for more than one way to write it, so that the form and the nodes say the same of it before it
 * gets there. Used in the editor, too. It is src/tidy.rs of the connector once more: the same characters, the same order,
 * and test/unit/agreement.test.js holds both to one table.
 */

/** What parts the entries of a list that is written as one text. */
const SEPARATORS = /[,|;，、；｜\r\n\t]/;

/**
 * White space, control characters, and what cannot be seen. Not Unicode's whole category Cf: the signs before Arabic
 * numbers are seen, and tags are the end of a flag. And not what begins a terminal's escape sequence: without its ESC,
 * `[1m` would be left of it, which looks like a text.
 */
const AT_EDGES =
  '[\\s\\u0000-\\u001a\\u001c-\\u001f\\u007f-\\u009a\\u009c-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]+';
const EDGE = new RegExp(`^${AT_EDGES}|${AT_EDGES}$`, 'g');

/** What stands around a value that was copied out of a program, a chat or an environment file. */
const QUOTES = /^["'`“”‘’＂「」『』<>]+|["'`“”‘’＂「」『』<>]+$/g;

/** A terminal's escape sequences (ECMA-48); of one that has no end, its beginning. */
const SEQUENCES = new RegExp(
  [
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?',
    // A title, a link or the like ends with BEL or ESC \.
    '\\u001b[\\]PX^_](?:[^\\u0007\\u001b\\u009c\\n]*(?:\\u001b\\\\|[\\u0007\\u009c]|(?=[\\u001b\\n])))?',
    '\\u001b[ -/]*[0-~]?',
  ].join('|'),
  'g',
);

export function trimmed(text) {
  return text.replace(EDGE, '');
}

/** The same for a credential, an address or a number: quotes go, too. */
export function bare(text) {
  let rest = trimmed(text);
  for (let before; rest !== before; ) {
    before = rest;
    rest = trimmed(rest.replace(QUOTES, ''));
  }
  return rest;
}

/** Words for people without escape sequences and control characters; in one line, line breaks and tabs are a blank. */
export function withoutControls(text, { lines }) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  const left = text.replace(SEQUENCES, '').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '');
  return lines ? left : left.replace(/ ?[\n\r\t]+/g, ' ');
}

/** Digits and signs as a Chinese keyboard in full-width mode writes them become those that every machine reads. */
export function halfWidth(text) {
  return text.replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
}

/**
 * The whole number that a text writes, or the text itself, which is then refused as such: also where a number would lose
 * digits. A spreadsheet makes 1000002.0 of an ID. What is below 0 is refused as a number, so that the fault names the
 * limit.
 */
export function numberIn(text) {
  if (typeof text !== 'string') return text;
  const digits = halfWidth(bare(text));
  if (!/^-?\d+(\.0+)?$/.test(digits)) return text;
  const number = Number(digits);
  // JSON has no -0, and would make a 0 of it.
  return Number.isSafeInteger(number) && !Object.is(number, -0) ? number : text;
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
