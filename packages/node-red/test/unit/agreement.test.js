/**
 * What the form says of a value that is typed, and what the connector says of it when the flow runs, is the same: nobody
 * is kept from deploying what works, and nothing that is refused then looks right before.
 */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { inspect, isDeepStrictEqual } from 'node:util';
import { Connector } from 'wecom-connector';
import { manifest } from 'wecom-connector/palette';
import { connectionOf } from '../../src/editor/browser/connection.js';
import { fieldProblems } from '../../src/editor/browser/problems.js';
import { validate } from '../../src/editor/browser/validate.js';
import { valuesOf } from '../../src/editor/browser/values.js';
import { connectionOf as nodeConnection } from '../../src/nodes/connections.js';
import { evaluate } from '../../src/nodes/fields.js';
import { literals } from '../support/flows.js';

const wecom = new Connector();
after(() => wecom.close());

/** Nobody listens there: what is not refused before fails in another way. */
const nowhere = {
  application: {
    type: 'application',
    corp_id: 'ww5f2c8a9b1d3e4f60',
    app_secret: 'a secret',
    contacts_secret: 'a secret',
    agent_id: 1000002,
    base_url: 'http://127.0.0.1:1',
  },
  chatbot: { type: 'chatbot', chatbot_key: 'a-key-that-is-not-real', base_url: 'http://127.0.0.1:1' },
};

/** An image that is whole. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Rules that no schema says: one list as long as another, what is inside a file or a text of JSON. */
const BEYOND_SCHEMAS = /one entry for each|the whole image|as a file of this kind does|is not JSON at/;

/** What people type, by the kind of control. */
const typed = {
  text: [
    'a',
    ' a ',
    '张三',
    'a b',
    '１２',
    '7',
    '\u200ba',
    '\u061ca',
    '\u001b[1ma',
    'a\u0007b',
    ' ',
    'a\tb',
    'http://example.com',
    'example.com',
    'x'.repeat(65),
    'a@b.cn',
    'a*b',
  ],
  area: ['a', ' a ', ' ', '\u001b[31mred\u001b[0m', 'line\nline', 'tab\there', '字'.repeat(700)],
  file: ['a', 'iVBORw0KGgo', 'data:image/png;base64,iVBORw0KGgo='],
  number: [
    '7',
    ' 7 ',
    '７',
    '+7',
    '1.5',
    '1e3',
    '0x10',
    'seven',
    '0',
    '-1',
    '4294967296',
    '9007199254740993',
    '2.0',
    '2．０',
    '"2"',
    '-0',
    ' ',
  ],
  list: [
    ['a'],
    ['a，b'],
    ['a', ''],
    [' a '],
    ['2'],
    ['２、３'],
    ['a b'],
    ['7', 'x'],
    ['1.5'],
    ['张三'],
    ['0'],
    ['-1'],
    ['2\t3.0'],
    ['+2'],
    ['\u001b[1m2'],
    ['true'],
  ],
};

function inputsFor(schema) {
  if (schema.oneOf) return [{ type: schema.type === 'string' ? 'str' : 'num', value: '9' }];
  if (schema.type === 'array') return typed.list.map((value) => ({ type: 'list', value }));
  if (schema.type === 'integer') return typed.number.map((value) => ({ type: 'num', value }));
  if (schema.contentEncoding) return typed.file.map((value) => ({ type: 'str', value }));
  const kind = schema['x-ui']?.widget === 'textarea' ? 'area' : 'text';
  return typed[kind].map((value) => ({ type: 'str', value }));
}

