/** The description of the node, and of the credentials, as n8n wants them. */
import { say } from '../texts.js';
import { fieldsOf, sorted } from './fields.js';
import { AS_JSON, fileInOutput, hasRecords, MORE, OUTPUT_FILE } from './kind.js';
import { merged } from './merged.js';
import {
  actionName,
  choiceName,
  html,
  LOCALE,
  optionName,
  plain,
  titleCase,
  translationsOf,
  wordsOf,
} from './words.js';

/** The field of the trigger by which the workflow answers. */
export const IS_ANSWERED = 'isAnswered';
export const ICON = { light: 'file:wecom.svg', dark: 'file:wecom.dark.svg' };
const DOCUMENTATION = 'https://developer.work.weixin.qq.com/document/path/90664';

/** The name of a credential type of n8n: `weComApplicationApi`. */
export function credentialName(type) {
  return `weCom${type[0].toUpperCase()}${type.slice(1)}Api`;
}

/** The method of the node that tests credentials of that type. */
export function testName(type) {
  return `test${type[0].toUpperCase()}${type.slice(1)}`;
}

export function nodeDescription(manifest, language) {
  const groups = manifest.groups.filter(({ id }) => manifest.actions.some(({ group }) => group === id));
  const resources = groups.map(({ id, title }) => ({ name: optionName(title[language], language), value: id }));
  const resourceOptions = sorted(resources, 'name', language);
  // What most people come for: what begins with sending. Inviting a member is sending, too.
  const first = groups.find(({ id }) => manifest.actions.find(({ group }) => group === id).effect === 'send');
  return {
    displayName: manifest.title[language],
    name: 'weCom',
    icon: ICON,
    group: ['output'],
    version: 1,
    subtitle: '={{$parameter["operation"]}}',
    description: plain(manifest.description[language], language),
    defaults: { name: manifest.title[language] },
    usableAsTool: true,
    inputs: ['main'],
    outputs: ['main'],
    credentials: credentialsOf(manifest, groups),
    properties: [
      {
        displayName: say(language, 'resource'),
        name: 'resource',
        type: 'options',
        noDataExpression: true,
        options: resourceOptions,
        default: first.id,
      },
      ...groups.map((group) => operationsOf(manifest, group, language)),
      ...merged(manifest.actions.map((action) => parametersOf(manifest, action, language))),
    ],
  };
}

/**
 * Which credential is asked for, by resource. n8n's editor takes a field whose every choice shows some credential for a
 * choice of authentication, and hides it, with the fields that it depends on: so one of the types has what is left.
 */
function credentialsOf({ actions, connection_types }, groups) {
  const [main, ...others] = connection_types.map(({ type }) => type);
  const ofType = (type) => {
    const own = groups.filter(({ id }) =>
      actions.some((action) => action.group === id && action.connection_type === type),
    );
    return own.map(({ id }) => id);
  };
  const rest = others.flatMap(ofType);
  if (ofType(main).some((id) => rest.includes(id))) throw new Error('a group has actions of two types of connections');
  const credential = (type, displayOptions) => ({
    name: credentialName(type),
    required: true,
    testedBy: testName(type),
    displayOptions,
  });
  return [
    credential(main, { hide: { resource: rest } }),
    ...others.map((type) => credential(type, { show: { resource: ofType(type) } })),
  ];
}

function operationsOf(manifest, { id }, language) {
  const options = manifest.actions
    .filter(({ group }) => group === id)
    .map((action) => {
      const label = action.label[language];
      return {
        name: optionName(label, language),
        value: action.id,
        description: html(plain(action.description[language], language)),
        action: actionName(label, language),
      };
    });
  return {
    displayName: say(language, 'operation'),
    name: 'operation',
    type: 'options',
    noDataExpression: true,
    displayOptions: { show: { resource: [id] } },
    options: sorted(options, 'name', language),
    default: options[0].value,
  };
}

function parametersOf(manifest, action, language) {
  const translations = translationsOf(manifest.locales, language, 'actions', action.id)?.parameters;
  const others = hasRecords(action.parameters) ? [asJsonField(language)] : [];
  const fields = fieldsOf(action.parameters, translations, language, { others });
  if (fileInOutput(action.output)) {
    fields.push({
      displayName: say(language, 'outputFile'),
      name: OUTPUT_FILE,
      type: 'string',
      default: 'data',
      required: true,
      description: say(language, 'outputFileMeaning'),
    });
  }
  const show = { resource: [action.group], operation: [action.id] };
  return fields.map((field) => ({ ...field, displayOptions: { show } }));
}

function asJsonField(language) {
  return {
    displayName: say(language, 'asJson'),
    name: AS_JSON,
    type: 'json',
    default: '',
    description: say(language, 'asJsonMeaning'),
  };
}

