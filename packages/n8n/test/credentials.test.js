/** The test of credentials: it says what is proved, and sends nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNoSecret } from '../../js/test/support/secrets.js';
import { bench } from './support/bench.js';
import { TYPE } from './support/n8n.js';

const it = bench();
const check = (method, fields) => it.engine.testCredential(method, fields);

test('an application: what WeCom has just accepted', async () => {
  await it.simulator.clear();
  const { status, message } = await check('testApplication', it.simulator.connection('application'));
  assert.equal(status, 'OK', message);
  // Each of the two secrets by its name.
  assert.match(message, /AppSecret: WeCom accepts .* Contacts Secret: WeCom accepts /);
  const paths = (await it.simulator.settled()).map(({ method, path }) => `${method} ${path}`);
  assert.ok(paths.length > 0);
  assert.deepEqual(
    paths.filter((path) => !path.startsWith('GET ')),
    [],
  );
});

test('a wrong secret: which one, and what to do', async () => {
  const fields = it.simulator.connection('application', { app_secret: 'wrong-secret-of-nobody' });
  const { status, message } = await check('testApplication', fields);
  assert.equal(status, 'Error');
  assert.match(message, /^AppSecret: .*40001/);
  assert.doesNotMatch(message, /Contacts Secret: /);
  assertNoSecret([fields.app_secret, fields.contacts_secret], message);
});

test('fields that are missing: WeCom is not asked', async () => {
  await it.simulator.clear();
  const { status, message } = await check('testApplication', {
    corp_id: '',
    base_url: it.simulator.baseUrl,
    app_secret: 'some-secret-or-other',
  });
  assert.equal(status, 'Error');
  assert.match(message, /Enterprise ID \(corp_id\)/);
  assert.deepEqual(await it.simulator.settled(), []);
});

test('nobody answers', async () => {
  const fields = it.simulator.connection('application', { base_url: 'http://127.0.0.1:9' });
  const { status, message } = await check('testApplication', fields);
  assert.equal(status, 'Error');
  assertNoSecret([fields.app_secret], message);
});

test('a chatbot: nothing is sent, and that the key is unproved is said', async () => {
  await it.simulator.clear();
  const { status, message } = await check('testChatbot', it.simulator.connection('chatbot'));
  assert.equal(status, 'OK', message);
  assert.match(message, /without sending/);
  assert.deepEqual(
    (await it.simulator.settled()).filter(({ path }) => path.endsWith('/send')),
    [],
  );
});

test('each type of credential is tested by a method that there is, and its secrets are hidden', () => {
  const node = it.engine.nodeTypes.getByNameAndVersion(TYPE);
  assert.deepEqual(
    node.description.credentials.map(({ name, testedBy }) => [name, typeof node.methods.credentialTest[testedBy]]),
    [
      ['weComApplicationApi', 'function'],
      ['weComChatbotApi', 'function'],
    ],
  );
  for (const { name } of node.description.credentials) {
    const { type } = it.loader.getCredential(name);
    const secret = type.properties.filter((property) => /secret|token|key/.test(property.name));
    assert.ok(secret.length > 0);
    for (const { typeOptions } of secret) assert.equal(typeOptions.password, true);
  }
});
