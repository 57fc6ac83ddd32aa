import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, rm } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';
import { Connector, WecomError } from 'node-red-contrib-wecom-connector';
import { assertNoSecret, Simulator, answers, sleep, startWecom } from '../support/shared.js';

const component = (name) => new URL(`../support/components/${name}.js`, import.meta.url);

/** A connector that is closed after the test, however that ends. */
function connector(t, options) {
  const wecom = new Connector(options);
  t.after(() => wecom.close(0));
  return wecom;
}

/** The error of a call; fails where there is none. */
async function errorOf(call) {
  const error = await call.then(
    (output) => assert.fail(`succeeded: ${inspect(output)}`),
    (reason) => reason,
  );
  assert.ok(error instanceof WecomError, inspect(error));
  return error;
}

describe('against the simulator', () => {
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

  test('every action of the manifest is a method', () => {
    const { actions } = wecom.manifest();
    assert.ok(actions.length > 0);
    for (const { id } of actions) {
      const name = id
        .split('-')
        .map((word, index) => (index ? word[0].toUpperCase() + word.slice(1) : word))
        .join('');
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

  test('a token is fetched once for calls one after the other', async () => {
    const connection = simulator.connection('application', { name: 'for this test' });
    const connector = new Connector({ workers: 4 });
    await simulator.clear();
    for (let call = 0; call < 10; call += 1) await connector.listDepartmentIds(connection, {});
    await connector.close();
    const paths = (await simulator.settled()).map(({ path }) => path);
    assert.equal(paths.filter((path) => path === '/cgi-bin/gettoken').length, 1, paths.join(' '));
    assert.equal(paths.filter((path) => path === '/cgi-bin/department/simplelist').length, 10);
  });

  test('connections that take turns keep a token each', async () => {
    const connections = ['app_secret', 'contacts_secret'].map((left) => {
      const { [left]: _, ...rest } = simulator.connection('application');
      return left === 'app_secret' ? { ...rest, app_secret: simulator.connections.application.contacts_secret } : rest;
    });
    const connector = new Connector({ workers: 2 });
    await simulator.clear();
    for (let turn = 0; turn < 5; turn += 1) {
      await Promise.all(connections.map((connection) => connector.listDepartmentIds(connection, {})));
    }
    await connector.close();
    const tokens = (await simulator.settled()).filter(({ path }) => path === '/cgi-bin/gettoken');
    assert.equal(tokens.length, 2);
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
    // What to do comes first; what WeCom said comes last.
    assert.ok(error.message.startsWith(`${error.hint} (`), error.message);
    assert.match(error.message, /\) WeCom's answer 40001: /);
    assertNoSecret([wrong.app_secret, ...simulator.secrets()], error, wecom);
  });

  test('a failure can speak Chinese', async () => {
    const chinese = new Connector({ language: 'zh' });
    const wrong = simulator.connection('application', { app_secret: 'a-wrong-secret' });
    const error = await errorOf(chinese.listDepartmentIds({ ...wrong, contacts_secret: undefined }, {}));
    assert.ok(error.message.startsWith(error.hints.zh), error.message);
    assert.match(error.message, /（获取部门ID列表）企业微信返回40001：/);
    assert.equal(error.hint, error.hints.zh);
    const faulty = await errorOf(chinese.pushTextMessage(wrong, { to_user: ['zhangsan'] }));
    assert.match(faulty.message, /文本消息：内容 \(content\)：必填$/);
    const nowhere = { ...wrong, base_url: 'http://127.0.0.1:1' };
    const unreachable = await errorOf(chinese.pushTextMessage(nowhere, { to_user: ['zhangsan'], content: 'x' }));
    assert.match(unreachable.message, /^连接被拒绝。请求没有到达企业微信。.*（.*文本消息）网络故障$/);
    assert.doesNotMatch(unreachable.message, /[a-z]{3,} [a-z]{3,}/, 'nothing of it is English');
    await chinese.close();
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

  test('a connection of the other type is refused with its name', async () => {
    const error = await errorOf(
      wecom.pushTextMessage(simulator.connection('chatbot'), { to_user: ['zhangsan'], content: 'x' }),
    );
    assert.equal(error.class, 'permanent-invalid-parameters');
    assert.ok(error.faults.every(({ argument }) => argument === 'connection'));
    assertNoSecret(simulator.secrets(), error);
  });

  test('an action that does not exist is refused', async () => {
    const error = await errorOf(wecom.invoke('push-text-mesage', simulator.connection('application'), {}));
    assert.equal(error.class, 'permanent-invalid-parameters');
    assert.match(error.message, /push-text-message/);
  });

  test('what cannot be JSON is refused', async () => {
    const circular = {};
    circular.self = circular;
    const error = await errorOf(wecom.pushTextMessage(simulator.connection('application'), circular));
    assert.equal(error.class, 'permanent-invalid-parameters');
    assert.deepEqual(
      error.faults.map(({ argument, pointer }) => [argument, pointer]),
      [['parameters', '']],
    );
    const secretive = { ...simulator.connection('application'), corp_id: 1n };
    assertNoSecret(simulator.secrets(), await errorOf(wecom.pushTextMessage(secretive, {})));
  });

  test('a connector shows no secret while it works', async () => {
    const call = wecom.listDepartmentIds(simulator.connection('application'), {});
    assertNoSecret(simulator.secrets(), inspect(wecom, { depth: 10, showHidden: true }));
    await call;
  });

  test('without a connection the environment serves', async () => {
    const { base_url, corp_id, app_secret, contacts_secret } = simulator.connection('application');
    const environment = {
      WECOM_BASE_URL: base_url,
      WECOM_CORP_ID: corp_id,
      WECOM_APP_SECRET: app_secret,
      WECOM_CONTACTS_SECRET: contacts_secret,
    };
    Object.assign(process.env, environment);
    const connector = new Connector();
    const { department_id } = await connector.listDepartmentIds(undefined, {});
    assert.ok(department_id.length > 0);
    await connector.close();
    for (const name of Object.keys(environment)) delete process.env[name];
  });

  test('a program ends when its calls have ended, without close', async () => {
    const program = `
      import { Connector } from 'node-red-contrib-wecom-connector';
      const wecom = new Connector({ workers: 2 });
      const connection = JSON.parse(process.argv[1]);
      const calls = [1, 2].map(() => wecom.listDepartmentIds(connection, {}));
      const outputs = await Promise.all(calls);
      console.log(outputs.length);`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program, JSON.stringify(simulator.connection('application'))],
      { cwd: fileURLToPath(new URL('../..', import.meta.url)), timeout: 20_000 },
    );
    assert.equal(stdout.trim(), '2');
    assert.equal(stderr, '');
  });
});

describe('against a server that is slow, or refuses, or hangs up', () => {
  const message = { to_user: ['zhangsan'], content: 'x' };

  test('two calls of 5 s run at the same time, and the event loop ticks', async (t) => {
    const wecom = connector(t, { workers: 2 });
    const server = await startWecom(t, () => sleep(5000).then(() => answers.sent));
    let longest = 0;
    let last = performance.now();
    const ticking = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 10);
    const began = performance.now();
    const outputs = await Promise.all([1, 2].map(() => wecom.pushTextMessage(server.connection, message)));
    const took = performance.now() - began;
    clearInterval(ticking);
    for (const output of outputs) assert.equal(output.msg_id, answers.sent.msgid);
    assert.ok(took >= 5000 && took < 8000, `both took ${took} ms`);
    assert.ok(longest < 1000, `the event loop stood still for ${longest} ms`);
  });

  test('60020 names the address that WeCom saw', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, () => answers.untrusted);
    const error = await errorOf(wecom.pushTextMessage(server.connection, message));
    assert.equal(error.class, 'permanent-rejected');
    assert.equal(error.category, 'permission');
    assert.equal(error.code, 60020);
    assert.equal(error.callerIp, '203.0.113.7');
    assertNoSecret(server.secrets, error);
  });

  test('a lost answer leaves the outcome of a write open, and a read is retryable', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, (_, response) => void response.destroy());
    const write = await errorOf(wecom.pushTextMessage(server.connection, message));
    const read = await errorOf(wecom.listDepartmentIds(server.connection, {}));
    assert.deepEqual([write.class, read.class], ['permanent-outcome-unknown', 'retryable']);
    assert.deepEqual([write.category, read.category], ['network', 'network']);
    assertNoSecret(server.secrets, write, read);
  });

  test('a server that nobody runs is retryable', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, () => answers.sent);
    await server.stop();
    const error = await errorOf(wecom.pushTextMessage(server.connection, message));
    assert.equal(error.class, 'retryable');
    assert.equal(error.category, 'network');
  });

  test('a request that arrived and is not answered in time leaves the outcome open', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, () => undefined);
    const error = await errorOf(wecom.pushTextMessage({ ...server.connection, timeout_seconds: 1 }, message));
    assert.equal(error.class, 'permanent-outcome-unknown', error.message);
    assert.deepEqual(server.received, ['gettoken', 'message/send']);
  });

  test('calls one after the other share a connection, whatever their method', async (t) => {
    const wecom = connector(t, { workers: 1 });
    const server = await startWecom(t, () => ({ ...answers.sent, department_id: [] }));
    for (let call = 0; call < 10; call += 1) {
      await wecom.listDepartmentIds(server.connection, {});
      await wecom.pushTextMessage(server.connection, message);
    }
    assert.equal(server.received.length, 21);
    assert.ok((await server.connections()) <= 2, `${await server.connections()} connections are open`);
  });

  test('a request that nobody waits for any more does not keep its connection', async (t) => {
    const wecom = connector(t, { workers: 1 });
    const server = await startWecom(t, () => undefined);
    await errorOf(wecom.pushTextMessage({ ...server.connection, timeout_seconds: 1 }, message));
    const patience = performance.now() + 8000;
    while ((await server.connections()) > 0) {
      assert.ok(performance.now() < patience, 'the connection is still open');
      await sleep(100);
    }
  });

  test('a worker whose call takes longer than the deadline is replaced', async (t) => {
    const wecom = connector(t, { workers: 1, deadlineSeconds: 1 });
    let slow = true;
    const server = await startWecom(t, () => (slow ? undefined : answers.sent));
    const error = await errorOf(wecom.pushTextMessage(server.connection, message));
    assert.equal(error.class, 'permanent-outcome-unknown');
    assert.match(error.message, /longer than 1 seconds/);
    slow = false;
    assert.equal((await wecom.pushTextMessage(server.connection, message)).msg_id, answers.sent.msgid);
  });

  test('close lets what is under way end, rejects what waits, and takes no more', async (t) => {
    const wecom = connector(t, { workers: 1 });
    const server = await startWecom(t, () => sleep(500).then(() => answers.sent));
    const running = wecom.pushTextMessage(server.connection, message);
    const waiting = errorOf(wecom.pushTextMessage(server.connection, message));
    while (!server.received.includes('message/send')) await sleep(10);
    const closed = wecom.close();
    const late = errorOf(wecom.pushTextMessage(server.connection, message));
    assert.equal((await running).msg_id, answers.sent.msgid);
    assert.equal((await waiting).class, 'retryable');
    assert.equal((await late).class, 'retryable');
    await closed;
    assert.equal(server.received.filter((path) => path === 'message/send').length, 1);
  });

  test('close does not wait longer than told', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, () => undefined);
    const error = errorOf(wecom.pushTextMessage(server.connection, message));
    while (!server.received.includes('message/send')) await sleep(10);
    const began = performance.now();
    await wecom.close(0.2);
    assert.ok(performance.now() - began < 2000);
    assert.equal((await error).class, 'permanent-outcome-unknown');
  });

  test('who floods one connection does not starve another', async (t) => {
    const wecom = connector(t, { workers: 1 });
    const server = await startWecom(t, () => sleep(20).then(() => answers.sent));
    const order = [];
    const call = (name) => wecom.pushTextMessage({ ...server.connection, name }, message).then(() => order.push(name));
    const calls = [...Array(10).fill('flood'), 'other'].map(call);
    await Promise.all(calls);
    assert.equal(order.length, 11);
    assert.ok(order.indexOf('other') <= 2, order.join(' '));
  });
});

