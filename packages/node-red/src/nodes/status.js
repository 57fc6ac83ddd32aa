import { titleIn } from 'wecom-connector/palette';
import { say } from './texts.js';

/** A status has one line below its node; widths in Latin letters, of which a Chinese character takes two. */
const longest = 40;
/** Why something failed may reach below the next node: it is what a person looks for. */
const longestReason = 64;

export function running(language, count) {
  return { fill: 'blue', shape: 'dot', text: `${say(language, 'running')}${count > 1 ? ` (${count})` : ''}` };
}

/**
 * Green, or yellow where a list in the output of a write has entries: all went as asked only where there are none.
 * They name who was not reached, what was cut, what came into being besides.
 */
export function succeeded(output, { manifest, action, language }) {
  const titled = Object.entries(output).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  const translations = manifest.locales['zh-CN'].actions[action.id]?.output;
  const titleOf = (name) => titleIn(action.output, translations, name, language) ?? name;
  const words = ([name, value]) => say(language, 'output', { title: titleOf(name), value: size(value) });
  const lists = titled.filter(([, value]) => Array.isArray(value));
  if (action.effect !== 'read' && lists.length > 0) {
    return { fill: 'yellow', shape: 'dot', text: shorten(say(language, 'outputs', { outputs: lists.map(words) })) };
  }
  return { fill: 'green', shape: 'dot', text: shorten(titled.length > 0 ? words(titled[0]) : say(language, 'done')) };
}

/** Yellow where it may be repeated; a red ring where nobody knows whether it happened; else red. */
export function failed(error, language) {
  const looks = {
    retryable: { fill: 'yellow', shape: 'ring' },
    'permanent-outcome-unknown': { fill: 'red', shape: 'ring' },
  };
  const { code, brief = error.message } = error;
  // The code stays whole: it is what a person looks up.
  const room = longestReason - (code === undefined ? 0 : widthOf(say(language, 'kind', { brief: '', code })));
  const text = say(language, 'kind', { brief: shorten(brief, room), code });
  return { ...(looks[error.class] ?? { fill: 'red', shape: 'dot' }), text };
}

/** Any other text: of a node that waits for WeCom, and of what came. */
export function shows(fill, shape, text) {
  return { fill, shape, text: shorten(text, longestReason) };
}

function size(value) {
  return Array.isArray(value) ? value.length : String(value);
}

function shorten(text, room = longest) {
  if (widthOf(text) <= room) return text;
  let kept = '';
  for (const character of text) {
    if (widthOf(kept) + widthOf(character) + 1 > room) break;
    kept += character;
  }
  return `${kept}…`;
}

function widthOf(text) {
  return [...text].reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0);
}
