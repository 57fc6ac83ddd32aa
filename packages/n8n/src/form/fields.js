/** Fields of n8n's forms from the schemas of the manifest. */
import { methodName } from '../options.js';
import { say } from '../texts.js';
import { kindOf, MORE, namesFile, partFields, RECORD, RECORDS } from './kind.js';
import { choiceName, wordsOf } from './words.js';

/**
 * The fields for an object of that schema: what stands there at once, and the collection of the others.
 *
 * @param {object} [translations] By name of the property.
 * @param {object[]} [options.others] Fields for the collection that are no properties.
 */
export function fieldsOf(schema, translations, language, { others = [], isRecord = false } = {}) {
  const { first, more } = partFields(schema, { isRecord });
  const required = new Set(schema.required ?? []);
  const field = ([name, property], isRequired) => {
    const isOwnName = namesFile(name, schema);
    return fieldOf(name, property, translations?.[name], {
      language,
      isRequired: isRequired && !isOwnName,
      notes: isOwnName ? [say(language, 'nameOfFile')] : [],
    });
  };
  const fields = first.map((entry) => field(entry, required.has(entry[0])));
  const options = [...more.map((entry) => field(entry, false)), ...others];
  if (options.length > 0) {
    fields.push({
      displayName: say(language, 'additionalFields'),
      name: MORE,
      type: 'collection',
      placeholder: say(language, 'addField'),
      default: {},
      options: sorted(options, 'displayName', language),
    });
  }
  return fields;
}

/** In the order of the alphabet, as n8n has them; Chinese stays in the manifest's. */
export function sorted(entries, key, language) {
  return language === 'zh' ? entries : entries.toSorted((a, b) => (a[key] < b[key] ? -1 : 1));
}

/** How a file is written in JSON: here it comes as it is. */
const ENCODING = /,? in Base64,? or as a data: URL|[，的]?用?Base64(?:编码，或data: URL|或data:链接表示)/;

function fieldOf(name, schema, translation, { language, isRequired, notes }) {
  const { title, description, hint, placeholder } = wordsOf(name, schema, translation, language);
  const kind = kindOf(schema);
  const ui = schema['x-ui'] ?? {};
  const hints = [hint, ...notes, ui.clear ? say(language, 'clears') : undefined];
  const base = { displayName: title, name };
  const rest = () => ({
    ...(isRequired && { required: true }),
    ...(description && { description }),
    ...hinted(hints, language),
  });
  switch (kind) {
    case 'file':
      return {
        displayName: say(language, 'inputFile'),
        name,
        type: 'string',
        default: 'data',
        ...(isRequired && { required: true }),
        description: say(language, 'inputFileMeaning'),
        hint: description.replace(ENCODING, ''),
      };
    case 'record':
    case 'records': {
      const isList = kind === 'records';
      const inner = isList ? schema.items : schema;
      return {
        ...base,
        type: 'fixedCollection',
        ...(isList && { typeOptions: { multipleValues: true } }),
        placeholder: say(language, isList ? 'addEntry' : 'addField'),
        default: {},
        ...rest(),
        options: [
          {
            displayName: isList ? title : say(language, 'fields'),
            name: isList ? RECORDS : RECORD,
            values: fieldsOf(inner, translation?.properties, language, { isRecord: true }),
          },
        ],
      };
    }
    case 'choice': {
      const choices = schema.oneOf.map((choice) => ({
        name: choiceName(choice, translation, language),
        value: choice.const,
      }));
      const options = isRequired ? choices : [{ name: say(language, 'notSet'), value: '' }, ...choices];
      return { ...base, type: 'options', options, default: options[0].value, ...rest() };
    }
    case 'many': {
      const typeOptions = { loadOptionsMethod: methodName(ui.optionsFrom, schema) };
      const names = { displayName: say(language, 'namesOrIds', { title }) };
      const field = { ...base, ...names, type: 'multiOptions', typeOptions, default: [] };
      // What n8n says of every such list takes the place of the description.
      hints.unshift(description);
      return { ...field, ...rest(), description: say(language, 'chooseOrSpecify') };
    }
    case 'one':
      return {
        ...base,
        type: 'resourceLocator',
        default: { mode: 'list', value: '' },
        ...rest(),
        modes: [
          {
            displayName: say(language, 'fromList'),
            name: 'list',
            type: 'list',
            placeholder: say(language, 'choose'),
            typeOptions: { searchListMethod: methodName(ui.optionsFrom, schema), searchable: true },
          },
          { displayName: say(language, 'byId'), name: 'id', type: 'string', ...(placeholder && { placeholder }) },
        ],
      };
    case 'list':
      hints.push(say(language, 'several'));
      return { ...base, type: 'string', default: '', ...(placeholder && { placeholder }), ...rest() };
    case 'json':
      return { ...base, type: 'json', default: '', ...rest() };
    case 'number':
      if (name === 'limit') {
        hints.unshift(description);
        const most = { typeOptions: { minValue: 1 }, default: 50 };
        return { ...base, type: 'number', ...most, ...rest(), description: say(language, 'limit') };
      }
      return { ...base, type: 'number', default: schema.minimum ?? 0, ...rest() };
    default: {
      const typeOptions = ui.widget === 'textarea' && { typeOptions: { rows: 4 } };
      return { ...base, type: 'string', ...typeOptions, default: '', ...(placeholder && { placeholder }), ...rest() };
    }
  }
}

function hinted(hints, language) {
  const said = hints.filter(Boolean);
  if (said.length === 0) return {};
  const stop = language === 'zh' ? '。' : '. ';
  return { hint: said.map((hint) => hint.replace(/[.。]$/, '')).join(stop) };
}
