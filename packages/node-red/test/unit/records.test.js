/** Fields that hold a record or a list of records: from the form to what is sent, and back to what a person reads. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import Ajv from 'ajv';
import { invalid } from 'wecom-connector/palette';
import { place, sentence } from '../../src/editor/browser/messages.js';
import { fieldProblems } from '../../src/editor/browser/problems.js';
import { UNKNOWN } from '../../src/editor/browser/validate.js';
import { valuesOf } from '../../src/editor/browser/values.js';
import { catalog, languages } from '../../src/editor/catalog.js';
import { generate } from '../../src/editor/generate.js';
import { evaluate } from '../../src/nodes/fields.js';
import { EXAMPLE, manifestWithExample } from '../support/example.js';
import { literal, literals } from '../support/flows.js';
import { wordsOf } from '../support/words.js';

const { util } = createRequire(import.meta.url)('node-red');

const manifest = manifestWithExample();
const action = manifest.actions.find(({ id }) => id === EXAMPLE);
const schema = action.parameters;
const [english, chinese] = languages;
const article = { title: 'b', url: 'https://b.cn' };
const others = literals({ to_user: ['zhangsan'] });

// Node-RED's editor, as far as the form asks it.
before(() => {
  globalThis.RED = { utils: { validateTypedProperty: (value) => value !== '$sum(' || 'no end' } };
});
after(() => {
  delete globalThis.RED;
});

function run(fields, msg = {}) {
  return evaluate(fields, { RED: { util }, node: {}, msg, schema, language: 'en' });
}

function said(fields, language) {
  const words = wordsOf(manifest, language, EXAMPLE);
  const told = (problem) => `${place(problem.path, words)} | ${sentence(problem, words)}`;
  return fieldProblems(schema, fields).map(told);
}

test('a record is the fields in it, and a list of records is a list of those', async () => {
  const parameters = {
    to_user: ['zhangsan'],
    importance: 1,
    source: { description: '监控' },
    articles: [{ ...article, tags: [1, 2] }, article],
  };
  const fields = literals(parameters);
  assert.deepEqual(fields.articles, {
    type: 'records',
    value: [
      {
        title: { type: 'str', value: 'b' },
        url: { type: 'str', value: 'https://b.cn' },
        tags: { type: 'list', value: [1, 2] },
      },
      { title: { type: 'str', value: 'b' }, url: { type: 'str', value: 'https://b.cn' } },
    ],
  });
  assert.deepEqual(valuesOf(fields, schema), { values: parameters, problems: [] });
  assert.deepEqual(await run(fields), { parameters, faults: [] });
  assert.deepEqual(said(fields, english), []);
});

test('what is left empty is left out: a field, a record, but not an entry among others', async () => {
  const fields = {
    ...others,
    source: { type: 'record', value: { description: { type: 'str', value: ' ' } } },
    articles: { type: 'records', value: [literals({ ...article, phone: '' }), {}] },
  };
  const parameters = { to_user: ['zhangsan'], articles: [article, {}] };
  assert.deepEqual((await run(fields)).parameters, parameters);
  const { values } = valuesOf({ ...fields, source: { type: 'record', value: {} } }, schema);
  assert.deepEqual(values, parameters);
  assert.deepEqual(said({ ...others, articles: { type: 'records', value: [] } }, english), ['Articles | Required']);
});

test('a single field can come with the message, or the whole list, or both be written as JSON', async () => {
  const fields = {
    ...others,
    source: { type: 'json', value: '{"description": "监控"}' },
    articles: {
      type: 'records',
      value: [
        {
          title: { type: 'msg', value: 'topic' },
          url: { type: 'jsonata', value: '"https://" & host' },
          phone: { type: 'msg', value: 'gone' },
        },
      ],
    },
  };
  assert.deepEqual(said(fields, english), [], 'what comes later is not held against it');
  assert.deepEqual(valuesOf(fields, schema).values.articles, [{ title: UNKNOWN, url: UNKNOWN, phone: UNKNOWN }]);
  const msg = { topic: 'b', host: 'b.cn', payload: [article] };
  const parameters = { to_user: ['zhangsan'], source: { description: '监控' }, articles: [article] };
  assert.deepEqual(await run(fields, msg), { parameters, faults: [] });
  for (const articles of [
    { type: 'msg', value: 'payload' },
    { type: 'jsonata', value: '[{"title": topic, "url": "https://" & host}]' },
    { type: 'json', value: JSON.stringify([article]) },
  ]) {
    assert.deepEqual(said({ ...fields, articles }, english), [], articles.type);
    assert.deepEqual(await run({ ...fields, articles }, msg), { parameters, faults: [] }, articles.type);
  }
});

test('what is wrong inside a record is told with its place, in both languages', () => {
  const fields = {
    to_user: literal(['zhangsan']),
    source: literal({ description: '运维监控平台' }),
    articles: {
      type: 'records',
      value: [
        literals({ title: '磁盘告警', url: 'a.cn', tags: [1, 101] }),
        literals({ title: 'a' }),
        { ...literals(article), phone: { type: 'jsonata', value: '$sum(' } },
        { ...literals(article), tags: { type: 'json', value: '[' } },
      ],
    },
  };
  const reason = /Unexpected end.*$/;
  assert.deepEqual(
    said(fields, english).map((text) => text.replace(reason, '…')),
    [
      'Articles 4: Tags | Is not JSON: …',
      'Articles 3: Phone | Cannot be read: no end',
      'Source: Source Name | What is beyond 4 characters will be cut off',
      'Articles 1: Title | What is beyond 8 bytes will be cut off; a Chinese character takes 3',
      'Articles 1: Link | Has the wrong form',
      'Articles 1: Tags | Entry 2: Must be 100 or less',
      'Articles 2: Link | Required',
    ],
  );
  assert.deepEqual(
    said(fields, chinese).map((text) => text.replace(reason, '…')),
    [
      '图文第4项，标签 | 不是有效的JSON：…',
      '图文第3项，电话 | 无法取值：no end',
      '来源，来源名称 | 超出4个字符的部分会被截断',
      '图文第1项，标题 | 超出8字节的部分会被截断，一个汉字占3字节',
      '图文第1项，链接 | 格式不对',
      '图文第1项，标签 | 第2项：不能大于100',
      '图文第2项，链接 | 必填',
    ],
  );
  const many = (count) => said({ ...others, articles: literal(Array.from({ length: count }, () => article)) }, english);
  assert.deepEqual(many(8), []);
  assert.deepEqual(many(9), ['Articles | At most 8 entries']);
});

test('a condition inside a record is told in the words of that record, and one outside in those outside', () => {
  const words = wordsOf(manifest, english, EXAMPLE);
  const told = (path) =>
    sentence({ path: ['articles', 0, 'url'], keyword: 'required', limit: true, condition: { rule, path } }, words);
  const rule = { required: ['phone'] };
  assert.equal(told(['articles', 0]), 'Required where Phone is filled in');
  rule.required = ['source'];
  assert.equal(told([]), 'Required where Source is filled in');
});

test('names that stand where IDs belong are found inside records, too', () => {
  const inner = { type: 'object', properties: { owner: { type: 'string', 'x-ui': { optionsFrom: {} } } } };
  const tables = { type: 'object', properties: { one: inner, more: { type: 'array', items: inner } } };
  const fields = literals({ one: { owner: '张三' }, more: [{ owner: 'lisi' }, { owner: '王五' }] });
  assert.deepEqual(
    fieldProblems(tables, fields).map(({ keyword, path }) => [keyword, path]),
    [
      ['name', ['one', 'owner']],
      ['name', ['more', 1, 'owner']],
    ],
  );
});

test('what cannot be evaluated inside a record is a fault with a pointer to it', async () => {
  const broken = { type: 'jsonata', value: '$sum(' };
  const fields = {
    ...others,
    source: { type: 'record', value: { description: broken } },
    articles: {
      type: 'records',
      value: [literals(article), { ...literals(article), 'a/b': { type: 'json', value: '[' } }],
    },
  };
  const { faults } = await run(fields);
  assert.deepEqual(
    faults.map(({ pointer }) => pointer),
    ['/source/description', '/articles/1/a~1b'],
  );
});

test('a flow that was written by hand may have one record for the list, and nothing for an entry', async () => {
  for (const [value, articles] of [
    [literals(article), [article]],
    [
      [null, literals(article)],
      [{}, article],
    ],
    [[{ title: null, ...literals(article) }], [article]],
  ]) {
    const fields = { ...others, articles: { type: 'records', value } };
    assert.deepEqual((await run(fields)).parameters.articles, articles);
    assert.deepEqual(valuesOf(fields, schema).values.articles, articles);
  }
});

/** What people type into the fields of an article, and the list as it may be written. */
const typed = {
  title: ['', 'a', ' ', '\u001b[1ma', 'a\nb'].map((value) => ({ type: 'str', value })),
  url: ['', 'https://b.cn', ' https://b.cn ', 'b.cn', 'https://b .cn'].map((value) => ({ type: 'str', value })),
  tags: [['1'], ['１、2'], ['x'], ['0'], ['101'], []].map((value) => ({ type: 'list', value })),
  phone: ['＋８６', '10-10', 'abc'].map((value) => ({ type: 'str', value })),
};
const lists = [
  { type: 'json', value: '[]' },
  { type: 'json', value: '7' },
  { type: 'json', value: '[7]' },
  { type: 'json', value: JSON.stringify(article) },
  { type: 'json', value: JSON.stringify([{ ...article, fish: 1 }]) },
  { type: 'json', value: JSON.stringify([{ ...article, tags: [0] }]) },
  { type: 'records', value: [{}] },
];