for (const action of manifest.actions) {
  test(`${action.id}: the form and the connector agree on what is typed`, async () => {
    const schema = action.parameters;
    const connection = nowhere[action.connection_type];
    // Beside everyone the connector skips other receivers, whatever they are; the form still says what is wrong with them.
    const sample = JSON.parse(JSON.stringify(action.sample_parameters).replaceAll('"@all"', '"zhangsan"'));
    if (sample.to_all) Object.assign(sample, { to_all: 0, to_user: ['zhangsan'] });
    const context = { manifest, action, schema, language: 'en' };
    const tries = Object.entries(schema.properties).flatMap(([name, property]) =>
      inputsFor(property).map(async (field) => {
        const fields = { ...literals(sample), [name]: field };
        const form = fieldProblems(schema, fields, connection).filter(({ warning }) => !warning);
        const { parameters, faults } = await evaluate(fields, context);
        const error = await wecom.invoke(action.id, connection, parameters).catch((reason) => reason);
        const refused = [...faults, ...(error.class === 'permanent-invalid-parameters' ? error.faults : [])];
        const beyond = refused.filter(({ message }) => !BEYOND_SCHEMAS.test(message));
        if (form.length > 0 === beyond.length > 0) return undefined;
        const said = (list) => JSON.stringify(list);
        return `${name} ${said(field.value).slice(0, 60)}: the form says ${said(form)}, the connector ${said(refused)}`;
      }),
    );
    assert.deepEqual((await Promise.all(tries)).filter(Boolean), []);
  });
}

/**
 * One table for form, node and connector: what is typed, where, and what it means there; `refused` where it means
 * nothing. The node gets it as the form saves it, and the connector as a message would bring it.
 */
const refused = Symbol('refused');
const ESC = '\u001b';
const table = [
  // Edges: what nobody sees goes, what is seen stays.
  ['user_id', ' zhangsan\r\n', 'zhangsan'],
  ['mobile', '\u3000\u00a0\u2028138\u0085\u0000', '138'],
  ['mobile', '\ufeff\u200b\u200f\u202e\u2060\u2066\u00ad\u180e138', '138'],
  ['mobile', '\u061c138\u206f', '138'],
  ['mobile', '\u0601138', '\u0601138'],
  ['name', ' 苏格兰\u{1f3f4}\u{e0067}\u{e007f} ', '苏格兰\u{1f3f4}\u{e0067}\u{e007f}'],
  ['mobile', '\ufff9138', '\ufff9138'],
  ['name', '\u200b', refused],
  // Escape sequences: out of words as a whole, and refused in what is no word.
  ['name', `${ESC}[1m张三`, '张三'],
  ['name', `\u009b1;31m张三${ESC}[0m`, '张三'],
  ['name', `${ESC}]8;;https://a.cn${ESC}\\张三${ESC}]8;;\u0007`, '张三'],
  ['name', `${ESC}(B张\t\n三\u0007${ESC}`, '张 三'],
  ['name', `${ESC}[0m`, refused],
  ['position', 'a \n\tb\u0007', 'a b'],
  ['address', `${ESC}]0;无终`, '0;无终'],
  ['alias', '\u0007[1mX', '[1mX'],
  ['mobile', `${ESC}[1m138`, refused],
  ['mobile', '\u009b1m138', refused],
  ['mobile', '1\u000738', refused],
  ['direct_leader', `${ESC}[1mlisi`, refused],
  ['content', `${ESC}[31mred${ESC}[0m\u0007\n\tline `, 'red\n\tline '],
  ['content', `${ESC}[1m`, refused],
  // Numbers.
  ['agent_id', '1000002.0', 1000002],
  ['agent_id', ' １０００００２．００ ', 1000002],
  ['agent_id', '“1000002”', 1000002],
  ['agent_id', "<'7.0'>", 7],
  ['agent_id', '007', 7],
  ['agent_id', '\u061c7\u206f', 7],
  ['agent_id', '+1', refused],
  ['agent_id', '＋１', refused],
  ['agent_id', '-1', refused],
  ['agent_id', '1.5', refused],
  ['agent_id', '1.', refused],
  ['agent_id', '.0', refused],
  ['agent_id', '1.0.0', refused],
  ['agent_id', '1e3', refused],
  ['agent_id', '0x10', refused],
  ['agent_id', '1。0', refused],
  ['agent_id', '1 000', refused],
  ['agent_id', `${ESC}[1m7`, refused],
  ['agent_id', '9007199254740991.0', 9007199254740991],
  ['agent_id', '9007199254740993', refused],
  ['agent_id', 'true', refused],
  ['agent_id', ' \u200b', undefined],
  ['enable', '“True”', 1],
  ['enable', 'ｆａｌｓｅ', refused],
  ['enable', '0.0', 0],
  ['enable', '-0', refused],
  ['enable', '-0.0', refused],
  ['gender', 'true', refused],
  // Lists.
  ['direct_leader', 'a|b,c;d，e', ['a', 'b', 'c', 'd', 'e']],
  ['direct_leader', 'a、b；c｜d', ['a', 'b', 'c', 'd']],
  ['direct_leader', 'a\tb\t\r\nc', ['a', 'b', 'c']],
  ['direct_leader', '\ta,\t\u200bb\u200b,, ', ['a', 'b']],
  ['direct_leader', 'a b\u2028c', refused],
  ['direct_leader', '"a"', ['"a"']],
  ['direct_leader', '\t，\n', undefined],
  ['department', '2\t3.0\t４', [2, 3, 4]],
  ['department', '“2”、 3．０ ；4\n', [2, 3, 4]],
  ['department', '2,+3', refused],
  ['department', '2\t1.5', refused],
  ['department', '2 3', refused],
  ['is_leader_in_dept', 'false', [0]],
  ['is_leader_in_dept', 'True\t', [1]],
  // Full-width digits and signs, where nothing else can be meant.
  ['telephone', '＋８６－１０', '+86-10'],
  ['telephone', ' 010－１２３ ', '010-123'],
  ['user_id', 'ｚｈａｎｇ', refused],
  ['mobile', '"138"', '"138"'],
  ['base64', `data:image/png;base64,\n${PIXEL.replace(/=+$/, '')} `, PIXEL],
  ['base64', `DATA:;Base64,${PIXEL}`, PIXEL],
  ['base64', `data:text/plain,${PIXEL}`, refused],
];

