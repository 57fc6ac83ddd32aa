import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { start } from '../support/flows.js';
import { answers, assertNoSecret, defective, Simulator, startWecom } from '../support/shared.js';

let simulator;
before(async () => {
  simulator = await Simulator.start();
});
after(() => simulator.stop());

/** A flow with an application and a chatbot, and a way to ask. */
async function started(t, options = {}) {
  const connections = { app: simulator.connection('application'), bot: simulator.connection('chatbot') };
  const flow = await start(t, { type: 'wecom-push-text-message' }, { connections, ...options });
  const post = async (path, body, status = 200) => {
    const response = await flow.request().post(`/wecom-connector/${path}`).send(body);
    assert.equal(response.status, status, response.text);
    assertNoSecret(simulator.secrets(), response.text, ...flow.visible());
    return response.body;
  };
  return { flow, post };
}

/** The fields of a dialog, without secrets. */
function shown(type, fields = {}) {
  const { app_secret, contacts_secret, chatbot_key, type: _, ...rest } = simulator.connection(type);
  return { ...rest, ...fields };
}

describe('test-connection', () => {
  test('takes the stored secrets where none was typed', async (t) => {
    const { post } = await started(t);
    for (const secrets of [{}, { app_secret: '__PWRD__', contacts_secret: '__PWRD__' }]) {
      const connection = shown('application', secrets);
      const { ok, checks } = await post('test-connection', { id: 'app', type: 'application', connection });
      assert.equal(ok, true);
      assert.deepEqual(
        checks.map(({ credential, proved }) => [credential, proved]),
        [
          ['app-secret', true],
          ['contacts-secret', true],
        ],
      );
      assert.match(checks[0].detail.zh, /\p{Script=Han}/u);
    }
  });

  test('puts the environment into stored secrets as a deployment does', async (t) => {
    const { app_secret, contacts_secret } = simulator.connection('application');
    Object.assign(process.env, { WECOM_TEST_APP: app_secret, WECOM_TEST_CONTACTS: contacts_secret });
    t.after(() => {
      delete process.env.WECOM_TEST_APP;
      delete process.env.WECOM_TEST_CONTACTS;
    });
    const variable = (name) => `$\{${name}}`;
    const stored = { app_secret: variable('WECOM_TEST_APP'), contacts_secret: variable('WECOM_TEST_CONTACTS') };
    const connections = {
      app: { ...simulator.connection('application'), ...stored },
      bot: simulator.connection('chatbot'),
    };
    const { post } = await started(t, { connections });
    for (const secrets of [{ app_secret: '__PWRD__', contacts_secret: '__PWRD__' }, stored]) {
      const connection = shown('application', secrets);
      const { ok } = await post('test-connection', { id: 'app', type: 'application', connection });
      assert.equal(ok, true);
    }
  });

  test('takes what is typed before what is stored, and nothing for what was cleared', async (t) => {
    const { post } = await started(t);
    const wrong = shown('application', { app_secret: 'typed-and-wrong-secret', contacts_secret: '' });
    const { ok, checks: refused } = await post('test-connection', {
      id: 'app',
      type: 'application',
      connection: wrong,
    });
    assert.equal(ok, true);
    assert.deepEqual(
      refused.map(({ pointer, proved }) => [pointer, proved]),
      [['/app_secret', false]],
    );
    const [{ error }] = refused;
    assert.deepEqual([error.class, error.category, error.code], ['permanent-rejected', 'authentication', 40001]);
    assert.match(error.hint.en, /^Copy both/);
    assert.match(error.hint.zh, /^请重新复制/);
    assertNoSecret(['typed-and-wrong-secret'], error);
    const cleared = shown('application', { contacts_secret: '' });
    const { checks } = await post('test-connection', { id: 'app', type: 'application', connection: cleared });
    assert.deepEqual(
      checks.map(({ credential }) => credential),
      ['app-secret'],
    );
  });

  test('tells each credential by itself: a good one is not lost beside a wrong one', async (t) => {
    const { post } = await started(t);
    const connection = shown('application', { app_secret: 'typed-and-wrong-secret' });
    const { ok, checks } = await post('test-connection', { id: 'app', type: 'application', connection });
    assert.equal(ok, true);
    assert.deepEqual(
      checks.map(({ pointer, proved, error }) => [pointer, proved, error?.code]),
      [
        ['/app_secret', false, 40001],
        ['/contacts_secret', true, undefined],
      ],
    );
    const [{ error }] = checks;
    assert.match(error.hint.zh, /^请/);
    assert.match(error.said, /40001/);
    assertNoSecret(['typed-and-wrong-secret'], checks);
  });

  test('an Enterprise ID that WeCom does not know is told at that field', async (t) => {
    const { post } = await started(t);
    const connection = shown('application', { corp_id: 'ww0000000000000000' });
    const { checks } = await post('test-connection', { id: 'app', type: 'application', connection });
    assert.deepEqual(
      checks.map(({ pointer, proved, error }) => [pointer, proved, error.code]),
      [['/corp_id', false, 40013]],
    );
  });

  test('every wrong secret is told at its field, also where none is right', async (t) => {
    const { post } = await started(t);
    const wrong = { app_secret: 'typed-and-wrong-secret', contacts_secret: 'typed-and-wrong-secret' };
    const connection = shown('application', wrong);
    const { ok, checks } = await post('test-connection', { id: 'app', type: 'application', connection });
    assert.equal(ok, true);
    assert.deepEqual(
      checks.map(({ pointer, proved, error }) => [pointer, proved, error.code]),
      [
        ['/app_secret', false, 40001],
        ['/contacts_secret', false, 40001],
      ],
    );
    assertNoSecret(['typed-and-wrong-secret'], checks);
  });

  test('is an error where WeCom gives no answer', async (t) => {
    const { post } = await started(t);
    const connection = shown('application', { base_url: 'http://127.0.0.1:1' });
    const { ok, error } = await post('test-connection', { id: 'app', type: 'application', connection });
    assert.deepEqual([ok, error.class, error.category, error.pointer], [false, 'retryable', 'network', undefined]);
  });

  test('works before the connection is deployed, and without any node that acts', async (t) => {
    const { post } = await started(t);
    const { type, ...connection } = simulator.connection('application');
    assert.equal((await post('test-connection', { type, connection })).ok, true);
    assert.equal((await post('test-connection', { id: 'not-deployed', type, connection })).ok, true);
  });

  test('puts environment variables in, as a deployment does', async (t) => {
    const { post } = await started(t);
    process.env.CORP_ID_FOR_TEST = simulator.connections.application.corp_id;
    const connection = shown('application', { corp_id: '$' + '{CORP_ID_FOR_TEST}' });
    const { ok, error } = await post('test-connection', { id: 'app', type: 'application', connection });
    assert.equal(ok, true, error?.message);
  });

  test('says what is wrong with a field', async (t) => {
    const { post } = await started(t);
    const connection = shown('application', { base_url: 'ftp://example.com', timeout_seconds: '0' });
    const { error } = await post('test-connection', { id: 'app', type: 'application', connection, lang: 'zh-CN' });
    assert.equal(error.class, 'permanent-invalid-parameters');
    const pointers = error.faults.map(({ pointer }) => pointer).sort();
    assert.deepEqual(pointers, ['/base_url', '/timeout_seconds']);
    assert.match(error.message, /服务地址（Base URL） \(base_url\)/);
  });

  test('says that nothing proves a chatbot', async (t) => {
    const { post } = await started(t);
    const body = { id: 'bot', type: 'chatbot', connection: shown('chatbot') };
    const { checks } = await post('test-connection', body);
    assert.deepEqual(
      checks.map(({ credential, proved }) => [credential, proved]),
      [['chatbot-key', false]],
    );
  });

  for (const [name, body] of [
    ['without a type', { connection: {} }],
    ['of a type that does not exist', { type: 'mail', connection: {} }],
    ['without fields', { type: 'chatbot' }],
    ['with a list for fields', { type: 'chatbot', connection: [] }],
    ['with nothing', undefined],
  ]) {
    test(`refuses a request ${name}`, async (t) => {
      const { post } = await started(t);
      assert.match((await post('test-connection', body, 400)).error.message, /^(type|connection): /);
    });
  }
});

