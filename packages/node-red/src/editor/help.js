/** The help that Node-RED shows beside the editor: one page for each type of node. */
import { connectionTypes } from '../nodes/connections.js';
import { texts } from './texts.js';

/**
 * Cases of the component's error that it says it never returns, and that a flow need not switch on.
 * They are there for engines that demand them.
 */
const NEVER_RETURNED = ['execution-failed'];

/** @returns {string} all pages of a language, as Node-RED expects them in `locales/<language>/<set>.html` */
export function helpPages(manifest, { language }, catalog) {
  const pages = [
    ...connectionTypes(manifest).map((type) => [`wecom-${type.type}`, connectionPage(type, language, catalog)]),
    ['wecom-event', eventPage(manifest, language, catalog)],
    ['wecom-reply', replyPage(manifest, language, catalog)],
    ...manifest.actions.map((action) => [`wecom-${action.id}`, actionPage(action, manifest, language, catalog)]),
  ];
  return pages
    .map(([type, page]) => `<script type="text/html" data-help-name="${type}">\n${page}\n</script>\n`)
    .join('');
}

function actionPage(action, manifest, language, catalog) {
  const say = sayer(language);
  const words = catalog.actions[action.id];
  const connection = catalog.connections[action.connection_type];
  const secret = connection.properties[action.secret]?.title ?? action.secret;
  const outputs = Object.keys(action.output.properties ?? {});
  const guard = words.parameters[action.idempotent_with]?.title;
  const repeats = action.idempotent ? 'repeatable' : guard ? 'repeatableWith' : 'notRepeatable';
  return [
    `<p>${html(words.description)}</p>`,
    `<h3>${say('inputs')}</h3>`,
    `<p>${say('inputsIntro')}</p>`,
    properties(action.parameters, words.parameters, language, action.parameters.required ?? []),
    `<h3>${say('outputs')}</h3>`,
    `<p>${say(outputs.length > 0 ? 'outputsIntro' : 'noOutput')}</p>`,
    properties(action.output, words.output, language),
    `<h3>${say('errors')}</h3>`,
    `<p>${say('errorsIntro')}</p>`,
    list(
      manifest.error_cases.filter(({ id }) => !NEVER_RETURNED.includes(id)),
      ({ id, meaning }) => `<code>${id}</code> ${html(meaning[language])}`,
    ),
    `<p>${say('errorFields')}</p>`,
    list(manifest.error_categories, ({ id, title }) => `<code>${id}</code> ${html(title[language])}`),
    `<h3>${say('details')}</h3>`,
    `<p>${say('usesConnection', { connection: connection.title, secret })} ${say(repeats, { field: guard })}</p>`,
    `<h3>${say('reference')}</h3>`,
    `<ul><li><a href="${html(action.doc_url)}" target="_blank" rel="noreferrer">${say('vendorPage')}</a></li></ul>`,
  ].join('\n');
}

function connectionPage({ type, schema }, language, catalog) {
  const say = sayer(language);
  const words = catalog.connections[type];
  return [
    `<p>${html([words.description, words.hint].filter(Boolean).join(' '))}</p>`,
    `<h3>${say('connectionFields')}</h3>`,
    properties(schema, words.properties, language, schema.required ?? []),
  ].join('\n');
}

/** What the two nodes of callbacks say of themselves stands in the texts, section by section. */
function eventPage({ callback }, language, { callback: words }) {
  const { event } = texts[language].help;
  const events = callback.sources.map(({ id, title }) => {
    const found = callback.events.filter(({ source }) => source === id);
    const named = ({ topic }) => {
      const { title, description } = words.events[`${id}/${topic}`];
      return `${html(title)} <code>${html(topic)}</code><br>${html(description)}`;
    };
    return `<h4>${html(title[language])}</h4>${list(found, named)}`;
  });
  return [...sections(event), `<h3>${html(event.events)}</h3>`, ...events, reference(language, 90930)].join('\n');
}

