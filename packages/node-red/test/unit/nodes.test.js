import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import { Connector } from 'wecom-connector';
import { helper, literal, literals, start } from '../support/flows.js';
import {
  answers,
  assertNoSecret,
  defective,
  defects,
  fragile,
  Simulator,
  sleep,
  startProxy,
  startWecom,
} from '../support/shared.js';

const push = 'wecom-push-text-message';
const message = { to_user: ['zhangsan'], content: '部署完成，请验收。' };

let simulator;
before(async () => {
  simulator = await Simulator.start();
});
after(() => simulator.stop());

/** A node that pushes a text, with the simulator's application. */
function startPush(t, fields = {}, { application = {}, ...options } = {}) {
  const action = { type: push, fields: { ...literals(message), ...fields } };
  return start(t, action, { connections: { app: simulator.connection('application', application) }, ...options });
}

describe('a message that comes in', () => {
  test('is sent on with the output as payload, and all else of it survives', async (t) => {
    const flow = await startPush(t);
    await simulator.clear();
    const { sent } = await flow.send({ _msgid: 'kept', topic: 'kept too', payload: 'replaced', deep: { kept: [1] } });
    assert.equal(sent._msgid, 'kept');
    assert.equal(sent.topic, 'kept too');
    assert.deepEqual(sent.deep, { kept: [1] });
    assert.match(sent.payload.msg_id, /./);
    const [{ body }] = await simulator.at('message/send');
    assert.deepEqual(body, {
      touser: 'zhangsan',
      msgtype: 'text',
      agentid: 1000002,
      text: { content: message.content },
    });
    assertNoSecret(simulator.secrets(), sent, ...flow.visible());
  });

  test('a variable of the environment that is not set is named, and nothing is sent', async (t) => {
    const secret = `\${${'WECOM_TEST_NOT_SET'}}`;
    const flow = await startPush(t, {}, { application: { app_secret: secret, corp_id: secret } });
    await simulator.clear();
    const { caught } = await flow.send();
    assert.equal(caught.wecom.class, 'permanent-invalid-parameters');
    assert.deepEqual(
      caught.wecom.faults.map(({ pointer }) => pointer),
      ['/corp_id', '/app_secret'],
    );
    assert.match(caught.error.message, /AppSecret \(app_secret\) is to come .*WECOM_TEST_NOT_SET is not set/);
    assert.deepEqual(await simulator.settled(), []);
  });

  test('tokens are kept across messages', async (t) => {
    const flow = await startPush(t);
    await simulator.clear();
    for (let count = 0; count < 5; count += 1) assert.ok((await flow.send()).sent);
    assert.equal((await simulator.at('message/send')).length, 5);
    assert.equal((await simulator.settled()).filter(({ path }) => path === '/cgi-bin/gettoken').length, 1);
  });

  test('shows at the node what happens', async (t) => {
    const flow = await startPush(t);
    await flow.send();
    assert.deepEqual(flow.statuses()[0], { fill: 'blue', shape: 'dot', text: 'running' });
    const last = flow.statuses().at(-1);
    assert.deepEqual([last.fill, last.shape], ['green', 'dot']);
    assert.match(last.text, /^Message ID: /);
  });

  test('what was taken out of a text shows in yellow', async (t) => {
    const flow = await startPush(t, { content: literal('\u001b[31mdisk full\u001b[0m') });
    const { sent } = await flow.send();
    assert.deepEqual(sent.payload.cleaned, ['content']);
    assert.equal(flow.statuses().at(-1).fill, 'yellow');
  });

  test('who was not reached shows in yellow, in the language of the node', async (t) => {
    const fields = { to_user: literal(['zhangsan', 'nobody']) };
    const action = { type: push, lang: 'zh-CN', fields: { ...literals(message), ...fields } };
    const flow = await start(t, action, { connections: { app: simulator.connection('application') } });
    assert.deepEqual((await flow.send()).sent.payload.invalid_user, ['nobody']);
    assert.deepEqual(flow.statuses().at(-1), { fill: 'yellow', shape: 'dot', text: '未送达的成员：1' });
  });
});

