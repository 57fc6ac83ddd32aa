/**
 * What the form says of a value that is typed, and what the connector says of it when the flow runs, is the same: nobody
 * is kept from deploying what works, and nothing that is refused then looks right before.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Connector } from 'node-red-contrib-wecom-connector';
import { fieldProblems } from '../../src/editor/browser/problems.js';
import { evaluate } from '../../src/nodes/fields.js';
import { readManifest } from '../../src/runtime/manifest.js';
import { literals } from '../support/flows.js';

const manifest = readManifest();
const wecom = new Connector({ workers: 2 });
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

/** Rules that no schema can say: one list as long as another, what is inside a file. */
const BEYOND_SCHEMAS = /one entry for each|the whole image/;

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
    'http://example.com',
    'example.com',
    'x'.repeat(65),
    'a@b.cn',
    'a*b',
  ],
  area: ['a', ' a ', '\u001b[31mred\u001b[0m', 'line\nline', 'tab\there', '字'.repeat(700)],
  file: ['a', 'iVBORw0KGgo', 'data:image/png;base64,iVBORw0KGgo='],
  number: ['7', ' 7 ', '７', '+7', '1.5', '1e3', '0x10', 'seven', '0', '-1', '4294967296', '9007199254740993', '2.0'],
  list: [['a'], ['a，b'], ['a', ''], [' a '], ['2'], ['２、３'], ['a b'], ['7', 'x'], ['1.5'], ['张三'], ['0'], ['-1']],
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
    // Beside @all the connector skips departments, whatever they are; the form still says what is wrong with them.
    const sample = JSON.parse(JSON.stringify(action.sample_parameters).replaceAll('"@all"', '"zhangsan"'));
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