describe('test-message', () => {
  test('puts one text into the group of a chatbot, in the language of the editor', async (t) => {
    const { post } = await started(t);
    for (const [lang, words] of [
      ['zh-CN', /\p{Script=Han}/u],
      ['en-US', /^[ -~]+$/],
    ]) {
      await simulator.clear();
      const body = { id: 'bot', type: 'chatbot', connection: shown('chatbot'), lang };
      assert.deepEqual(await post('test-message', body), { ok: true });
      const [sent, ...others] = await simulator.at('webhook/send');
      assert.equal(others.length, 0);
      assert.match(sent.body.text.content, words);
    }
  });

  test('tells why it did not go', async (t) => {
    const { post } = await started(t);
    const connection = shown('chatbot', { chatbot_key: 'no-such-key-of-a-chatbot' });
    const { ok, error } = await post('test-message', { id: 'bot', type: 'chatbot', connection });
    assert.deepEqual([ok, error.code, error.pointer], [false, 93000, '/chatbot_key']);
    assertNoSecret(['no-such-key-of-a-chatbot'], error);
  });

  test('is refused for a connection that has nobody to send to', async (t) => {
    const { post } = await started(t);
    await simulator.clear();
    const body = { id: 'app', type: 'application', connection: shown('application') };
    assert.match((await post('test-message', body, 400)).error.message, /^type: /);
    assert.deepEqual(await simulator.settled(), []);
  });
});