describe('a field', () => {
  /** What WeCom got as text, from a field that is filled in that way. */
  async function contentFrom(t, field, msg = {}, options = {}) {
    const flow = await startPush(t, { content: field }, options);
    options.prepare?.(helper.getNode('action'));
    await simulator.clear();
    const result = await flow.send(msg);
    const [request] = await simulator.at('message/send');
    return request ? request.body.text.content : result;
  }

  test('can be a text', async (t) => {
    assert.equal(await contentFrom(t, { type: 'str', value: 'literal' }), 'literal');
  });

  test('can come from the message', async (t) => {
    assert.equal(await contentFrom(t, { type: 'msg', value: 'a.b[0]' }, { a: { b: ['from msg'] } }), 'from msg');
  });

  for (const context of ['flow', 'global']) {
    test(`can come from the ${context} context`, async (t) => {
      const prepare = (node) => node.context()[context].set('text', `from ${context}`);
      assert.equal(await contentFrom(t, { type: context, value: 'text' }, {}, { prepare }), `from ${context}`);
    });
  }

  test('can come from the environment, and be a number there', async (t) => {
    process.env.TEXT_FOR_TEST = 'from env';
    process.env.AGENT_FOR_TEST = '1000002';
    const flow = await startPush(t, {
      content: { type: 'env', value: 'TEXT_FOR_TEST' },
      agent_id: { type: 'env', value: 'AGENT_FOR_TEST' },
    });
    await simulator.clear();
    assert.ok((await flow.send()).sent);
    const [{ body }] = await simulator.at('message/send');
    assert.deepEqual([body.text.content, body.agentid], ['from env', 1000002]);
  });

  test('can be JSONata', async (t) => {
    const field = { type: 'jsonata', value: '"从" & payload.service & "发出"' };
    assert.equal(await contentFrom(t, field, { payload: { service: '构建' } }), '从构建发出');
  });

  test('can be JSON', async (t) => {
    const flow = await startPush(t, { to_user: { type: 'json', value: '["zhangsan","wangwu"]' } });
    await simulator.clear();
    await flow.send();
    assert.equal((await simulator.at('message/send'))[0].body.touser, 'zhangsan|wangwu');
  });

  test('takes a number for a text', async (t) => {
    assert.equal(await contentFrom(t, { type: 'msg', value: 'content' }, { content: 23.5 }), '23.5');
  });

  test('takes digits as a Chinese keyboard writes them, and the separators that it has', async (t) => {
    const flow = await startPush(t, {
      agent_id: { type: 'num', value: '１０００００２' },
      to_user: { type: 'msg', value: 'receivers' },
    });
    await simulator.clear();
    assert.ok((await flow.send({ receivers: 'zhangsan，LiSi、wangwu' })).sent);
    const [{ body }] = await simulator.at('message/send');
    assert.deepEqual([body.agentid, body.touser], [1000002, 'zhangsan|LiSi|wangwu']);
  });

  test('does not lose digits of a number that no program keeps', async (t) => {
    const flow = await startPush(t, { agent_id: { type: 'num', value: '9007199254740993' } });
    await simulator.clear();
    assert.match((await flow.send()).caught.error.message, /Enterprise App ID \(agent_id\)/);
    assert.deepEqual(await simulator.settled(), []);
  });

  test('numbers in lists of texts become numbers where the schema wants them', async (t) => {
    const flow = await startPush(t, { to_party: { type: 'list', value: ['2'] } });
    await simulator.clear();
    assert.ok((await flow.send()).sent);
    assert.equal((await simulator.at('message/send'))[0].body.toparty, '2');
  });

  for (const [name, field, msg] of [
    ['an empty text', { type: 'str', value: '' }],
    ['an empty number', { type: 'num', value: '' }],
    ['an empty JSON', { type: 'json', value: '' }],
    ['nothing in the message', { type: 'msg', value: 'not.there' }],
    ['null in the message', { type: 'msg', value: 'a' }, { a: null }],
    ['nothing in the context', { type: 'flow', value: 'nothing' }],
    ['no variable', { type: 'env', value: 'NO_SUCH_VARIABLE_FOR_TEST' }],
    ['JSONata without a result', { type: 'jsonata', value: 'payload.nothing' }, { payload: {} }],
  ]) {
    test(`is left out where it is ${name}`, async (t) => {
      const flow = await startPush(t, { agent_id: field });
      await simulator.clear();
      assert.ok((await flow.send(msg ?? {})).sent, 'the agent of the connection serves');
      assert.equal((await simulator.at('message/send'))[0].body.agentid, 1000002);
    });
  }

  for (const [name, field, msg, pattern] of [
    ['an object', { type: 'msg', value: 'content' }, { content: { a: 1 } }, /Content \(content\)/],
    ['a Buffer', { type: 'msg', value: 'content' }, { content: Buffer.from('x') }, /Content \(content\)/],
    ['a Buffer from the typed input', { type: 'bin', value: '[1]' }, {}, /Content \(content\)/],
    ['a function', { type: 'msg', value: 'content' }, { content: () => 1 }, /Content \(content\) .*function/],
    ['NaN', { type: 'msg', value: 'content' }, { content: Number.NaN }, /Content \(content\) .*NaN/],
    ['a BigInt', { type: 'msg', value: 'content' }, { content: 1n }, /Content \(content\) .*bigint/],
    ['JSON that is none', { type: 'json', value: '{' }, {}, /Content \(content\) cannot be read from json/],
    ['JSONata that is none', { type: 'jsonata', value: '((' }, {}, /Content \(content\) cannot be read from jsonata/],
    [
      'JSONata that throws',
      { type: 'jsonata', value: '$error("no")' },
      {},
      /Content \(content\) cannot be read from jsonata/,
    ],
    ['a path that is none', { type: 'msg', value: 'a[' }, {}, /Content \(content\) cannot be read from msg\.a\[/],
    ['a type that nobody knows', { type: 'martian', value: { a: 1 } }, {}, /Content \(content\)/],
  ]) {
    test(`is refused, by its name, where it is ${name}`, async (t) => {
      const flow = await startPush(t, { content: field });
      await simulator.clear();
      const { caught } = await flow.send({ ...msg, topic: 'kept' });
      assert.equal(caught.wecom.class, 'permanent-invalid-parameters');
      assert.match(caught.error.message, pattern);
      assert.equal(caught.topic, 'kept');
      assert.deepEqual(
        caught.wecom.faults.map(({ pointer }) => pointer),
        ['/content'],
      );
      assert.deepEqual(await simulator.settled(), []);
      assert.deepEqual([flow.statuses().at(-1).fill, flow.statuses().at(-1).shape], ['red', 'dot']);
    });
  }

  test('a text that is no number is refused as such, not left out', async (t) => {
    const flow = await startPush(t, { agent_id: { type: 'num', value: 'ten' } });
    assert.match((await flow.send()).caught.error.message, /Enterprise App ID \(agent_id\)/);
  });

  test('a circular object is refused', async (t) => {
    const flow = await startPush(t, { content: { type: 'flow', value: 'loop' } });
    const loop = {};
    loop.self = loop;
    helper.getNode('action').context().flow.set('loop', loop);
    assert.match((await flow.send()).caught.error.message, /Content \(content\/self\) cannot be written as JSON/);
  });

  test('a node without fields is refused by the connector, not by a crash', async (t) => {
    const flow = await start(
      t,
      { type: push, fields: undefined },
      { connections: { app: simulator.connection('application') } },
    );
    assert.match((await flow.send()).caught.error.message, /Content \(content\) is required/);
  });
});

describe('a file', () => {
  /** The smallest picture there is. */
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC',
    'base64',
  );

  for (const [name, payload] of [
    ['a Buffer, as the Read File node sends it', png],
    ['bytes', new Uint8Array(png)],
    ['a Buffer that was JSON on its way', JSON.parse(JSON.stringify(png))],
    ['Base64 as other programs write it', `data:image/png;base64,${png.toString('base64')}`],
  ]) {
    test(`can be ${name}, and its digest need not be known`, async (t) => {
      const action = {
        type: 'wecom-push-image-message-by-chatbot',
        fields: { base64: { type: 'msg', value: 'payload' } },
      };
      const flow = await start(t, action, { connections: { bot: simulator.connection('chatbot') } });
      await simulator.clear();
      const { sent, caught } = await flow.send({ payload });
      assert.ok(sent, caught?.error.message);
      const [{ body }] = await simulator.at('webhook/send');
      const md5 = createHash('md5').update(png).digest('hex');
      assert.deepEqual(body, { msgtype: 'image', image: { base64: png.toString('base64'), md5 } });
    });
  }

  test('is uploaded as the Read File node sends it, and what is sent with it is what came', async (t) => {
    const content = Buffer.from('销量\0\xff');
    const fields = {
      file_name: { type: 'msg', value: 'filename' },
      kind: literal('file'),
      content: { type: 'msg', value: 'payload' },
    };
    const connections = { app: simulator.connection('application') };
    const upload = await start(t, { type: 'wecom-upload-media', fields }, { connections });
    const { sent, caught } = await upload.send({ payload: content, filename: '周报.xlsx' });
    assert.ok(sent, caught?.error.message);
    const { media_id } = sent.payload;
    const wecom = new Connector();
    t.after(() => wecom.close());
    const output = await wecom.downloadMedia(connections.app, { media_id });
    assert.deepEqual(output, { file_name: '周报.xlsx', content: content.toString('base64') });
    assertNoSecret(simulator.secrets(), sent, ...upload.visible());
  });

  test('that is empty is told by its field', async (t) => {
    const fields = { file_name: literal('a.txt'), kind: literal('file'), content: { type: 'msg', value: 'payload' } };
    const connections = { app: simulator.connection('application') };
    const flow = await start(t, { type: 'wecom-upload-media', fields }, { connections });
    await simulator.clear();
    assert.match(
      (await flow.send({ payload: Buffer.alloc(0) })).caught.error.message,
      /File \(content\) must have more/,
    );
    assert.deepEqual(await simulator.settled(), []);
  });

  test('is not a Buffer where a text is wanted', async (t) => {
    const flow = await startPush(t, { content: { type: 'msg', value: 'payload' } });
    assert.match((await flow.send({ payload: png })).caught.error.message, /Content \(content\)/);
  });
});

