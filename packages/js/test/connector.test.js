import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { Connector } from 'wecom-connector';
import { errorOf } from './support/errors.js';
import { assertNoSecret } from './support/secrets.js';
import { Simulator } from './support/simulator.js';

const root = fileURLToPath(new URL('..', import.meta.url));

let simulator;
let wecom;
before(async () => {
  simulator = await Simulator.start();
  wecom = new Connector();
});
after(async () => {
  await wecom.close();
  await simulator.stop();
});

/** Sets variables of the process for a while. */
async function withVariables(variables, use) {
  Object.assign(process.env, variables);
  try {
    await use();
  } finally {
    for (const name of Object.keys(variables)) delete process.env[name];
  }
}

test('every action of the manifest is a method', () => {
  const { actions } = wecom.manifest();
  assert.ok(actions.length > 0);
  for (const { id } of actions) {
    const [first, ...others] = id.split('-');
    const name = first + others.map((word) => word[0].toUpperCase() + word.slice(1)).join('');
    assert.equal(typeof wecom[name], 'function', name);
  }
});

test('a method and invoke do the same, and the request arrives', async () => {
  const application = simulator.connection('application');
  await simulator.clear();
  const parameters = { to_user: ['zhangsan', 'nobody'], content: '部署完成，请验收。' };
  const outputs = [
    await wecom.pushTextMessage(application, parameters),
    await wecom.invoke('push-text-message', application, parameters),
  ];
  for (const output of outputs) assert.deepEqual(output.invalid_user, ['nobody']);
  const bodies = (await simulator.at('message/send')).map(({ body }) => body);
  assert.equal(bodies.length, 2);
  assert.deepEqual(bodies[0], bodies[1]);
  assert.equal(bodies[0].touser, 'zhangsan|nobody');
  assert.equal(bodies[0].text.content, '部署完成，请验收。');
});

test('a hundred calls that begin at once fetch one token', async (t) => {
  const connector = new Connector();
  t.after(() => connector.close());
  await simulator.clear();
  const connection = simulator.connection('application');
  const outputs = await Promise.all(Array.from({ length: 100 }, () => connector.listDepartmentIds(connection, {})));
  assert.ok(outputs.every(({ department_id }) => department_id.length > 0));
  const paths = (await simulator.settled()).map(({ path }) => path);
  assert.equal(paths.filter((path) => path === '/cgi-bin/gettoken').length, 1, paths.join(' '));
  assert.equal(paths.filter((path) => path === '/cgi-bin/department/simplelist').length, 100);
});

test('connections that take turns keep a token each', async (t) => {
  const connector = new Connector();
  t.after(() => connector.close());
  const { app_secret, contacts_secret, ...rest } = simulator.connection('application');
  const connections = [
    { ...rest, app_secret },
    { ...rest, app_secret: contacts_secret },
  ];
  await simulator.clear();
  for (let turn = 0; turn < 5; turn += 1) {
    for (const connection of connections) await connector.listDepartmentIds(connection, {});
  }
  const paths = (await simulator.settled()).map(({ path }) => path);
  assert.equal(paths.filter((path) => path === '/cgi-bin/gettoken').length, 2, paths.join(' '));
  assert.equal(paths.length, 12);
});

test('a call that fetches the token for others may be aborted', async (t) => {
  const connector = new Connector();
  t.after(() => connector.close());
  const connection = simulator.connection('application');
  const controller = new AbortController();
  const first = errorOf(connector.listDepartmentIds(connection, {}, { signal: controller.signal }));
  const others = Array.from({ length: 10 }, () => connector.listDepartmentIds(connection, {}));
  await connector.ready();
  controller.abort(new Error('enough'));
  const error = await first;
  assert.equal(error.class, 'retryable');
  assert.equal(error.cause.message, 'enough');
  assert.equal((await Promise.all(others)).length, 10);
});

