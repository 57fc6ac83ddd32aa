/** Texts of the manifest in one language, as n8n's forms write them. */
import { say } from '../texts.js';

export const LOCALE = 'zh-CN';

/** The translations of an action, or of a connection; none in English, which stands in the schemas. */
export function translationsOf(locales, language, kind, id) {
  return language === 'zh' ? locales[LOCALE]?.[kind]?.[id] : undefined;
}

/** Title, description, hint and example of a property. */
export function wordsOf(name, schema, translation, language) {
  return {
    title: titleCase(translation?.title ?? schema.title ?? name, language),
    description: html(plain(translation?.description ?? schema.description, language)),
    hint: plain(translation?.hint ?? schema['x-ui']?.hint, language),
    placeholder: placeholderOf(schema, translation, language),
  };
}

/** What a choice is called. */
export function choiceName({ const: value, title }, translation, language) {
  return titleCase(translation?.choices?.[value] ?? title, language);
}

/** n8n writes one sentence without its full stop. */
export function plain(text, language) {
  if (text === undefined) return undefined;
  const stop = language === 'zh' ? '。' : '.';
  const isOne = text.endsWith(stop) && !text.slice(0, -1).includes(language === 'zh' ? stop : '. ');
  return isOne ? text.slice(0, -1) : text;
}

/** `Push a text message` as the name of an option: `Push Text Message`. Chinese stays as it is. */
export function optionName(label, language) {
  return titleCase(actionName(label, language), language);
}

/** The same as what a person looks for in the list of actions: `Push text message`. */
export function actionName(label, language) {
  if (language === 'zh') return label;
  const words = label.split(' ').filter((word) => !['a', 'an', 'the'].includes(word.toLowerCase()));
  return capital(words.join(' '));
}

/** As n8n writes names; Chinese has no case. */
export function titleCase(text, language) {
  if (language === 'zh') return text;
  const isSmall = (word, index, { length }) => index > 0 && index < length - 1 && SMALL.has(word);
  const words = text.split(' ').map((word, ...place) => (isSmall(word, ...place) ? word : capital(word)));
  return words.join(' ').replace(/-[a-z]/g, (part) => part.toUpperCase());
}

/** What n8n's linter leaves small. */
const SMALL = new Set(
  'a an and as at but by for if in nor of on only or over per so some than that the to up via when with yet'.split(' '),
);

function capital(word) {
  return word && word[0].toUpperCase() + word.slice(1);
}

/** n8n takes descriptions for HTML. */
export function html(text) {
  return text?.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A first example that people who read this language understand. */
function placeholderOf(schema, translation, language) {
  const [example] = translation?.examples ?? schema.examples ?? [];
  if (example === undefined || [example].flat().some((entry) => typeof entry === 'object')) return undefined;
  const text = [example].flat().join(', ');
  if (text.includes('\n') || text.length > 60 || (language !== 'zh' && /\p{Script=Han}/u.test(text))) return undefined;
  return say(language, 'example', { example: text });
}