/** Where a parameter of the table is tried, and where WeCom finds it. */
function tried(name) {
  const place = {
    content: ['push-text-message', (body) => body.text.content],
    agent_id: ['push-text-message', (body) => body.agentid],
    base64: ['push-image-message-by-chatbot', (body) => body.image.base64],
    user_id: ['create-member', (body) => body.userid],
  };
  return place[name] ?? ['create-member', (body) => body[name]];
}

/** A server that answers each call with success, and keeps what it was sent. */
async function listen(t) {
  const received = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const url = new URL(request.url, 'http://localhost');
    received.push({ url, body: body && JSON.parse(body) });
    const result = url.pathname.endsWith('/gettoken') ? { access_token: 'a token', expires_in: 7200 } : { msgid: 'x' };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ errcode: 0, errmsg: 'ok', ...result }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { received, base_url: `http://127.0.0.1:${server.address().port}` };
}

test('form, node and connector take the same forms for the same', async (t) => {
  const { received, base_url } = await listen(t);
  const differences = [];
  for (const [name, text, meaning] of table) {
    const [id, sent] = tried(name);
    const action = manifest.actions.find((candidate) => candidate.id === id);
    const schema = action.parameters;
    const property = schema.properties[name];
    const { agent_id: _, ...nobody } = nowhere[action.connection_type];
    // Without an agent of its own, a number that is left out is one that is missing.
    const connection = { ...nobody, base_url, ...(meaning === undefined && { agent_id: 7 }) };
    const sample = { ...action.sample_parameters, ...(id === 'push-text-message' && { agent_id: 1000003 }) };
    // Lists that have one entry for each department have one here.
    if (name === 'department') {
      sample.department = [1, 1, 1];
      delete sample.is_leader_in_dept;
    }
    // The digest of another image.
    delete sample.md5;
    delete sample[name];
    const type = property.type === 'integer' ? 'num' : 'str';
    const field = property.type === 'array' ? { type: 'list', value: [text] } : { type, value: text };
    const fields = { ...literals(sample), [name]: field };

    const outcome = async (parameters) => {
      received.length = 0;
      try {
        await wecom.invoke(id, connection, parameters);
      } catch (error) {
        return error.class === 'permanent-invalid-parameters' && received.length === 0 ? refused : error.message;
      }
      return sent(received.at(-1).body);
    };
    const isWrong = fieldProblems(schema, fields, connection).some(({ warning }) => !warning);
    const { parameters, faults } = await evaluate(fields, { manifest, action, schema, language: 'en' });
    const outcomes = {
      form: isWrong ? refused : valuesOf(fields, schema).values[name],
      node: faults.length > 0 ? refused : await outcome(parameters),
      connector: await outcome({ ...sample, [name]: text }),
    };
    // What the connection gives.
    if (meaning === undefined && name === 'agent_id') {
      for (const by of ['node', 'connector']) if (outcomes[by] === connection.agent_id) outcomes[by] = undefined;
    }
    for (const [by, found] of Object.entries(outcomes)) {
      if (!isDeepStrictEqual(found, meaning)) {
        differences.push(`${name} ${JSON.stringify(text)}: ${inspect(found)} to the ${by}, not ${inspect(meaning)}`);
      }
    }
  }
  assert.deepEqual(differences, []);
});