describe('workers that break down', () => {
  /** A connector whose component does what it is told. */
  async function unruly(options, use) {
    const wecom = new Connector({ workers: 1, ...options, component: component('unruly') });
    const told = (action) => (deed, values) => wecom.invoke(action, undefined, { deed, ...values });
    try {
      await use({ write: told('push-text-message'), read: told('list-department-ids'), wecom });
    } finally {
      await wecom.close(0);
    }
  }

  for (const deed of ['trap', 'exit']) {
    test(`${deed}: a write may have happened, a read can be repeated, and the next call is served`, () =>
      unruly({}, async ({ write, read }) => {
        assert.equal((await errorOf(write(deed))).class, 'permanent-outcome-unknown');
        assert.equal((await errorOf(read(deed))).class, 'retryable');
        assert.deepEqual(await read('answer', { value: 7 }), { value: 7 });
      }));
  }

  test('the message says why the worker died', () =>
    unruly({}, async ({ write }) => {
      assert.match((await errorOf(write('trap'))).message, /^Push\w* a text message: .*died \(unreachable\)/);
      assert.match((await errorOf(write('exit'))).message, /died \(exit 3\)/);
    }));

  test('only the call of the worker that died fails', () =>
    unruly({ workers: 2 }, async ({ read }) => {
      const others = [read('sleep', { milliseconds: 300 })];
      const dying = errorOf(read('exit'));
      others.push(...Array.from({ length: 4 }, (_, value) => read('answer', { value })));
      assert.equal((await dying).class, 'retryable');
      assert.equal((await Promise.all(others)).length, 5);
    }));

  test('a worker that hangs is given up at the deadline', () =>
    unruly({ deadlineSeconds: 1 }, async ({ read }) => {
      assert.equal((await errorOf(read('hang'))).class, 'retryable');
      assert.deepEqual(await read('answer', { value: 1 }), { value: 1 });
    }));

  test('close ends a worker that hangs', () =>
    unruly({}, async ({ write, wecom }) => {
      const error = errorOf(write('hang'));
      await sleep(300);
      await wecom.close(0.1);
      assert.equal((await error).class, 'permanent-outcome-unknown');
    }));

  const useless = {
    missing: [/the component is missing: there is no .*missing\.js/, /缺少组件文件/],
    broken: [/the component does not load: expected magic word/, /组件无法加载/],
    'other-version': [
      /is wecom:connector@999\.0\.0 999\.0\.0, but this package was built for wecom:connector@/,
      /组件版本为/,
    ],
  };
  test('arguments of another type are refused, and nothing is sent', async (t) => {
    const wecom = connector(t);
    const connection = { type: 'application', corp_id: 'ww1', app_secret: 'S', base_url: 'http://127.0.0.1:9' };
    const push = (fields) => wecom.pushTextMessage(connection, { to_user: ['a'], content: 'x', ...fields });
    for (const [call, words] of [
      [wecom.invoke(undefined, connection, {}), /must be a text/],
      [wecom.getAccessToken(connection, 'bogus'), /must be one of app, contacts/],
      [push({ agent_id: Number.NaN }), /cannot be written as JSON: NaN/],
      [push({ content: () => 'x' }), /cannot be written as JSON: function/],
      [
        wecom.pushTextMessage(() => connection, { to_user: ['a'], content: 'x' }),
        /cannot be written as JSON: function/,
      ],
    ]) {
      const error = await errorOf(call);
      assert.equal(error.class, 'permanent-invalid-parameters');
      assert.match(error.message, words);
    }
  });

  test('a component whose code is gone does not load, however often it is called', async (t) => {
    // Two folders below the package's, as its imports have it.
    const copy = new URL('../component-without-code/', import.meta.url);
    await cp(new URL('../../dist/component/', import.meta.url), copy, { recursive: true });
    t.after(() => rm(copy, { recursive: true }));
    await rm(new URL('connector.core.wasm', copy));
    const wecom = new Connector({ component: new URL('connector.js', copy) });
    for (let call = 0; call < 3; call += 1) {
      const error = await errorOf(wecom.pushTextMessage(undefined, { content: 'x' }));
      assert.equal(error.class, 'permanent-rejected');
      assert.match(error.message, /the component does not load: .*connector\.core\.wasm/);
    }
    await wecom.close();
  });

  for (const [name, [english, chinese]] of Object.entries(useless)) {
    test(`a component that is ${name} is told at every call, and does not break the program`, async () => {
      const wecom = new Connector({ component: component(name) });
      const call = () => wecom.pushTextMessage(undefined, { content: 'x' });
      for (const error of [await errorOf(wecom.ready()), await errorOf(call()), await errorOf(call())]) {
        assert.equal(error.class, 'permanent-rejected');
        assert.match(error.message, english);
      }
      await wecom.close();
      const inChinese = new Connector({ component: component(name), language: 'zh' });
      assert.match((await errorOf(inChinese.ready())).message, chinese);
      await inChinese.close();
    });
  }

  test('options that make no sense are refused', () => {
    for (const options of [{ workers: 0 }, { workers: 1.5 }, { workers: '4' }, { language: 'fr' }]) {
      assert.throws(() => new Connector(options), RangeError, inspect(options));
    }
    assert.throws(() => new Connector({ deadlineSeconds: Number.POSITIVE_INFINITY }), RangeError);
  });
});