describe('options', () => {
  test('gives the output of an action that reads, by the connection that is deployed', async (t) => {
    const { post } = await started(t);
    const { ok, output } = await post('options', { connection: 'app', action: 'list-department-ids' });
    assert.equal(ok, true);
    assert.ok(output.department_id.some(({ id }) => id === 2));
  });

  test('passes parameters on', async (t) => {
    const { post } = await started(t);
    const body = { connection: 'app', action: 'list-department-ids', parameters: { id: 2 } };
    const { output } = await post('options', body);
    assert.deepEqual(output.department_id.map(({ id }) => id).sort(), [2, 3]);
  });

  test('works with the fields of an open dialog', async (t) => {
    const { post } = await started(t);
    const body = { connection: 'app', connectionFields: shown('application'), action: 'list-member-ids' };
    assert.ok((await post('options', body)).output.dept_user.length > 0);
  });

  test('tells by a category that the connection is told no names', async (t) => {
    const { post } = await started(t);
    const { contacts_secret } = simulator.connection('application');
    const connectionFields = shown('application', { app_secret: contacts_secret });
    const { error } = await post('options', { connectionFields, action: 'list-departments' });
    assert.deepEqual([error.code, error.category], [48009, 'permission']);
    assert.ok(error.hint.en && error.hint.zh);
  });

  test('refuses an action that changes something, and one that does not exist', async (t) => {
    const { post } = await started(t);
    await simulator.clear();
    const write = { connection: 'app', action: 'delete-department', parameters: { id: 5 } };
    assert.match((await post('options', write, 400)).error.message, /^action: /);
    assert.match((await post('options', { connection: 'app', action: 'x' }, 400)).error.message, /^action: /);
    assert.match(
      (await post('options', { connection: 'app', action: 'list-department-ids', parameters: 7 }, 400)).error.message,
      /^parameters: /,
    );
    assert.deepEqual(await simulator.settled(), []);
  });

  test('says what is wrong with the connection', async (t) => {
    const { post } = await started(t);
    const ask = async (connection) => (await post('options', { connection, action: 'list-department-ids' })).error;
    assert.match((await ask('bot')).message, /of the type Chatbot/);
    assert.match((await ask('not-deployed')).message, /missing or switched off/);
    assert.match((await ask(undefined)).message, /no connection is chosen/);
  });

  test('60020 names the address', async (t) => {
    const { post } = await started(t);
    const server = await startWecom(t, () => answers.untrusted);
    const { type, ...connectionFields } = server.connection;
    const { error } = await post('options', { connectionFields, action: 'list-department-ids' });
    assert.deepEqual([error.code, error.callerIp], [60020, '203.0.113.7']);
    assertNoSecret(server.secrets, error);
  });
});

test('a component that cannot serve is told, not hidden behind a server error', async (t) => {
  const { post } = await started(t, { component: defective('missing') });
  const body = { id: 'app', type: 'application', connection: shown('application') };
  const { ok, error } = await post('test-connection', body);
  assert.equal(ok, false);
  assert.match(error.message, /the component is missing/);
});
