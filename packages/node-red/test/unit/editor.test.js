// biome-ignore-all lint/suspicious/noThenProperty: it is a keyword of JSON Schema.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { manifest } from 'wecom-connector/palette';
import { alternatives, sentence } from '../../src/editor/browser/messages.js';
import { fieldProblems } from '../../src/editor/browser/problems.js';
import { UNKNOWN, validate } from '../../src/editor/browser/validate.js';
import { valuesOf } from '../../src/editor/browser/values.js';
import { catalog, languages } from '../../src/editor/catalog.js';
import { generate } from '../../src/editor/generate.js';
import { texts } from '../../src/editor/texts.js';
import { connectionTypes } from '../../src/nodes/connections.js';
import { nodeTypes } from '../support/types.js';
import { fill, wordsOf as wordsIn } from '../support/words.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [english, chinese] = languages;
const schemas = [
  ...manifest.actions.map(({ id, parameters, sample_parameters }) => [id, parameters, sample_parameters]),
  ...connectionTypes(manifest).map(({ type, schema }) => [type, schema, connectionSample(type)]),
  ['reply', manifest.callback.reply, { msg_type: 'text', content: 'Received' }],
];

function connectionSample(type) {
  const samples = {
    application: { corp_id: 'ww5f2c8a9b1d3e4f60', app_secret: 'a secret', agent_id: 1000002, timeout_seconds: 30 },
    chatbot: { chatbot_key: 'a key' },
    callback: { token: 'a-token', encoding_aes_key: 'a-key', receive_id: 'ww5f2c8a9b1d3e4f60' },
  };
  return { type, ...samples[type] };
}

function files(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const wordsOf = (language, action) => wordsIn(manifest, language, action);

test('every action and connection has a template, and a name and help in both languages, in the order of the manifest', () => {
  const generated = generate(manifest);
  const types = nodeTypes(manifest);
  const found = (text, attribute) =>
    [...text.matchAll(new RegExp(`${attribute}="([^"]+)"`, 'g'))].map(([, type]) => type);
  assert.deepEqual(found(generated['nodes/wecom.html'], 'data-template-name'), types);
  for (const { language, folders } of languages) {
    for (const folder of folders) {
      const help = generated[`nodes/locales/${folder}/wecom.html`];
      assert.deepEqual(found(help, 'data-help-name'), types);
      assert.doesNotMatch(help, /undefined|__\w+__|\{\w+\}/);
      const names = JSON.parse(generated[`nodes/locales/${folder}/wecom.json`]);
      for (const { id, title, description, doc_url } of manifest.actions) {
        assert.equal(names.actions[id].title, title[language]);
        assert.equal(names.actions[id].description, description[language]);
        assert.ok(help.includes(`href="${doc_url}"`), doc_url);
      }
    }
  }
});

test('help names every field, its limits, every output and every class of error', () => {
  const generated = generate(manifest);
  for (const language of languages) {
    const pages = generated[`nodes/locales/${language.tag}/wecom.html`].split('</script>');
    const texts = catalog(manifest, language);
    for (const action of manifest.actions) {
      const page = pages.find((candidate) => candidate.includes(`data-help-name="wecom-${action.id}"`));
      for (const [name, property] of Object.entries(action.parameters.properties)) {
        const { title } = texts.actions[action.id].parameters[name];
        assert.ok(page.includes(`${title} <code>${name}</code>`), `${action.id}: ${name}`);
        const limit = property['x-ui']?.maxBytes ?? property['x-ui']?.maxCharacters ?? property.maxLength;
        if (limit !== undefined) assert.ok(page.includes(String(limit)), `${action.id}: ${name}: ${limit}`);
      }
      for (const name of Object.keys(action.output.properties ?? {}))
        assert.ok(page.includes(`<code>${name}</code>`), name);
      for (const name of ['permanent-rejected', 'permanent-outcome-unknown', 'retryable']) {
        assert.ok(page.includes(`<code>${name}</code>`), name);
      }
    }
  }
});

test('help names every message and event, and every field of a reply', () => {
  const generated = generate(manifest);
  for (const { language, tag } of languages) {
    const pages = generated[`nodes/locales/${tag}/wecom.html`].split('</script>');
    const page = (type) => pages.find((candidate) => candidate.includes(`data-help-name="${type}"`));
    for (const { topic, title } of manifest.callback.events) {
      assert.ok(page('wecom-event').includes(`${title[language]} <code>${topic}</code>`), topic);
    }
    for (const name of Object.keys(manifest.callback.reply.properties)) {
      assert.ok(page('wecom-reply').includes(`<code>${name}</code>`), name);
    }
  }
});

test('the catalogs of both languages say the same things', () => {
  const shape = (value, path = '') =>
    value !== null && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, inner]) => shape(inner, `${path}/${key}`))
      : [`${path}: ${typeof value}`];
  const [first, second] = languages.map((language) => catalog(manifest, language));
  assert.deepEqual(shape(first), shape(second));
  assert.deepEqual(shape(texts.en), shape(texts.zh));
  // i18next would put values in, or look up other keys.
  const { ui: _, ...fromManifest } = first;
  assert.doesNotMatch(JSON.stringify(fromManifest), /__\w+__|\$t\(/);
});

