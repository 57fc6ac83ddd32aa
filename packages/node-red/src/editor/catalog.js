/** Texts of the manifest and of this package by language, in the shape of Node-RED's message catalogs. */
import { labelOf } from 'wecom-connector/palette';
import { connectionTypes } from '../nodes/connections.js';
import { texts } from './texts.js';

/**
 * The languages of the manifest, with the folders in which Node-RED looks for them. `zh` is where a browser that asks
 * for another Chinese (zh-TW, zh-HK) ends up.
 */
export const languages = [
  { language: 'en', tag: 'en-US', folders: ['en-US'] },
  { language: 'zh', tag: 'zh-CN', folders: ['zh-CN', 'zh'] },
];

/** @param {{ language: string, tag: string }} of One of the languages. */
export function catalog(manifest, { language, tag }) {
  const local = manifest.locales[tag];
  const { help: _, heading: __, nodes, ...ui } = texts[language];
  const { callback } = manifest;
  const ofCallbacks = callback.locales[tag];
  return {
    // Tells the browser code, and through it the nodes, which of the catalogs is in use.
    language: tag,
    palette: { label: { wecom: manifest.title[language] } },
    package: manifest.title[language],
    groups: byId(manifest.groups, ({ title }) => title[language]),
    connections: Object.fromEntries(
      connectionTypes(manifest).map(({ type, title, schema }) => {
        const translation = local?.connection_types[type] ?? ofCallbacks?.connection_type;
        return [
          type,
          {
            title: title[language],
            label: language === 'zh' ? manifest.title.zh + title.zh : `${manifest.title.en} ${title.en}`,
            ...described(schema, translation),
            properties: propertyTexts(schema, translation?.properties, language),
          },
        ];
      }),
    ),
    actions: byId(manifest.actions, (action) => {
      const translation = local?.actions[action.id];
      const label = labelOf(action, language);
      const heading = manifest.groups.find(({ id }) => id === action.group)?.title[language] ?? '';
      return {
        title: action.title[language],
        label,
        short: underHeading(label, heading, language),
        description: action.description[language],
        parameters: propertyTexts(action.parameters, translation?.parameters, language),
        output: propertyTexts(action.output, translation?.output, language),
      };
    }),
    // Of the nodes that receive, and what these can receive.
    callback: {
      heading: callback.connection_type.title[language],
      nodes,
      sources: byId(callback.sources, ({ title }) => title[language]),
      events: Object.fromEntries(
        callback.events.map(({ source, topic, title, description }) => [
          `${source}/${topic}`,
          { title: title[language], description: description[language] },
        ]),
      ),
      reply: propertyTexts(callback.reply, ofCallbacks?.reply.properties, language),
    },
    ui,
  };
}

function byId(entries, text) {
  return Object.fromEntries(entries.map((entry) => [entry.id, text(entry)]));
}

/** A label without what the heading above it says already: `by chatbot`, `到群聊`. */
function underHeading(label, heading, language) {
  const { before, after } = texts[language].heading;
  const [, begin] = label.match(before) ?? [];
  const [, end] = label.match(after) ?? [];
  if (begin && heading.includes(begin)) return label.replace(before, '');
  return end && heading.includes(end) ? label.replace(after, '') : label;
}

/** A first example that people who read this language understand; IDs, numbers and links are the same for all. */
function exampleOf(schema, translation, language) {
  const [example] = translation?.examples ?? schema.examples ?? [];
  // A record has an example for each of its fields.
  if ([example].flat().some((entry) => typeof entry === 'object')) return '';
  const text = Array.isArray(example) ? example.join(', ') : String(example ?? '');
  return language !== 'zh' && /\p{Script=Han}/u.test(text) ? '' : text;
}

function described(schema, translation) {
  return {
    description: translation?.description ?? schema.description,
    hint: translation?.hint ?? schema['x-ui']?.hint,
  };
}

/** The texts of each property, in the translation or as they stand in the schema. */
function propertyTexts(schema, translations, language) {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => {
      const translation = translations?.[name];
      const result = {
        title: translation?.title ?? property.title ?? name,
        ...described(property, translation),
        example: exampleOf(property, translation, language),
      };
      const choices = property.oneOf ?? property.items?.oneOf;
      if (choices) {
        result.choices = Object.fromEntries(
          choices.map((choice) => [choice.const, translation?.choices?.[choice.const] ?? choice.title]),
        );
      }
      const inner = property.properties ? property : property.items;
      if (inner?.properties) result.properties = propertyTexts(inner, translation?.properties, language);
      return [name, result];
    }),
  );
}