describe('a field of an update', () => {
  const update = async (t, fields, msg) => {
    const action = { type: 'wecom-update-member', fields: { user_id: literal('zhangsan'), ...fields } };
    const flow = await start(t, action, { connections: { app: simulator.connection('application') } });
    await simulator.clear();
    const { sent, caught } = await flow.send(msg);
    const [request] = await simulator.at('user/update');
    return { sent, caught, body: request?.body };
  };

  test('is untouched where it is left empty, and cleared where that is chosen', async (t) => {
    const { body } = await update(t, {
      alias: { type: 'clear', value: '' },
      direct_leader: { type: 'clear', value: '' },
      position: literal(''),
      address: { type: 'env', value: 'NO_SUCH_VARIABLE_FOR_TEST' },
      telephone: { type: 'msg', value: 'not.there' },
    });
    assert.deepEqual(body, { userid: 'zhangsan', alias: '', direct_leader: [] });
  });

  for (const [name, field] of [
    ['the message', { type: 'msg', value: 'payload.alias' }],
    ['JSONata', { type: 'jsonata', value: '$trim(payload.alias)' }],
  ]) {
    test(`is cleared by an empty text of ${name}`, async (t) => {
      const { body } = await update(t, { alias: field }, { payload: { alias: '' } });
      assert.deepEqual(body, { userid: 'zhangsan', alias: '' });
    });
  }

  test('that cannot be cleared is refused, and nothing is sent', async (t) => {
    const { caught, body } = await update(t, { name: { type: 'msg', value: 'payload' } }, { payload: '' });
    assert.deepEqual(
      caught.wecom.faults.map(({ pointer }) => pointer),
      ['/name'],
    );
    assert.equal(body, undefined);
  });

  test('of a push counts as left out where the message brings an empty text', async (t) => {
    const flow = await startPush(t, { agent_id: { type: 'msg', value: 'payload' } });
    assert.ok((await flow.send({ payload: '' })).sent, 'the agent of the connection serves');
  });
});