/** What WeCom's callbacks begin. */
export function triggerDescription({ title, callback }, language) {
  const events = new Map(callback.events.map((event) => [event.topic, event]));
  const options = [...events.values()].map((event) => ({
    name: titleCase(event.title[language], language),
    value: event.topic,
    description: html(say(language, 'eventMeaning', { words: event.description[language], topic: event.topic })),
  }));
  const name = say(language, 'trigger', { title: title[language] });
  return {
    displayName: name,
    name: 'weComTrigger',
    icon: ICON,
    group: ['trigger'],
    version: 1,
    subtitle: '={{$parameter["events"].join(", ")}}',
    description: say(language, 'triggerMeaning'),
    defaults: { name },
    inputs: [],
    outputs: ['main'],
    credentials: [
      {
        name: credentialName(callback.connection_type.type),
        required: true,
        testedBy: testName(callback.connection_type.type),
      },
    ],
    webhooks: [
      // WeCom asks for the URL when it is saved, and sends to it afterwards.
      { name: 'setup', httpMethod: 'GET', responseMode: 'onReceived', path: 'wecom' },
      {
        name: 'default',
        httpMethod: 'POST',
        responseMode: `={{$parameter["${IS_ANSWERED}"] ? "responseNode" : "onReceived"}}`,
        path: 'wecom',
      },
    ],
    properties: [
      { displayName: say(language, 'howToListen'), name: 'howToListen', type: 'notice', default: '' },
      {
        displayName: say(language, 'events'),
        name: 'events',
        type: 'multiOptions',
        options: sorted(options, 'name', language),
        default: [],
        description: say(language, 'eventsMeaning'),
      },
      {
        displayName: say(language, 'isAnswered'),
        name: IS_ANSWERED,
        type: 'boolean',
        default: false,
        description: say(language, 'isAnsweredMeaning'),
      },
    ],
  };
}

/** What answers a callback while WeCom waits. */
export function replyDescription({ title, callback }, language) {
  const { type } = callback.connection_type;
  const name = say(language, 'reply', { title: title[language] });
  const { reply, locales } = callback;
  const translations = language === 'zh' ? locales[LOCALE]?.reply.properties : undefined;
  const others = [asJsonField(language)];
  /** The kinds of reply that have the field; all of them have what no kind is without. */
  const shown = ({ name: field }) => {
    const kinds = reply.else.allOf.filter(({ then }) => then.properties[field] !== false);
    return kinds.length < reply.else.allOf.length && kinds.map((kind) => kind.if.properties.msg_type.const);
  };
  const placed = (field, path) => {
    const kinds = shown(field);
    return kinds ? { ...field, displayOptions: { show: { [path]: kinds } } } : field;
  };
  const fields = fieldsOf(reply, translations, language, { others }).map((field) =>
    field.name === MORE
      ? { ...field, options: field.options.map((option) => placed(option, '/msg_type')) }
      : placed(field, 'msg_type'),
  );
  return {
    displayName: name,
    name: 'weComReply',
    icon: ICON,
    group: ['output'],
    version: 1,
    subtitle: '={{$parameter["msg_type"]}}',
    // Only a workflow answers a request, and no tool of it.
    usableAsTool: false,
    description: say(language, 'replyMeaning'),
    defaults: { name },
    inputs: ['main'],
    outputs: ['main'],
    credentials: [{ name: credentialName(type), required: true, testedBy: testName(type) }],
    properties: [
      { displayName: say(language, 'howToReply'), name: 'howToReply', type: 'notice', default: '' },
      ...fields,
    ],
  };
}

/** The types of connections, with that of callbacks: with the texts that each has in Chinese. */
export function connectionTypes({ connection_types, locales, callback }) {
  const translated = (type) => ({ ...type, translation: locales[LOCALE]?.connection_types[type.type] });
  const ofCallback = { ...callback.connection_type, translation: callback.locales[LOCALE]?.connection_type };
  return [...connection_types.map(translated), ofCallback];
}

/** What n8n shows for a connection: the fields of people, with those of the few behind a switch. */
export function credentialDescription(manifest, { type, title, schema, translation: chinese }, language) {
  const translation = language === 'zh' ? chinese : undefined;
  const entries = fieldsOfCredential(schema);
  const isMore = ([, property]) => property['x-ui']?.group === 'advanced';
  const field = (entry) => credentialField(entry, schema, translation?.properties, language);
  const more = entries.filter(isMore);
  return {
    name: credentialName(type),
    displayName: language === 'zh' ? `${manifest.title.zh}${title.zh}` : `${manifest.title.en} ${title.en} API`,
    documentationUrl: DOCUMENTATION,
    icon: { light: 'file:../nodes/WeCom/wecom.svg', dark: 'file:../nodes/WeCom/wecom.dark.svg' },
    properties: [
      ...entries.filter((entry) => !isMore(entry)).map(field),
      ...(more.length > 0
        ? [
            {
              displayName: say(language, 'moreFields'),
              name: 'moreFields',
              type: 'boolean',
              default: false,
              description: say(language, 'moreFieldsMeaning'),
            },
          ]
        : []),
      ...more.map((entry) => ({ ...field(entry), displayOptions: { show: { moreFields: [true] } } })),
      ...(type === 'chatbot'
        ? [{ displayName: say(language, 'unproved'), name: 'unproved', type: 'notice', default: '' }]
        : []),
    ],
  };
}

/** Without what n8n has by itself, the name of a credential, and what goes without saying. */
export function fieldsOfCredential(schema) {
  const own = (name, property) => property.const === undefined && !['name', 'description'].includes(name);
  return Object.entries(schema.properties).filter(([name, property]) => own(name, property));
}

function credentialField([name, schema], { required }, translations, language) {
  const { title, description, hint, placeholder } = wordsOf(name, schema, translations?.[name], language);
  const base = {
    displayName: title,
    name,
    ...(required.includes(name) && { required: true }),
    ...(description && { description }),
    ...(hint && { hint }),
  };
  if (schema.oneOf) {
    const choices = schema.oneOf.map((choice) => ({
      name: choiceName(choice, translations?.[name], language),
      value: choice.const,
    }));
    return {
      ...base,
      type: 'options',
      options: [{ name: say(language, 'notSet'), value: '' }, ...choices],
      default: '',
    };
  }
  // A number, too: a field of numbers cannot be empty, and the connector reads texts.
  const secret = schema.writeOnly && { typeOptions: { password: true } };
  return { ...base, type: 'string', ...secret, ...(placeholder && { placeholder }), default: '' };
}