test('the dialog of a connection and the connector take the same forms for the same', async (t) => {
  const { received, base_url } = await listen(t);
  const { schema } = manifest.connection_types.find(({ type }) => type === 'application');
  const differences = [];
  for (const [name, text, meaning] of [
    ['corp_id', ' "ww1" ', 'ww1'],
    ['corp_id', '「“ww1”」\u200b', 'ww1'],
    ['corp_id', '<`ww1`>\n', 'ww1'],
    ['corp_id', 'ｗｗ１', 'ww1'],
    ['corp_id', '"', refused],
    ['corp_id', `${ESC}[1mww1`, refused],
    ['corp_id', '\u0601ww1', '\u0601ww1'],
    ['agent_id', '“１０００００２．０”', 1000002],
    ['agent_id', '+1', refused],
    ['agent_id', '1.5', refused],
    ['agent_id', `\u009b1m7`, refused],
    ['timeout_seconds', '30.0', 30],
    ['timeout_seconds', ' \u200b', undefined],
    ['timeout_seconds', '1e1', refused],
  ]) {
    const saved = { type: 'application', corp_id: 'ww1', agent_id: '7', base_url, [name]: text };
    const secrets = { app_secret: 'a secret' };
    const dialog = connectionOf({ ...saved, credentials: secrets }, schema);
    const isWrong = validate(schema, dialog).some(({ warning }) => !warning);
    const outcome = async (connection) => {
      received.length = 0;
      try {
        await wecom.invoke('push-text-message', connection, { to_user: ['zhangsan'], content: 'x' });
      } catch (error) {
        return error.class === 'permanent-invalid-parameters' && received.length === 0 ? refused : error.message;
      }
      const [token, push] = [received.find(({ url }) => url.pathname.endsWith('gettoken')), received.at(-1)];
      // How long it waits, WeCom is not told.
      return { corp_id: token?.url.searchParams.get('corpid'), agent_id: push.body.agentid }[name] ?? meaning;
    };
    const outcomes = {
      dialog: isWrong ? refused : dialog[name],
      node: await outcome(nodeConnection(schema, saved, secrets)),
      connector: await outcome({ ...saved, ...secrets }),
    };
    for (const [by, found] of Object.entries(outcomes)) {
      if (!isDeepStrictEqual(found, meaning)) {
        differences.push(`${name} ${JSON.stringify(text)}: ${inspect(found)} to the ${by}, not ${inspect(meaning)}`);
      }
    }
  }
  assert.deepEqual(differences, []);
});