describe('a failure', () => {
  test('carries what a flow switches on, in the message that is caught', async (t) => {
    const flow = await startPush(t, {}, { application: { app_secret: 'a-wrong-secret-that-must-not-show' } });
    const { caught } = await flow.send({ topic: 'kept', payload: 'kept too' });
    assert.equal(caught.topic, 'kept');
    assert.equal(caught.payload, 'kept too');
    const { hint, link, message: words, ...rest } = caught.wecom;
    assert.deepEqual(rest, {
      action: 'push-text-message',
      api: 'gettoken',
      callerIp: '127.0.0.1',
      category: 'authentication',
      class: 'permanent-rejected',
      code: 40001,
      credential: 'app-secret',
    });
    assert.match(hint, /^Copy both values again/);
    assert.match(link, /^https:/);
    assert.equal(words, caught.error.message);
    assert.ok(words.startsWith(hint), 'what to do comes first');
    assert.match(words, /\(Push\w* a text message\) WeCom's answer 40001: .+$/, 'what WeCom said comes last');
    assert.deepEqual(Object.keys(caught.error).sort(), ['message', 'source'], 'no stack');
    assert.equal(caught.error.source.id, 'action');
    assert.deepEqual(flow.statuses().at(-1), { fill: 'red', shape: 'dot', text: 'Wrong credentials (40001)' });
    assertNoSecret(['a-wrong-secret-that-must-not-show', ...simulator.secrets()], caught, ...flow.visible());
  });

  test('that nobody catches is one line in the log', async (t) => {
    const flow = await startPush(t, {}, { application: { app_secret: 'a-wrong-secret-that-must-not-show' } });
    helper.getNode('catch').scope = ['nobody'];
    helper.getNode('action').receive({});
    const line = await new Promise((resolve) =>
      helper.getNode('action').once('call:error', (call) => resolve(call.args[0])),
    );
    // Node-RED's sidebar folds up whatever is no text.
    assert.equal(typeof line, 'string');
    assert.match(line, /^Copy both values again.*WeCom's answer 40001/);
    assertNoSecret(['a-wrong-secret-that-must-not-show', ...simulator.secrets()], line, ...flow.visible());
  });

  test('is told in the language with which the node was saved', async (t) => {
    const action = { type: push, lang: 'zh-CN', fields: literals(message) };
    const wrong = simulator.connection('application', { app_secret: 'wrong-secret' });
    const flow = await start(t, action, { connections: { app: wrong }, settings: { lang: 'en-US' } });
    const { caught } = await flow.send();
    assert.match(caught.error.message, /^请重新复制.*（.*文本消息）企业微信返回40001：/);
    assert.match(caught.wecom.hint, /请重新复制/);
    assert.equal(flow.statuses().at(-1).text, '凭据错误（40001）');
  });

  test("is told in Node-RED's language where the node has none", async (t) => {
    const flow = await startPush(t, { content: literal('') }, { settings: { lang: 'zh-CN' } });
    assert.match((await flow.send()).caught.error.message, /^.*文本消息：内容/);
  });

  test('retryable, refused and outcome unknown look and read differently', async (t) => {
    let answer = (_, response) => void response.destroy();
    const server = await startWecom(t, (...given) => answer(...given));
    const flow = await start(t, { type: push, fields: literals(message) }, { connections: { app: server.connection } });
    const seen = [];
    const look = async () => {
      const { caught } = await flow.send();
      const { fill, shape } = flow.statuses().at(-1);
      seen.push([caught.wecom.class, fill, shape]);
      assertNoSecret(server.secrets, caught, ...flow.visible());
    };
    await look();
    answer = () => ({ errcode: 45009, errmsg: 'api freq out of limit' });
    await look();
    answer = () => answers.untrusted;
    await look();
    assert.deepEqual(seen, [
      ['permanent-outcome-unknown', 'red', 'ring'],
      ['retryable', 'yellow', 'ring'],
      ['permanent-rejected', 'red', 'dot'],
    ]);
  });

  test('the status says what happened, where the hint does, and else the category; the code is always whole', async (t) => {
    let code = 81013;
    const server = await startWecom(t, () => ({ errcode: code, errmsg: 'no' }));
    for (const [lang, expected] of [
      ['en-US', ['Nobody received this message (81013)', 'Not found or expired (40007)']],
      ['zh-CN', ['这条消息没有任何人收到（81013）', '不存在或已过期（40007）']],
    ]) {
      const action = { type: push, lang, fields: literals(message) };
      const flow = await start(t, action, { connections: { app: server.connection } });
      const texts = [];
      for (code of [81013, 40007]) {
        await flow.send();
        texts.push(flow.statuses().at(-1).text);
      }
      assert.deepEqual(texts, expected);
      await flow.stop();
    }
  });

  test('60020 gives the address to the flow', async (t) => {
    const server = await startWecom(t, () => answers.untrusted);
    const flow = await start(t, { type: push, fields: literals(message) }, { connections: { app: server.connection } });
    const { caught } = await flow.send();
    assert.deepEqual([caught.wecom.code, caught.wecom.callerIp], [60020, '203.0.113.7']);
  });
});

describe('a connection', () => {
  test('that is not chosen', async (t) => {
    const flow = await start(t, { type: push, connection: '', fields: literals(message) });
    const { caught } = await flow.send();
    assert.match(caught.error.message, /no connection is chosen\. Choose one of the type Application/);
    assert.equal(caught.wecom.faults[0].argument, 'connection');
  });

  test('that is gone', async (t) => {
    const flow = await start(t, { type: push, connection: 'gone', fields: literals(message) });
    assert.match((await flow.send()).caught.error.message, /the connection is missing or switched off/);
  });

  test('of the other type', async (t) => {
    const flow = await start(
      t,
      { type: push, fields: literals(message) },
      { connections: { bot: simulator.connection('chatbot') } },
    );
    const { caught } = await flow.send();
    assert.match(caught.error.message, /of the type Chatbot, but one of the type Application is needed here/);
    assertNoSecret(simulator.secrets(), caught, ...flow.visible());
  });

  test('that is no connection at all', async (t) => {
    const flow = await start(t, { type: push, connection: 'out', fields: literals(message) });
    assert.match((await flow.send()).caught.error.message, /of the type helper/);
  });

  test('without its secret', async (t) => {
    const { app_secret: _, contacts_secret: __, ...bare } = simulator.connection('application');
    const flow = await start(t, { type: push, fields: literals(message) }, { connections: { app: bare } });
    assert.match((await flow.send()).caught.error.message, /AppSecret \(app_secret\)/);
  });

  test('with its numbers as the text that a dialog makes of them', async (t) => {
    const flow = await startPush(t, {}, { application: { agent_id: '1000002', timeout_seconds: '5' } });
    assert.ok((await flow.send()).sent);
  });

  test('with a number that is none', async (t) => {
    const flow = await startPush(t, {}, { application: { timeout_seconds: 'soon' } });
    assert.match((await flow.send()).caught.error.message, /Timeout \(timeout_seconds\)/);
  });
});

describe('the proxy of the environment', () => {
  const variables = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];

  /** A push over a proxy whose address has credentials. */
  async function pushThrough(t, { proxy, noProxy = '', refusal, ...options }) {
    const found = await startProxy(t, refusal);
    const server = await startWecom(t, () => answers.sent);
    const url = proxy ?? found.url.replace('//', '//somebody:PROXY-password-not-real@');
    Object.assign(process.env, { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: noProxy });
    t.after(() => {
      for (const name of variables) delete process.env[name];
    });
    const { app_secret: _, ...rest } = server.connection;
    const application = { ...rest, access_token: 'SLOW-WECOM-access-token-not-real', ...options };
    const flow = await start(t, { type: push, fields: literals(message) }, { connections: { app: application } });
    const result = await flow.send();
    assertNoSecret(['PROXY-password-not-real'], result, ...flow.visible());
    return { ...result, proxy: found, server };
  }

  test('is the way to WeCom', async (t) => {
    const { sent, proxy, server } = await pushThrough(t, {});
    assert.equal(sent.payload.msg_id, answers.sent.msgid);
    assert.deepEqual(proxy.tunnels, [new URL(server.connection.base_url).host]);
  });

  test('is not where NO_PROXY names the host', async (t) => {
    const { sent, proxy } = await pushThrough(t, { noProxy: 'example.com,127.0.0.1' });
    assert.equal(sent.payload.msg_id, answers.sent.msgid);
    assert.deepEqual(proxy.tunnels, []);
  });

  for (const [what, options, words] of [
    ['refuses', { refusal: 407 }, /Proxy response \(407\).* \(through the proxy 127\.0\.0\.1:\d+\)/],
    ['does not run', { proxy: 'http://127.0.0.1:9' }, /ECONNREFUSED.* \(through the proxy 127\.0\.0\.1:9\)/],
    ['is no HTTP proxy', { proxy: 'socks5://127.0.0.1:9' }, /protocol.* \(through the proxy 127\.0\.0\.1:9\)/],
    ['is no address', { proxy: 'http://' }, /Invalid URL \(through the proxy of the environment\)/],
  ]) {
    test(`that ${what} is named in the error, and nothing was sent`, async (t) => {
      const { caught, server } = await pushThrough(t, options);
      assert.equal(caught.wecom.class, 'retryable');
      assert.match(caught.error.message, words);
      assert.deepEqual(server.received, []);
    });
  }
});

describe('messages in a row', () => {
  /** A server that takes a while, and the longer the earlier: what overtakes shows. */
  async function slow(t) {
    let now = 0;
    const seen = { contents: [], most: 0 };
    const server = await startWecom(t, async (_path, _response, body) => {
      seen.contents.push(body.text.content);
      now += 1;
      seen.most = Math.max(seen.most, now);
      await sleep(seen.contents.length === 1 ? 400 : 50);
      now -= 1;
      return answers.sent;
    });
    return { server, seen };
  }

  const content = { type: 'msg', value: 'topic' };
  const topics = ['1', '2', '3', '4', '5', '6'];

  /** Sends messages in at once; resolves to the topics in the order in which they came out. */
  function sendAll(node = helper.getNode('action')) {
    const sent = [];
    const all = new Promise((resolve) => {
      helper.getNode('out').on('input', ({ topic }) => sent.push(topic) === topics.length && resolve(sent));
    });
    for (const topic of topics) node.receive({ topic });
    return all;
  }

  test('reach WeCom one after the other, in the order in which they came', async (t) => {
    const { server, seen } = await slow(t);
    const action = { type: push, fields: { ...literals(message), content } };
    const flow = await start(t, action, { connections: { app: server.connection } });
    assert.deepEqual(await sendAll(), topics);
    assert.deepEqual(seen, { contents: topics, most: 1 });
    const texts = flow.statuses().map(({ text }) => text);
    assert.deepEqual(texts.slice(0, 6), ['running', ...[2, 3, 4, 5, 6].map((count) => `running (${count})`)]);
    const done = texts.findIndex((text) => text.startsWith('Message ID'));
    assert.equal(texts[done + 1], 'running (5)', 'those that wait still show');
    assert.match(texts.at(-1), /^Message ID/);
  });

  test('keep their order where a field of the first takes long to evaluate, and where one fails', async (t) => {
    const { server, seen } = await slow(t);
    const field = { type: 'jsonata', value: 'topic = "1" ? $string($sum([1..20000])) & topic : topic' };
    const fields = { ...literals(message), content: field, to_user: { type: 'msg', value: 'to' } };
    await start(t, { type: push, fields }, { connections: { app: server.connection } });
    const caught = new Promise((resolve) => helper.getNode('caught').on('input', resolve));
    const last = new Promise((resolve) => helper.getNode('out').on('input', ({ topic }) => topic === '3' && resolve()));
    for (const topic of ['1', '2', '3'])
      helper.getNode('action').receive({ topic, to: topic === '2' ? {} : 'zhangsan' });
    assert.equal((await caught).topic, '2');
    await last;
    assert.deepEqual(seen.contents, ['2000100001', '3']);
  });

  test('are sent with what the flow held when they came', async (t) => {
    const { server, seen } = await slow(t);
    const fields = { to_user: { type: 'flow', value: 'to' }, content: { type: 'flow', value: 'state' } };
    await start(t, { type: push, fields }, { connections: { app: server.connection } });
    const node = helper.getNode('action');
    node.context().flow.set('to', 'zhangsan');
    const last = new Promise((resolve) => helper.getNode('out').on('input', ({ topic }) => topic === '3' && resolve()));
    for (const [topic, state] of Object.entries({ 1: 'failed', 2: 'fixed', 3: 'failed again' })) {
      node.context().flow.set('state', state);
      node.receive({ topic });
    }
    await last;
    assert.deepEqual(seen.contents, ['failed', 'fixed', 'failed again']);
  });

  for (const [concurrency, most] of [
    [3, 3],
    ['３', 3],
    [['$', '{WECOM_TEST_CONCURRENCY}'].join(''), 2],
    ['many', 1],
    [0, 1],
    [1e9, 1],
  ]) {
    test(`are under way ${most} at once where the node says ${concurrency}`, async (t) => {
      process.env.WECOM_TEST_CONCURRENCY = '2';
      t.after(() => delete process.env.WECOM_TEST_CONCURRENCY);
      const { server, seen } = await slow(t);
      const action = { type: push, concurrency, fields: { ...literals(message), content } };
      await start(t, action, { connections: { app: server.connection } });
      assert.deepEqual((await sendAll()).toSorted(), topics);
      assert.equal(seen.most, most);
    });
  }

  test('of different nodes do not wait for each other, and the event loop ticks', async (t) => {
    // Answers when all three are there.
    const waiting = [];
    const server = await startWecom(t, () => new Promise((resolve) => waiting.push(resolve)));
    const nodes = ['second', 'third'].map((id) => ({
      id,
      type: push,
      connection: 'app',
      wires: [['out']],
      fields: literals(message),
    }));
    const options = { connections: { app: server.connection }, more: nodes };
    await start(t, { type: push, fields: literals(message) }, options);
    let sent = 0;
    const all = new Promise((resolve) => {
      helper.getNode('out').on('input', () => {
        sent += 1;
        if (sent === 3) resolve();
      });
    });
    for (const id of ['action', 'second', 'third']) helper.getNode(id).receive({});
    // This turns only where the event loop does.
    while (waiting.length < 3) await sleep(10);
    for (const answer of waiting) answer(answers.sent);
    await all;
    assert.equal(server.received.filter((path) => path === 'gettoken').length, 1, 'they share a token');
  });
});

describe('a message that cannot carry its failure', () => {
  const deep = (depth) => {
    let value = {};
    for (let level = 0; level < depth; level += 1) value = { value };
    return value;
  };
  const throwing = (reason) => ({
    get content() {
      throw reason;
    },
  });

  for (const [what, msg, words] of [
    ['is frozen', Object.freeze({ topic: '' }), /\[wecom-connector\] action: .*Content.* \(Cannot/],
    ['is nested too deep for a Catch node', { topic: '', payload: deep(20_000) }, /action: .*\(Maximum call stack/],
    ['has a getter that throws nothing', { deep: throwing(null) }, undefined],
    ['has a getter that throws an error', { deep: throwing(new RangeError('no')) }, undefined],
  ]) {
    test(`and ${what}: the log has it, and Node-RED goes on`, async (t) => {
      const rejections = [];
      const note = (reason) => rejections.push(reason);
      process.on('unhandledRejection', note);
      t.after(() => process.off('unhandledRejection', note));
      const content = { type: 'msg', value: words ? 'topic' : 'deep.content' };
      const flow = await startPush(t, { content });
      helper.getNode('action').emit('input', msg);
      const patience = performance.now() + 5000;
      while (flow.statuses().at(-1)?.fill !== 'red') {
        assert.ok(performance.now() < patience, inspect(flow.statuses()));
        await sleep(10);
      }
      await sleep(0);
      assert.deepEqual(rejections, []);
      if (words)
        assert.ok(
          flow.log().some(({ msg }) => words.test(msg)),
          inspect(flow.log()),
        );
      assert.ok((await flow.send({ topic: 'x', deep: { content: 'goes on' } })).sent);
    });
  }
});

describe('the component', () => {
  test('that breaks down fails its message, and serves the next', async (t) => {
    const traps = (name, [operation]) => name === 'begin' && operation.val.parameters.includes('TRAP');
    const flow = await startPush(t, { content: { type: 'msg', value: 'topic' } }, { component: fragile(traps) });
    const { caught } = await flow.send({ topic: 'TRAP' });
    assert.equal(caught.wecom.class, 'retryable');
    assert.match(caught.error.message, /the connector broke down \(unreachable\)/);
    assert.ok((await flow.send({ topic: 'goes on' })).sent);
  });

  for (const defect of defects) {
    test(`that is ${defect} is one clear line in the log, and a red status; the flow goes on`, async (t) => {
      const others = ['second', 'third'].map((id) => ({ id, type: push, wires: [], fields: {} }));
      const flow = await startPush(t, {}, { component: defective(defect), more: others });
      while (flow.statuses().length === 0) await sleep(10);
      const { caught } = await flow.send({ topic: 'goes on' });
      assert.equal(caught.topic, 'goes on');
      assert.equal(caught.wecom.class, 'permanent-rejected');
      assert.match(caught.error.message, /Install the package again/);
      const lines = flow.log().filter(({ msg }) => /^\[wecom-connector\]/.test(msg));
      assert.equal(lines.length, 1, lines.map(({ msg }) => msg).join('\n'));
      assert.match(lines[0].msg, /^\[wecom-connector\] WeCom: the component .*Install the package again\.$/);
      assert.deepEqual([flow.statuses()[0].fill, flow.statuses()[0].shape], ['red', 'dot']);
      assertNoSecret(simulator.secrets(), caught, ...flow.visible());
    });
  }

  test("what is wrong with it is told in the node's language", async (t) => {
    const flow = await startPush(t, {}, { component: defective('missing'), settings: { lang: 'zh-CN' } });
    while (flow.statuses().length === 0) await sleep(10);
    assert.match(flow.statuses()[0].text, /^缺少组件文件/);
  });
});

describe('a deployment', () => {
  /** Resolves when Node-RED closes the action node. */
  const closing = () => new Promise((resolve) => helper.getNode('action').on('close', () => resolve()));

  test('leaves access tokens as they are', async (t) => {
    const server = await startWecom(t, () => answers.sent);
    const flow = await start(t, { type: push, fields: literals(message) }, { connections: { app: server.connection } });
    await flow.send();
    await flow.deploy(flow.flow, { app: { app_secret: server.connection.app_secret } });
    assert.ok((await flow.send()).sent);
    assert.deepEqual(server.received, ['gettoken', 'message/send', 'message/send']);
  });

  test('ends what waits for its turn unsent, and the log says so', async (t) => {
    let answer;
    const server = await startWecom(t, () => new Promise((resolve) => (answer = () => resolve(answers.sent))));
    const flow = await start(t, { type: push, fields: literals(message) }, { connections: { app: server.connection } });
    const done = new Promise((resolve) => helper.getNode('action').once('call:send', resolve));
    for (const topic of ['under way', 'waits', 'waits, too']) helper.getNode('action').receive({ topic });
    while (!answer) await sleep(10);
    const closes = closing();
    const deployed = flow.deploy(flow.flow, { app: { app_secret: server.connection.app_secret } });
    await closes;
    answer();
    await deployed;
    assert.equal((await done).args[0].topic, 'under way');
    const warnings = flow.log().filter(({ msg }) => msg?.startsWith('[wecom-connector] action: '));
    assert.equal(warnings.length, 2, inspect(flow.log()));
    for (const { msg } of warnings) assert.match(msg, /Nothing was sent; it can be repeated\.$/);
    assert.deepEqual(server.received, ['gettoken', 'message/send']);
  });

  // Node-RED takes 0 for its default.
  for (const nodeCloseTimeout of [undefined, 0]) {
    test(`does not cut off a call that is under way, where nodeCloseTimeout is ${nodeCloseTimeout}`, async (t) => {
      let answer;
      const server = await startWecom(t, () => new Promise((resolve) => (answer = () => resolve(answers.sent))));
      const options = { connections: { app: server.connection }, settings: { nodeCloseTimeout } };
      const flow = await start(t, { type: push, fields: literals(message) }, options);
      const done = new Promise((resolve) => helper.getNode('action').once('call:send', resolve));
      helper.getNode('action').receive({});
      while (!answer) await sleep(10);
      const closes = closing();
      const stopped = flow.stop();
      await closes;
      answer();
      await stopped;
      const { args } = await done;
      assert.equal(args[0].payload.msg_id, answers.sent.msgid);
    });
  }

  test('a call that lasts longer than Node-RED waits for its nodes is told in the log', async (t) => {
    const server = await startWecom(t, () => undefined);
    const options = { connections: { app: server.connection }, settings: { nodeCloseTimeout: 1200 } };
    const flow = await start(t, { type: push, fields: literals(message) }, options);
    helper.getNode('action').receive({});
    while (!server.received.includes('message/send')) await sleep(10);
    await flow.deploy(flow.flow, { app: { app_secret: server.connection.app_secret } });
    const warnings = flow.log().filter(({ msg }) => msg?.startsWith('[wecom-connector] action: '));
    assert.equal(warnings.length, 1, inspect(flow.log()));
    assert.match(warnings[0].msg, /may or may not/);
  });
});