function replyPage({ callback }, language, { callback: words }) {
  const { reply } = texts[language].help;
  const fields = properties(callback.reply, words.reply, language, callback.reply.required);
  return [...sections(reply), `<h3>${html(reply.fields)}</h3>`, fields, reference(language, 90241)].join('\n');
}

function sections({ about, sections }) {
  return [
    `<p>${html(about)}</p>`,
    ...sections.flatMap(({ title, text }) => [
      `<h3>${html(title)}</h3>`,
      ...[text].flat().map((part) => `<p>${html(part)}</p>`),
    ]),
  ];
}

function reference(language, page) {
  const say = sayer(language);
  const url = `https://developer.work.weixin.qq.com/document/path/${page}`;
  return `<h3>${say('reference')}</h3>\n<ul><li><a href="${url}" target="_blank" rel="noreferrer">${say('vendorPage')}</a></li></ul>`;
}

/**
 * Fields or outputs as Node-RED lists message properties; what has only one possible value is not a field.
 *
 * @param {string[]} [required] Names to mark; what an output always has needs no mark.
 */
function properties(schema, words, language, required) {
  const say = sayer(language);
  const comma = language === 'zh' ? '，' : ', ';
  const entries = Object.entries(schema.properties ?? {}).filter(([, property]) => property.const === undefined);
  if (entries.length === 0) return '';
  const rows = entries.map(([name, property]) => {
    const text = words[name];
    const marks = [
      required?.includes(name) ? say('requiredMark') : undefined,
      property['x-ui']?.group === 'advanced' ? say('advancedMark') : undefined,
    ].filter(Boolean);
    const notes = [text.description, text.hint, property.writeOnly ? say('secretStored') : undefined].filter(Boolean);
    const limits = limitWords(property, language);
    const title = `${html(text.title)} <code>${name}</code>`;
    const type = [typeWords(property, language), ...marks].join(comma);
    const choices = Object.entries(text.choices ?? {});
    return [
      `<dt>${title} <span class="property-type">${html(type)}</span></dt>`,
      `<dd>${notes.map(html).join('<br>')}`,
      limits.length > 0 ? `<br><i>${html(limits.join(comma))}</i>` : '',
      choices.length > 0 ? list(choices, ([value, label]) => `<code>${html(value)}</code> ${html(label)}`) : '',
      text.properties ? inside(property, text.properties, language, required) : '',
      '</dd>',
    ].join('');
  });
  return `<dl class="message-properties">\n${rows.join('\n')}\n</dl>`;
}

/** The fields of a record, or of the entries of a list; of an output none is marked. */
function inside(property, words, language, required) {
  const record = property.properties ? property : property.items;
  return properties(record, words, language, required && record.required);
}

function typeWords(property, language) {
  const { types } = texts[language].help;
  if (property.type !== 'array') return types[property.type] ?? property.type;
  return sayer(language)('listOf', { type: types[property.items?.type] ?? types.object });
}

function limitWords(property, language) {
  const say = (key, values) => fill(texts[language].help.limits[key], values);
  const ui = property['x-ui'] ?? {};
  const words = [];
  for (const [key, limit] of Object.entries({
    maxLength: property.maxLength,
    maxItems: property.maxItems,
    maxBytes: ui.maxBytes,
    maxCharacters: ui.maxCharacters,
  })) {
    if (limit !== undefined) words.push(say(key, { limit }));
  }
  if (property.minimum !== undefined && property.maximum !== undefined) {
    words.push(say('range', { minimum: property.minimum, maximum: property.maximum }));
  }
  if (ui.excess === 'cut') words.push(say('cut'));
  return words;
}

function sayer(language) {
  return (key, values) => html(fill(texts[language].help[key], values));
}

function fill(text, values = {}) {
  return text.replace(/__(\w+?)__/g, (_, name) => values[name]);
}

function list(entries, text) {
  return `<ul>${entries.map((entry) => `<li>${text(entry)}</li>`).join('')}</ul>`;
}

function html(text) {
  return String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
