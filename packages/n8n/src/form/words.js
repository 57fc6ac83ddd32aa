/** Texts of the manifest in one language, as n8n's forms write them. */
import { say } from '../texts.js';

const LOCALE = 'zh-CN';

/** The translations of an action, or of a connection; none in English, which stands in the schemas. */
export function translationsOf(locales, language, kind, id) {
  return language === 'zh' ? locales[LOCALE]?.[kind]?.[id] : undefined;
}

/** Title, description, hint and example of a property. */
export function wordsOf(name, schema, translation, language) {
  return {
    title: translation?.title ?? schema.title ?? name,
    description: plain(translation?.description ?? schema.description, language),
    hint: plain(translation?.hint ?? schema['x-ui']?.hint, language),
    placeholder: placeholderOf(schema, translation, language),
  };
}

/** What a choice is called. */
export function choiceName({ const: value, title }, translation) {
  return translation?.choices?.[value] ?? title;
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
  if (language === 'zh') return label;
  const words = withoutArticles(label).split(' ');
  const isSmall = (word, index) => index > 0 && SMALL.includes(word);
  return words.map((word, index) => (isSmall(word, index) ? word : word[0].toUpperCase() + word.slice(1))).join(' ');
}

/** The same as what a person looks for in the list of actions: `Push text message`. */
export function actionName(label, language) {
  return language === 'zh' ? label : withoutArticles(label);
}

const SMALL = ['and', 'as', 'at', 'by', 'for', 'from', 'in', 'into', 'of', 'on', 'or', 'to', 'with', 'its'];

function withoutArticles(label) {
  const words = label.split(' ').filter((word) => !['a', 'an', 'the'].includes(word.toLowerCase()));
  return [words[0][0].toUpperCase() + words[0].slice(1), ...words.slice(1)].join(' ');
}

/** A first example that people who read this language understand. */
function placeholderOf(schema, translation, language) {
  const [example] = translation?.examples ?? schema.examples ?? [];
  if (example === undefined || [example].flat().some((entry) => typeof entry === 'object')) return undefined;
  const text = [example].flat().join(', ');
  if (text.includes('\n') || text.length > 60 || (language !== 'zh' && /\p{Script=Han}/u.test(text))) return undefined;
  return say(language, 'example', { example: text });
}