test('a thirtieth action appears without a change in this package', () => {
  const parameters = {
    type: 'object',
    properties: { fish: { type: 'string', title: 'Fish', description: 'What to catch.', minLength: 1 } },
    required: ['fish'],
  };
  const action = {
    ...manifest.actions[0],
    id: 'catch-fish',
    title: { en: 'Catching fish', zh: '捕鱼' },
    parameters,
  };
  const generated = generate({ ...manifest, actions: [...manifest.actions, action] });
  assert.match(generated['nodes/wecom.html'], /data-template-name="wecom-catch-fish"/);
  assert.match(generated['nodes/wecom.html'], /"id":"catch-fish".*"fish":\{"type":"string","minLength":1\}/);
  assert.match(generated['nodes/locales/zh-CN/wecom.html'], /data-help-name="wecom-catch-fish"/);
  assert.equal(JSON.parse(generated['nodes/locales/zh-CN/wecom.json']).actions['catch-fish'].title, '捕鱼');
});

test('no action, field or error code is named in the code of the editor', () => {
  const names = new Set([
    ...manifest.actions.map(({ id }) => id),
    ...manifest.actions.flatMap(({ parameters, output }) => [
      ...Object.keys(parameters.properties),
      ...Object.keys(output.properties ?? {}),
    ]),
    ...manifest.connection_types.flatMap(({ schema }) => Object.keys(schema.properties)),
    ...manifest.error_codes.map(({ code }) => String(code)).filter((code) => code.length > 4),
  ]);
  // These are words of the manifest, too.
  for (const key of manifest.actions.flatMap(({ pagination }) => Object.keys(pagination ?? {}))) names.delete(key);
  // What is no word of everyday code.
  const telling = [...names].filter((name) => /[_-]|^\d{5}/.test(name));
  assert.ok(telling.length > 80);
  for (const file of files(join(root, 'src/editor'))) {
    const code = readFileSync(file, 'utf8');
    const found = telling.filter((name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(code));
    assert.deepEqual(found, [], file);
  }
});

test('what is generated for the browser holds no markup of its own, whatever the manifest says', () => {
  const [first, ...others] = manifest.actions;
  const hostile = '</script><script>alert(1)</script>"&';
  const parameters = structuredClone(first.parameters);
  for (const property of Object.values(parameters.properties)) {
    property.description = hostile;
    property.examples = [hostile];
  }
  const action = {
    ...first,
    description: { en: hostile, zh: hostile },
    doc_url: `https://example.com/${hostile}`,
    parameters,
  };
  const generated = generate({
    ...manifest,
    locales: { 'zh-CN': { actions: {}, connection_types: {} } },
    actions: [action, ...others],
  });
  for (const [name, content] of Object.entries(generated)) {
    if (name.endsWith('.html')) assert.ok(!content.includes('<script>alert'), name);
  }
});

/** Numbers in [0, limit), the same ones on every run. */
function dice(seed) {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

function mutate(value, schema, roll) {
  const names = Object.keys(schema.properties);
  const name = names[roll(names.length)];
  const wrong = [
    undefined,
    '',
    'a',
    'ü|,\n',
    '@all',
    'x'.repeat(3000),
    '字'.repeat(40),
    '😀'.repeat(33),
    0,
    1,
    2,
    -1,
    1.5,
    2 ** 33,
    true,
    null,
    {},
    [],
    ['@all'],
    ['a', '@all'],
    [1],
    [1, 'a'],
    [''],
    Array.from({ length: 1001 }, () => 7),
  ];
  const result = { ...value, [name]: wrong[roll(wrong.length)] };
  if (result[name] === undefined) delete result[name];
  if (roll(12) === 0) result.surplus = 1;
  return result;
}

test('the checks of the form agree with a full JSON Schema validator', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  const ours = ['minBytes', 'maxBytes', 'maxCharacters', 'cutBytes', 'cutCharacters'];
  let broken = 0;
  for (const [name, schema, sample] of schemas) {
    const check = ajv.compile(schema);
    assert.deepEqual(validate(schema, sample), [], name);
    const roll = dice(name.length);
    for (let round = 0; round < 400; round += 1) {
      let value = sample;
      for (let times = roll(4); times >= 0; times -= 1) value = mutate(value, schema, roll);
      const problems = validate(schema, value).filter(({ keyword }) => !ours.includes(keyword));
      assert.equal(
        problems.length === 0,
        check(value),
        `${name}: ${JSON.stringify(value)}: ${JSON.stringify(problems)}`,
      );
      if (problems.length > 0) broken += 1;
    }
  }
  assert.ok(broken > 1000);
});

test('what comes with the message is held against nothing, and counts as given', () => {
  for (const [name, schema, sample] of schemas) {
    const all = Object.keys(schema.properties).filter((field) => schema.properties[field].const === undefined);
    const later = Object.fromEntries(all.map((field) => [field, UNKNOWN]));
    const fixed = Object.fromEntries(Object.entries(sample).filter(([field]) => !all.includes(field)));
    assert.deepEqual(validate(schema, { ...fixed, ...later }), [], name);
    for (const field of Object.keys(sample).filter((candidate) => all.includes(candidate))) {
      assert.deepEqual(validate(schema, { ...sample, [field]: UNKNOWN }), [], `${name}: ${field}`);
    }
  }
});

test('limits in bytes and characters are counted as WeCom counts', () => {
  const limited = { type: 'object', properties: { a: { type: 'string', 'x-ui': { maxBytes: 6, excess: 'refuse' } } } };
  assert.deepEqual(validate(limited, { a: '汉字' }), []);
  assert.deepEqual(
    validate(limited, { a: '汉字!' }).map(({ keyword, limit, warning }) => [keyword, limit, warning]),
    [['maxBytes', 6, false]],
  );
  const cut = { type: 'object', properties: { a: { type: 'string', 'x-ui': { maxCharacters: 2, excess: 'cut' } } } };
  assert.deepEqual(validate(cut, { a: '😀😀' }), []);
  assert.deepEqual(
    validate(cut, { a: '😀😀😀' }).map(({ keyword, warning }) => [keyword, warning]),
    [['cutCharacters', true]],
  );
});

test('fields become values: empty is left out, expressions are not looked into', () => {
  const { values, problems } = valuesOf({
    text: { type: 'str', value: 'a' },
    empty: { type: 'str', value: '' },
    number: { type: 'num', value: ' 7 ' },
    noNumber: { type: 'num', value: 'seven' },
    list: { type: 'list', value: [1, 2] },
    emptyList: { type: 'list', value: [] },
    json: { type: 'json', value: '{"a":1}' },
    message: { type: 'msg', value: 'payload' },
    nothing: { type: 'msg', value: '' },
    variable: { type: 'str', value: `\${${'NAME'}}` },
  });
  assert.deepEqual(values, {
    text: 'a',
    number: 7,
    noNumber: 'seven',
    list: [1, 2],
    json: { a: 1 },
    message: UNKNOWN,
    variable: UNKNOWN,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    valuesOf({ json: { type: 'json', value: '{' } }).problems.map(({ keyword }) => keyword),
    ['json'],
  );
});

test('a broken rule reads well in both languages, with the field that it hangs on', () => {
  const action = manifest.actions.find(({ id }) => id === 'push-text-message');
  const say = (language, value) =>
    validate(action.parameters, value).map((problem) => sentence(problem, wordsOf(language, action.id)));
  // Departments beside everyone are skipped, not refused.
  assert.deepEqual(say(english, { content: 'a', to_user: ['@all'], to_party: [1] }), []);
  const alone = {
    type: 'object',
    if: { properties: { to_user: { contains: { const: '@all' } } }, required: ['to_user'] },
    then: { properties: { to_party: { maxItems: 0 } } },
  };
  const sayAlone = (language) =>
    validate(alone, { to_user: ['@all'], to_party: [1] }).map((problem) =>
      sentence(problem, wordsOf(language, action.id)),
    );
  assert.deepEqual(sayAlone(english), ['Must stay empty where Receiver ID contains “@all”']);
  assert.deepEqual(sayAlone(chinese), ['“接收人ID”包含“@all”时，必须留空']);
  assert.deepEqual(say(chinese, { content: 'a', to_user: ['zhangsan'], safe: 3 }), ['请从可选值中选择']);
  assert.deepEqual(say(english, { content: 'a', to_party: [1, 'x'] }), ['Entry 2: Must be a whole number']);
  // Which of the three is demanded is up to the schema; all of them say so.
  assert.deepEqual(say(english, { content: 'a' }), [
    'Required where Recipient Dept ID is empty and Recipient Tag ID is empty',
  ]);
  assert.deepEqual(say(chinese, { content: 'a' }), ['“接收部门ID”为空且“接收标签ID”为空时，必填']);
  assert.deepEqual(alternatives(action.parameters), {
    to_party: ['to_tag', 'to_user'],
    to_tag: ['to_party', 'to_user'],
    to_user: ['to_party', 'to_tag'],
  });
});

test('what a card or a message to linked enterprises lacks is told at a field, in words', () => {
  const say = (id, value) => {
    const { parameters } = manifest.actions.find((action) => action.id === id);
    return validate(parameters, value).map((problem) => [
      problem.path.join('/'),
      sentence(problem, wordsOf(english, id)),
    ]);
  };
  const receivers = 'Recipient Dept ID is empty and Recipient Tag ID is empty';
  assert.deepEqual(say('push-text-message-to-linked-corps', { content: 'a', to_all: 0 }), [
    ['to_user', `Required where ${receivers} and To Everyone is not “Yes”`],
  ]);
  assert.deepEqual(say('push-text-notice-card', { to_user: ['a'], card_action: { type: 0 } }), [
    ['card_action/type', 'Must be 1 or more'],
    ['sub_title_text', 'Required where Title is empty'],
  ]);
  const update = { response_code: 'a', user_ids: ['b'] };
  // Of a kind that nobody has chosen yet, nothing is demanded or forbidden.
  assert.deepEqual(say('update-card', { ...update, card: { sub_title_text: 'c' } }), [
    ['card/card_type', 'Required'],
    ['replace_name', 'Required where New Card is empty'],
  ]);
  const vote = { card_type: 'vote_interaction', main_title: { title: 'c' }, checkbox: {} };
  const both = say('update-card', { ...update, replace_name: 'd', card: vote });
  assert.deepEqual(both.at(-1), ['replace_name', 'Must stay empty where New Card is filled in']);
});

test('a rule between fields is the same, however the schema nests it', () => {
  const need = (name) => ({ required: [name], properties: { [name]: { minLength: 1 } } });
  const either = { if: { not: need('a') }, then: need('b') };
  const order = { if: { anyOf: [need('c'), need('d')] }, then: need('a') };
  const words = {
    say: (key, values) => fill(texts.en, key, values),
    title: (name) => name.toUpperCase(),
    choice: (_, value) => String(value),
    example: () => undefined,
  };
  for (const schema of [{ allOf: [either, order] }, { ...either, then: { ...either.then, ...order }, else: order }]) {
    const say = (value) => validate({ type: 'object', ...schema }, value).map((problem) => sentence(problem, words));
    assert.deepEqual(say({}), ['Required where A is empty']);
    assert.deepEqual(say({ b: 'x' }), []);
    assert.deepEqual(say({ b: 'x', c: 'x' }), ['Required where C is filled in or D is filled in']);
    assert.deepEqual(say({ b: 'x', c: UNKNOWN }), []);
    assert.deepEqual(say({ b: 'x', c: UNKNOWN, d: 'x' }), ['Required where C is filled in or D is filled in']);
    assert.deepEqual(alternatives(schema), { a: ['b'], b: ['a'] });
  }
});

test('every rule that a schema can break has a sentence', () => {
  for (const language of languages) {
    for (const action of manifest.actions) {
      const words = wordsOf(language, action.id);
      const roll = dice(7);
      for (let round = 0; round < 60; round += 1) {
        const value = mutate(mutate(action.sample_parameters, action.parameters, roll), action.parameters, roll);
        for (const problem of validate(action.parameters, value)) {
          if (problem.path[0] !== 'surplus') assert.doesNotMatch(sentence(problem, words), /undefined|__|\[object/);
        }
      }
    }
  }
});

test('what the connector takes for its values, the form takes, too', () => {
  const text = { type: 'string', pattern: '^[^\\u0000-\\u001f\\u007f]*$' };
  const schema = {
    type: 'object',
    properties: {
      department: { type: 'array', items: { type: 'integer', minimum: 1 } },
      members: { type: 'array', items: text, 'x-ui': { separator: ',' } },
      number: { type: 'integer', minimum: 1 },
      flag: { type: 'integer', oneOf: [{ const: 0 }, { const: 1 }] },
      title: text,
      content: { ...text, pattern: '^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f]*$', 'x-ui': { widget: 'textarea' } },
      image: { type: 'string', pattern: '^[0-9A-Za-z+/]+={0,2}$', contentEncoding: 'base64' },
    },
  };
  const fields = {
    department: { type: 'list', value: ['２', ' 3 ', ''] },
    members: { type: 'list', value: ['zhangsan，lisi', 'a、b;c；d|e｜f', ' '] },
    number: { type: 'num', value: ' １０ ' },
    flag: { type: 'json', value: 'true' },
    title: { type: 'str', value: ' 磁盘告警 \u200b' },
    content: { type: 'str', value: '\u001b[31mred\u001b[0m\u0007' },
    image: { type: 'str', value: 'data:image/png;base64,iVBORw0KGg-_\nAA' },
  };
  const { values } = valuesOf(fields, schema);
  assert.deepEqual(values, {
    department: [2, 3],
    members: ['zhangsan', 'lisi', 'a', 'b', 'c', 'd', 'e', 'f'],
    number: 10,
    flag: 1,
    title: '磁盘告警',
    content: 'red',
    image: 'iVBORw0KGg+/AA==',
  });
  assert.deepEqual(validate(schema, values), []);
  // A number that cannot be kept exactly is not rounded in silence.
  assert.equal(
    valuesOf({ number: { type: 'num', value: '9007199254740993' } }, schema).values.number,
    '9007199254740993',
  );
  // What is to be cleared is given, and nothing is held against it.
  assert.deepEqual(valuesOf({ title: { type: 'clear', value: '' } }, schema).values, { title: UNKNOWN });
});

test('a field that the connection would give is required where the connection has none', () => {
  const schema = {
    type: 'object',
    properties: { sender: { type: 'integer', 'x-ui': { fromConnection: ['lower_sender', 'standard_sender'] } } },
  };
  const keywords = (fields, connection) => fieldProblems(schema, fields, connection).map(({ keyword }) => keyword);
  assert.deepEqual(keywords({}, {}), ['notInConnection']);
  assert.deepEqual(keywords({}, { standard_sender: 7 }), []);
  assert.deepEqual(keywords({}, { lower_sender: 7 }), []);
  assert.deepEqual(keywords({}, { standard_sender: UNKNOWN }), [], 'a variable of the environment');
  assert.deepEqual(keywords({ sender: { type: 'num', value: '7' } }, {}), []);
  assert.deepEqual(keywords({}, undefined), [], 'a connection that is not chosen is told of already');
});

test('a person’s name in the place of an ID is told before it reaches nobody', () => {
  const action = manifest.actions.find(({ id }) => id === 'push-text-message');
  const fields = { to_user: { type: 'list', value: ['zhangsan', '张三'] }, content: { type: 'str', value: 'x' } };
  const found = fieldProblems(action.parameters, fields);
  assert.deepEqual(
    found.map(({ keyword, path, warning }) => [keyword, path, warning]),
    [['name', ['to_user', 1], true]],
  );
  assert.equal(sentence(found[0], wordsOf(chinese, action.id)), '第2项：“张三”像是姓名，这里填账号，不是姓名');
});

test('a pattern that is broken is told by the characters, or by a text that has the right form', () => {
  const say = (language, id, value) => {
    const action = manifest.actions.find((candidate) => candidate.id === id);
    const [name] = Object.keys(value);
    const problems = validate(action.parameters, value).filter(({ path }) => path[0] === name);
    return problems.map((problem) => sentence(problem, wordsOf(language, id))).join();
  };
  assert.equal(say(chinese, 'create-member', { user_id: '张 san' }), '不允许使用：“张”、空格');
  assert.equal(say(english, 'create-member', { user_id: 'a\u0007b' }), 'Not allowed here: U+0007');
  assert.match(say(chinese, 'create-member', { email: 'nobody' }), /^格式不对，正确的例如：\S+@\S+$/);
  assert.match(say(english, 'push-text-card-message', { url: 'example.com' }), /for example, https:\/\//);
  assert.equal(say(english, 'create-department', { name: 'R?D' }), 'Not allowed here: “?”');
  // What nobody sees is named by its number, in an address, too; in a title it may join an emoji.
  assert.equal(say(chinese, 'update-member', { user_id: 'zhang\u200bsan' }), '不允许使用：U+200B');
  assert.equal(say(chinese, 'update-member', { email: 'a\u200bb@example.com' }), '不允许使用：U+200B');
  assert.equal(say(english, 'push-text-card-message', { url: 'https://a.cn/\ufeffb' }), 'Not allowed here: U+FEFF');
  assert.equal(say(english, 'push-text-card-message', { title: '👨\u200d👩 家庭日' }), '');
});

test('examples are in the language of the editor, or there is none', () => {
  const shown = (language) => {
    const { actions } = catalog(manifest, language);
    return Object.values(actions).flatMap(({ parameters }) => Object.values(parameters).map(({ example }) => example));
  };
  assert.ok(shown(chinese).some((example) => /\p{Script=Han}/u.test(example)));
  assert.deepEqual(
    shown(english).filter((example) => /\p{Script=Han}/u.test(example)),
    [],
  );
  assert.ok(shown(english).some((example) => /^https:/.test(example)));
});

test('under its heading a label does not say again what the heading says', () => {
  const [action] = manifest.actions;
  const short = (language, label, heading) => {
    const group = { id: 'it', title: { en: heading, zh: heading } };
    const labelled = { ...action, group: 'it', label: { en: label, zh: label } };
    return catalog({ ...manifest, groups: [group], actions: [labelled] }, language).actions[action.id].short;
  };
  assert.equal(short(english, 'Push a file by chatbot', 'Messages by chatbot'), 'Push a file');
  assert.equal(short(english, 'Push a file to a group chat', 'Messages to a group chat'), 'Push a file');
  assert.equal(short(english, 'Push a file to a group chat', 'Files'), 'Push a file to a group chat');
  assert.equal(short(chinese, '发送文件消息到群聊', '群聊消息'), '发送文件消息');
  assert.equal(short(chinese, '通过群机器人发送文件消息', '群机器人消息'), '发送文件消息');
  assert.equal(short(chinese, '撤回应用消息', '应用消息'), '撤回应用消息');
});

test('each action has the icon that it names, and the one of the package where it names none', () => {
  const svg = (name) => `data:image/svg+xml,%3Csvg%20id=%22${name}%22/%3E`;
  const [first, ...others] = manifest.actions;
  const icons = { bell: svg('bell') };
  const actions = [{ ...first, icon: 'bell' }, ...others.map(({ icon, ...action }) => action)];
  const generated = generate({ ...manifest, icons, actions });
  assert.equal(String(generated['nodes/icons/wecom-bell.svg']), '<svg id="bell"/>');
  assert.ok(generated['nodes/icons/wecom.svg']);
  const [, page] = generated['nodes/wecom.html'].split('"actions":[');
  const used = [...page.matchAll(/"icon":"([^"]+)"/g)].map(([, icon]) => icon);
  assert.deepEqual(used, ['wecom-bell.svg', ...others.map(() => 'wecom.svg')]);
});