test('test-connection says what was proved', async () => {
  const { checks } = await wecom.testConnection(simulator.connection('application'));
  assert.deepEqual(
    checks.map(({ credential, proved }) => [credential, proved]),
    [
      ['app-secret', true],
      ['contacts-secret', true],
    ],
  );
  const { checks: chatbot } = await wecom.testConnection(simulator.connection('chatbot'));
  assert.deepEqual(
    chatbot.map(({ credential, proved }) => [credential, proved]),
    [['chatbot-key', false]],
  );
  const wrong = simulator.connection('application', { app_secret: 'a-wrong-secret-that-must-not-show' });
  const [{ error }] = (await wecom.testConnection(wrong)).checks;
  assert.equal(error.code, 40001);
  assertNoSecret([wrong.app_secret], error);
});

test('a token can be had and used', async () => {
  const application = simulator.connection('application');
  const { accessToken, expiresInSeconds } = await wecom.getAccessToken(application, 'contacts');
  assert.ok(expiresInSeconds > 0);
  const { base_url, corp_id } = application;
  await simulator.clear();
  await wecom.listMemberIds({ type: 'application', base_url, corp_id, access_token: accessToken }, {});
  assert.deepEqual(
    (await simulator.settled()).map(({ path }) => path),
    ['/cgi-bin/user/list_id'],
  );
});

test('a wrong secret is told by class, category, code, hint and link, and does not show', async () => {
  const wrong = simulator.connection('application', { app_secret: 'a-wrong-secret-that-must-not-show' });
  const error = await errorOf(wecom.pushTextMessage(wrong, { to_user: ['zhangsan'], content: 'x' }));
  assert.equal(error.class, 'permanent-rejected');
  assert.equal(error.category, 'authentication');
  assert.equal(error.code, 40001);
  assert.equal(error.api, 'gettoken');
  assert.equal(error.credential, 'app-secret');
  assert.equal(error.action, 'push-text-message');
  assert.match(error.link, /^https:/);
  assert.equal(error.hint, error.hints.en);
  assert.ok(error.message.startsWith(`${error.hint} (`), error.message);
  assert.match(error.message, /\) WeCom's answer 40001: /);
  assertNoSecret([wrong.app_secret, ...simulator.secrets()], error, wecom);
});

test('a failure can speak Chinese, for a connector and for a call', async () => {
  const chinese = new Connector({ language: 'zh' });
  const wrong = simulator.connection('application', { app_secret: 'a-wrong-secret', contacts_secret: undefined });
  const error = await errorOf(chinese.listDepartmentIds(wrong, {}));
  assert.ok(error.message.startsWith(error.hints.zh), error.message);
  assert.match(error.message, /（获取部门ID列表）企业微信返回40001：/);
  const faulty = await errorOf(wecom.pushTextMessage(wrong, { to_user: ['zhangsan'] }, { language: 'zh' }));
  assert.match(faulty.message, /文本消息：内容 \(content\)：必填$/);
  await assert.rejects(wecom.pushTextMessage(wrong, {}, { language: 'fr' }), RangeError);
});

test('all faults are told at once, and nothing is sent', async () => {
  await simulator.clear();
  const parameters = { to_user: [{}], safe: 5, contents: 'x' };
  const error = await errorOf(wecom.pushTextMessage(simulator.connection('application'), parameters));
  assert.equal(error.class, 'permanent-invalid-parameters');
  const pointers = error.faults.map(({ pointer }) => pointer).sort();
  assert.deepEqual(pointers, ['/content', '/contents', '/safe', '/to_user/0']);
  assert.match(error.message, /Receiver ID \(to_user\/0\)/);
  assert.deepEqual(await simulator.settled(), []);
});

test('a connection of the other type is refused', async () => {
  const connection = simulator.connection('chatbot');
  const error = await errorOf(wecom.pushTextMessage(connection, { to_user: ['zhangsan'], content: 'x' }));
  assert.equal(error.class, 'permanent-invalid-parameters');
  assert.ok(error.faults.every(({ argument }) => argument === 'connection'));
  assertNoSecret(simulator.secrets(), error);
});