test('the form and a full JSON Schema validator agree on what the form holds', () => {
  const check = new Ajv({ strict: false, allErrors: true }).compile(schema);
  const inputs = Object.entries(typed).flatMap(([name, list]) =>
    list.map((field) => ({ type: 'records', value: [literals(article), { ...literals(article), [name]: field }] })),
  );
  let broken = 0;
  for (const articles of [...inputs, ...lists]) {
    const fields = { ...others, articles };
    const wrong = fieldProblems(schema, fields).filter(({ warning }) => !warning);
    const { values } = valuesOf(fields, schema);
    assert.equal(wrong.length === 0, check(values), `${JSON.stringify(articles)}: ${JSON.stringify(wrong)}`);
    if (wrong.length > 0) broken += 1;
  }
  assert.ok(broken > 10 && broken < inputs.length);
});

test('an error shows the labels of the field and of all that it lies in', () => {
  const told = (language, pointer) => {
    const fault = { argument: 'parameters', pointer, message: '…' };
    return invalid([fault], { manifest, action, language }).brief;
  };
  for (const [pointer, en, zh] of [
    ['/articles/0/title', 'Articles 1: Title (articles/0/title) …', '图文第1项，标题 (articles/0/title)：…'],
    ['/articles/0/tags/1', 'Articles 1: Tags (articles/0/tags/1) …', '图文第1项，标签 (articles/0/tags/1)：…'],
    ['/articles/2', 'Articles 3 (articles/2) …', '图文第3项 (articles/2)：…'],
    ['/articles', 'Articles (articles) …', '图文 (articles)：…'],
    ['/articles/1/titel', 'Articles 2: titel (articles/1/titel) …', '图文第2项，titel (articles/1/titel)：…'],
    ['/source/description', 'Source: Source Name (source/description) …', '来源，来源名称 (source/description)：…'],
    ['/to_user/1', 'Receivers (to_user/1) …', '接收人 (to_user/1)：…'],
    ['/fish/1', 'fish/1 …', 'fish/1：…'],
  ]) {
    assert.equal(told('en', pointer), en);
    assert.equal(told('zh', pointer), zh);
  }
});

test('help and catalog have the fields inside a record, in both languages', () => {
  const generated = generate(manifest);
  for (const [language, mark] of [
    [english, 'required'],
    [chinese, '必填'],
  ]) {
    const [, page] = generated[`nodes/locales/${language.tag}/wecom.html`].split(`data-help-name="wecom-${EXAMPLE}"`);
    const { articles, source } = catalog(manifest, language).actions[EXAMPLE].parameters;
    for (const [name, { title, description }] of Object.entries({ ...source.properties, ...articles.properties })) {
      assert.ok(page.includes(`${title} <code>${name}</code>`), name);
      assert.ok(page.includes(description), name);
    }
    const { title } = articles.properties.url;
    assert.match(page, new RegExp(`${title} <code>url</code> <span[^>]*>[^<]*${mark}</span>`));
  }
  const { articles } = catalog(manifest, chinese).actions[EXAMPLE].parameters;
  assert.deepEqual([articles.properties.url.title, articles.properties.title.example], ['链接', '新闻']);
});