test('arguments of another type name the field, and nothing is sent', async () => {
  await simulator.clear();
  const connection = simulator.connection('application');
  const push = (fields) => wecom.pushTextMessage(connection, { to_user: ['a'], content: 'x', ...fields });
  const circular = {};
  circular.self = circular;
  const nested = (depth) => {
    let value = 'x';
    for (let level = 0; level < depth; level += 1) value = [value];
    return value;
  };
  const throwing = (name, reason) =>
    Object.defineProperty({ ...connection }, name, {
      enumerable: true,
      get() {
        throw reason;
      },
    });
  const without = { toJSON: () => undefined };
  for (const [call, argument, pointer, words] of [
    [() => push({ content: nested(33) }), 'parameters', `/content${'/0'.repeat(32)}`, /nested too deep/],
    [() => push({ content: nested(20_000) }), 'parameters', `/content${'/0'.repeat(32)}`, /nested too deep/],
    [() => wecom.pushTextMessage(connection, throwing('content', new Error('no'))), 'parameters', '/content', /: no$/],
    [() => wecom.pushTextMessage(connection, throwing('content', null)), 'parameters', '/content', /JSON: null$/],
    [() => wecom.testConnection(throwing('type', null)), 'connection', '/type', /JSON: null$/],
    [() => wecom.getAccessToken(throwing('corp_id', 'no'), 'app'), 'connection', '/corp_id', /JSON: no$/],
    [() => wecom.pushTextMessage(connection, without), 'parameters', '', /JSON: undefined$/],
    [() => wecom.pushTextMessage(without, {}), 'connection', '', /JSON: undefined$/],
    [() => push({ agent_id: Number.NaN }), 'parameters', '/agent_id', /Enterprise App ID \(agent_id\) .* JSON: NaN/],
    [() => push({ content: () => 'x' }), 'parameters', '/content', /\(content\) cannot be written as JSON: function/],
    [() => push({ content: 1n }), 'parameters', '/content', /bigint/],
    [() => push({ to_user: ['a', Symbol('x')] }), 'parameters', '/to_user/1', /symbol/],
    [() => push({ to_user: new Set(['a']) }), 'parameters', '/to_user', /JSON: Set/],
    [() => push({ content: new Uint8Array(1) }), 'parameters', '/content', /JSON: Uint8Array/],
    [() => push({ content: Buffer.from('x') }), 'parameters', '/content', /JSON: Buffer/],
    [() => push({ content: new ArrayBuffer(1) }), 'parameters', '/content', /JSON: ArrayBuffer/],
    [() => push({ content: new Blob(['x']) }), 'parameters', '/content', /JSON: Blob/],
    [() => push({ content: {} }), 'parameters', '/content', /must be a text/],
    [() => push({ 'a/b~': () => 1 }), 'parameters', '/a~1b~0', /function/],
    [() => wecom.pushTextMessage(connection, circular), 'parameters', '/self', /circular/],
    [() => wecom.pushTextMessage(connection, 'x'), 'parameters', '', /object/],
    [() => wecom.pushTextMessage(() => connection, {}), 'connection', '', /function/],
    [() => wecom.pushTextMessage({ ...connection, corp_id: 1n }, {}), 'connection', '/corp_id', /bigint/],
    [() => wecom.invoke(undefined, connection, {}), 'action', '', /must be a text/],
    [() => wecom.invoke('push-text-mesage', connection, {}), 'action', '', /push-text-message/],
    [() => wecom.invoke('push-text-mesage', undefined, {}), 'action', '', /push-text-message/],
    [() => wecom.getAccessToken(connection, 'bogus'), 'scope', '', /must be one of app, contacts/],
  ]) {
    const error = await errorOf(call());
    assert.equal(error.class, 'permanent-invalid-parameters');
    assert.deepEqual([error.faults[0].argument, error.faults[0].pointer], [argument, pointer], error.message);
    assert.match(error.message, words);
    assertNoSecret(simulator.secrets(), error);
  }
  assert.deepEqual(await simulator.settled(), []);
});

test('a connector shows no secret while it works', async () => {
  const call = wecom.listDepartmentIds(simulator.connection('application'), {});
  assertNoSecret(simulator.secrets(), inspect(wecom, { depth: 10, showHidden: true }));
  await call;
});

test('without a connection the environment serves', async () => {
  const { base_url, corp_id, app_secret, contacts_secret, agent_id } = simulator.connection('application');
  const application = {
    WECOM_BASE_URL: base_url,
    WECOM_CORP_ID: corp_id,
    WECOM_APP_SECRET: app_secret,
    WECOM_CONTACTS_SECRET: contacts_secret,
    WECOM_AGENT_ID: String(agent_id),
  };
  const credentials = async () => (await wecom.testConnection()).checks.map(({ credential }) => credential);
  await withVariables(application, async () => {
    const { department_id } = await wecom.listDepartmentIds(undefined, {});
    assert.ok(department_id.length > 0);
    assert.ok((await wecom.pushTextMessage(null, { to_user: ['zhangsan'], content: 'x' })).msg_id);
    assert.ok((await wecom.getAccessToken(undefined, 'app')).accessToken);
    assert.deepEqual(await credentials(), ['app-secret', 'contacts-secret']);
    await withVariables({ WECOM_CHATBOT_KEY: simulator.connection('chatbot').chatbot_key }, async () => {
      assert.deepEqual((await credentials()).sort(), ['app-secret', 'chatbot-key', 'contacts-secret']);
    });
  });
  const unset = await errorOf(wecom.pushTextMessage(undefined, { to_user: ['zhangsan'], content: 'x' }));
  assert.match(unset.message, /Enterprise ID \(corp_id\) is required: .* WECOM_CORP_ID is not set/);
  assert.match((await errorOf(wecom.testConnection())).message, /WECOM_CORP_ID/);
  await withVariables({ ...application, WECOM_TIMEOUT_SECONDS: 'soon' }, async () => {
    const error = await errorOf(wecom.listDepartmentIds(undefined, {}));
    assert.deepEqual(
      error.faults.map(({ pointer }) => pointer),
      ['/timeout_seconds'],
    );
  });
});

test('a program ends when its calls have ended, without close', async () => {
  const program = `
    import { Connector } from 'wecom-connector';
    const wecom = new Connector();
    const connection = JSON.parse(process.argv[1]);
    const outputs = await Promise.all([1, 2].map(() => wecom.listDepartmentIds(connection, {})));
    console.log(outputs.length);`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program, JSON.stringify(simulator.connection('application'))],
    { cwd: root, timeout: 20_000 },
  );
  assert.equal(stdout.trim(), '2');
  assert.equal(stderr, '');
});

test('a call may bring a fetch of its own; tokens are shared all the same', async () => {
  const shared = new Connector();
  const sent = [];
  const by = (name) => (url, init) => {
    sent.push(`${name} ${new URL(url).pathname.replace('/cgi-bin/', '')}`);
    return fetch(url, init);
  };
  const connection = simulator.connection('application');
  const message = { to_user: ['zhangsan'], content: 'x' };
  await shared.pushTextMessage(connection, message, { fetch: by('first') });
  await shared.pushTextMessage(connection, message, { fetch: by('second') });
  await shared.pushTextMessage(connection, message);
  assert.deepEqual(sent, ['first gettoken', 'first message/send', 'second message/send']);
  await shared.testConnection(connection, { fetch: by('test') });
  assert.ok(sent.includes('test gettoken'));
});

test('options that make no sense are refused, and the error names them', async () => {
  assert.throws(() => new Connector({ language: 'fr' }), { name: 'RangeError', message: /language/ });
  const connection = simulator.connection('application');
  for (const [options, named] of [
    [null, 'options'],
    ['x', 'options'],
    [{ fetch: 'x' }, 'fetch'],
    [{ signal: 5 }, 'signal'],
    [{ signal: {} }, 'signal'],
  ]) {
    const refused = { name: 'TypeError', message: new RegExp(named) };
    if (named !== 'signal') assert.throws(() => new Connector(options), refused);
    await assert.rejects(wecom.listTags(connection, {}, options), refused);
    await assert.rejects(wecom.testConnection(connection, options), refused);
    await assert.rejects(wecom.getAccessToken(connection, 'app', options), refused);
  }
  assert.ok((await wecom.listDepartmentIds(connection, {}, { signal: null })).department_id.length > 0);
});
