import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { Paths, pathOf } from '../../src/nodes/paths.js';
import { helper, literals } from '../support/flows.js';
import { receive } from '../support/receiver.js';
import { assertNoSecret, Caller, fragile, newConnection, secretsOf, sleep } from '../support/shared.js';

const text = literals({ msg_type: 'text', content: '收到' });

describe('the URL', () => {
  test('is verified: nothing but the echo is answered, and the node says so', async (t) => {
    const flow = await receive(t);
    await sleep(30);
    assert.deepEqual(flow.statuses().at(-1), { fill: 'grey', shape: 'ring', text: 'waiting at /wecom' });
    const response = await flow.get(flow.caller.get('1616140317555161061'));
    assert.deepEqual([response.status, await response.text()], [200, '1616140317555161061']);
    assert.deepEqual(flow.statuses().at(-1), { fill: 'green', shape: 'dot', text: 'URL verified' });
    assert.deepEqual(flow.lines(40), ['URL verified']);
    assertNoSecret([...secretsOf(flow.connection), '1616140317555161061'], ...flow.visible());
  });

  test('opened by a browser is no callback: 400, and a line in words, in the language of the node', async (t) => {
    const flow = await receive(t, { lang: 'zh-CN' });
    const response = await flow.get();
    assert.deepEqual(
      [response.status, await response.text()],
      [400, '此URL供企业微信请求，请填到管理后台的回调配置中。\n'],
    );
    assert.match(flow.lines().join('|'), /^拒绝了一个请求，状态码400（query）：URL缺少[^|]+$/);
    assert.deepEqual(flow.statuses().at(-1), { fill: 'yellow', shape: 'ring', text: '已拒绝：400，query' });
  });

  test('is its path, with or without a stroke at the end, and no other; other methods are not for it', async (t) => {
    const flow = await receive(t, { path: 'hooks/企业微信/' });
    const query = flow.caller.get('1');
    for (const path of ['/hooks/企业微信', '/hooks/%E4%BC%81%E4%B8%9A%E5%BE%AE%E4%BF%A1/']) {
      assert.equal((await flow.get(query, path)).status, 200, path);
    }
    for (const path of ['/hooks', '/', '/wecom', '/hooks/%E4'])
      assert.equal((await flow.get(query, path)).status, 404, path);
    const put = await fetch(`${flow.root}/hooks/企业微信?${query}`, { method: 'PUT' });
    assert.equal(put.status, 404);
  });
});

describe('a message or an event', () => {
  test('becomes one message of the flow, after WeCom has its answer', async (t) => {
    const flow = await receive(t);
    const message = flow.caller.text('你好', { id: '17' });
    const response = await flow.tell(message);
    assert.deepEqual([response.status, await response.text()], [200, '']);
    const [{ _msgid, payload, topic, event, ...others }] = (await flow.settled()).out;
    assert.ok(_msgid);
    assert.equal(topic, 'text');
    assert.equal(payload.content, '你好');
    const { nonce, ...typed } = event;
    assert.deepEqual(typed, {
      topic: 'text',
      msgType: 'text',
      fromUser: 'zhangsan',
      to: flow.connection.receive_id,
      agentId: 1000002,
      createdAt: 1784246400,
      key: 'text/17',
      format: 'xml',
    });
    assert.deepEqual(others, {});
    assert.deepEqual(flow.statuses().at(-1), { fill: 'green', shape: 'dot', text: 'Text message' });
  });

  test('that is repeated begins the flow once, but is answered each time', async (t) => {
    const flow = await receive(t);
    const event = flow.caller.event('enter_agent');
    // At the same time, too.
    const responses = await Promise.all([1, 2, 3].map(() => flow.tell(event)));
    responses.push(await flow.tell(event));
    assert.deepEqual(
      responses.map(({ status }) => status),
      [200, 200, 200, 200],
    );
    await flow.tell(flow.caller.event('enter_agent', { time: 1784246401 }));
    // A request that comes once more as it was, with its old nonce.
    const same = flow.caller.post(flow.caller.event('enter_agent', { time: 1784246402 }));
    for (const _ of [1, 2]) assert.equal((await flow.post(same)).status, 200);
    assert.equal((await flow.settled()).out.length, 3);
    const line = 'event/enter_agent, repeated: the flow does not begin again';
    assert.deepEqual(flow.lines(40), [line, line, line, line]);
  });

  test('that comes again within the ten minutes in which it is taken begins the flow once', async (t) => {
    let now = 0;
    t.mock.method(performance, 'now', () => now);
    const flow = await receive(t);
    const first = flow.caller.post(flow.caller.text('x'));
    await flow.post(first);
    now = 600_000;
    await flow.tell(flow.caller.text('x'));
    await flow.post(first);
    assert.equal((await flow.settled()).out.length, 2);
    // Then it is forgotten, when the next one comes.
    now = 600_001;
    await flow.tell(flow.caller.text('x'));
    await flow.post(first);
    assert.equal((await flow.settled()).out.length, 4);
  });

  test('that was not chosen is answered, and goes nowhere', async (t) => {
    const flow = await receive(t, { topics: ['event/enter_agent', 'image'], reply: true });
    assert.equal((await flow.tell(flow.caller.text('x'))).status, 200);
    assert.equal((await flow.tell(flow.caller.event('subscribe'))).status, 200);
    assert.deepEqual((await flow.settled()).out, []);
  });

  test('that nobody knows goes on with all its fields, where nothing was chosen', async (t) => {
    const flow = await receive(t);
    await flow.tell(flow.caller.event('Brand_New', { more: '<Deep><One>1</One></Deep>' }));
    const [{ topic, payload }] = (await flow.settled()).out;
    assert.deepEqual([topic, payload.deep], ['event/brand_new', { one: '1' }]);
    assert.equal(flow.statuses().at(-1).text, 'event/brand_new');
  });

  for (const parsed of [false, true]) {
    test(`of a smart bot is JSON, ${parsed ? 'which the editor’s parser has read already' : 'as it came'}`, async (t) => {
      const flow = await receive(
        t,
        { reply: true },
        { connection: newConnection({ receive_id: undefined }), replyNode: {}, parsed },
      );
      helper.getNode('reply').on('input', () => {});
      const bot = { msgid: 'm1', msgtype: 'text', from: { userid: 'lisi' }, text: { content: 'hi' } };
      const { query, body } = flow.caller.post(JSON.stringify(bot));
      const encrypt = /CDATA\[([^\]]*)/.exec(body)[1];
      const posted = flow.post({ query, body: JSON.stringify({ encrypt }) }, { type: 'application/json' });
      // The flow's message is the event, which is no reply: the reply node says so, and WeCom is answered all the same.
      assert.match((await flow.last('caught')).error.message, /msgtype/);
      const stream = { msgtype: 'stream', stream: { id: 's', finish: true, content: 'hello' } };
      helper.getNode('reply').receive({ ...flow.got.out[0], payload: stream });
      const response = await posted;
      assert.match(response.headers.get('content-type'), /^application\/json/);
      assert.deepEqual(JSON.parse(flow.caller.decrypt((await response.json()).encrypt)), stream);
      assert.equal(flow.got.out[0].event.fromUser, 'lisi');
    });
  }
});

describe('what is not of WeCom', () => {
  test('is refused with the right status and one line each, and nothing of it shows', async (t) => {
    const flow = await receive(t);
    const { connection, caller } = flow;
    const { query, body } = caller.post(caller.text('private words'));
    const foreign = new Caller({ ...connection, receive_id: 'ww0foreign' }).post('<xml/>');
    const changed = new Caller({ ...connection, token: 'the-new-token' });
    const now = Math.floor(Date.now() / 1000);
    await sleep(30);
    for (const [request, status, check] of [
      [() => flow.post({ query: query.replace(/=../, '=zz'), body }), 403, 'signature'],
      [() => flow.post(changed.post('<xml/>')), 403, 'signature'],
      [() => flow.get(changed.get('1')), 403, 'signature'],
      [() => flow.post(foreign), 403, 'receiver'],
      [() => flow.post(caller.post(caller.text('private words'), { timestamp: now - 700 })), 403, 'time'],
      [() => flow.post(caller.post(caller.text('private words'), { timestamp: now + 700 })), 403, 'time'],
      [() => flow.tell('private words'), 403, 'message'],
      [() => flow.tell('<!DOCTYPE x><xml><Content>private words</Content></xml>'), 403, 'message'],
      [() => flow.post({ query, body: body.slice(0, 99) }), 400, 'envelope'],
      [() => flow.post({ query, body: '' }), 400, 'envelope'],
      [() => flow.post({ query: 'a=b', body }), 400, 'query'],
      [() => flow.post({ query, body: 'x'.repeat(10 * 1024 * 1024) }), 413, 'size'],
      [() => flow.post({ query, body: ' '.repeat(1024 * 1024 + 1) }), 413, 'size'],
    ]) {
      const before = flow.lines().length;
      const response = await request();
      assert.equal(response.status, status, check);
      const words = await response.text();
      if (status === 400) assert.match(words, /^This URL is for WeCom to call\./);
      else assert.equal(words, '');
      const lines = flow.lines().slice(before);
      assert.equal(lines.length, 1);
      assert.ok(lines[0].startsWith(`A request was refused with ${status} (${check}): `), lines[0]);
    }
    assert.deepEqual((await flow.settled()).out, []);
    assertNoSecret([...secretsOf(connection), 'private words', 'ww0foreign', 'the-new-token'], ...flow.visible());
  });

  test('and breaks off leaves a line, and the node goes on', async (t) => {
    const flow = await receive(t);
    const { port } = new URL(flow.root);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /root/wecom?${flow.caller.post('x').query} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n<xml>`,
    );
    await sleep(50);
    socket.destroy();
    await sleep(50);
    assert.deepEqual(flow.lines(), ['A request broke off before its end.']);
    assert.equal((await flow.tell(flow.caller.text('x'))).status, 200);
  });

  test('of a body without an end is refused before that', { timeout: 10_000 }, async (t) => {
    const flow = await receive(t);
    const aborter = new AbortController();
    let sent = 0;
    const endless = new ReadableStream({
      async pull(controller) {
        // Node.js 20 reads on from a stream whose request was aborted.
        if (aborter.signal.aborted) return controller.close();
        sent += 65536;
        controller.enqueue(Buffer.alloc(65536, 32));
        await sleep(1);
      },
    });
    const { query } = flow.caller.post('x');
    const url = `${flow.root}/wecom?${query}`;
    const response = await fetch(url, { method: 'POST', body: endless, duplex: 'half', signal: aborter.signal });
    assert.equal(response.status, 413);
    aborter.abort();
    assert.ok(sent < 16 * 1024 * 1024, String(sent));
  });
});

describe('a reply', () => {
  test('is what the member gets, and the message goes on', async (t) => {
    const flow = await receive(t, { reply: true }, { replyNode: { fields: text } });
    const response = await flow.tell(flow.caller.text('你好'));
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /^application\/xml/);
    assert.match(flow.caller.answered(await response.text()), /<Content><!\[CDATA\[收到\]\]><\/Content>/);
    const { replied, out } = await flow.settled();
    assert.equal(replied.length, 1);
    assert.equal(replied[0].payload.content, '你好');
    assert.equal(typeof out[0]._wecom, 'string');
    assert.deepEqual(flow.statuses('reply').at(-1), { fill: 'green', shape: 'dot', text: 'replied' });
  });

  test('may come from the message, by a field or whole', async (t) => {
    const fields = { ...text, content: { type: 'msg', value: 'payload.content' } };
    const flow = await receive(t, { reply: true }, { replyNode: { fields } });
    const response = await flow.tell(flow.caller.text('echo'));
    assert.match(flow.caller.answered(await response.text()), /\[CDATA\[echo\]\]/);
    await flow.deploy(
      flow.flow.map((node) =>
        node.id === 'reply' ? { ...node, fields: {} } : node.id === 'event' ? { ...node, wires: [['out']] } : node,
      ),
    );
    flow.listen();
    const posted = flow.tell(flow.caller.text('again'));
    helper
      .getNode('reply')
      .receive({ ...(await flow.last('out', 2)), payload: { msg_type: 'text', content: 'whole' } });
    assert.match(flow.caller.answered(await (await posted).text()), /\[CDATA\[whole\]\]/);
  });

  test('of an event that is repeated meanwhile goes to both requests, each with its own nonce', async (t) => {
    const flow = await receive(t, { reply: true, wires: [['out']] }, { replyNode: { fields: text } });
    const message = flow.caller.text('x');
    const posts = ['111', '222'].map((nonce) => flow.post(flow.caller.post(message, { nonce })));
    helper.getNode('reply').receive(await flow.last('out'));
    const bodies = await Promise.all(posts.map(async (post) => (await post).text()));
    // And to one that comes behind.
    bodies.push(await (await flow.post(flow.caller.post(message, { nonce: '333' }))).text());
    for (const [index, nonce] of ['111', '222', '333'].entries()) {
      assert.ok(bodies[index].includes(`<Nonce><![CDATA[${nonce}]]></Nonce>`), bodies[index]);
      assert.match(flow.caller.answered(bodies[index]), /收到/);
    }
    assert.equal(flow.got.out.length, 1);
  });

  test('that does not come: WeCom gets an empty answer before its 5 seconds, and who comes then is told', {
    timeout: 15_000,
  }, async (t) => {
    const flow = await receive(t, { reply: true, wires: [['out']] }, { replyNode: { fields: text } });
    const began = performance.now();
    const response = await flow.tell(flow.caller.text('x'));
    const took = performance.now() - began;
    assert.deepEqual([response.status, await response.text()], [200, '']);
    assert.ok(took > 4400 && took < 4900, String(took));
    helper.getNode('reply').receive(await flow.last('out'));
    const { error, wecom } = await flow.last('caught');
    assert.match(error.message, /the reply came too late: .* an empty answer after 4\.5/);
    assert.equal(wecom.class, 'permanent-rejected');
    assert.equal(flow.statuses('reply').at(-1).fill, 'red');
    assert.deepEqual(flow.got.replied, []);
  });

  test('is one to an event', async (t) => {
    const flow = await receive(t, { reply: true }, { replyNode: { fields: text } });
    await flow.tell(flow.caller.text('x'));
    helper.getNode('reply').receive(await flow.last('out'));
    assert.match((await flow.last('caught')).error.message, /WeCom has its answer already/);
  });

  test('that breaks rules is told by field, and another may still come', async (t) => {
    const fields = literals({ msg_type: 'text' });
    const flow = await receive(
      t,
      { reply: true },
      { replyNode: { fields, lang: 'zh-CN' }, more: [{ id: 'second', type: 'wecom-reply', fields: text }] },
    );
    const posted = flow.tell(flow.caller.text('x'));
    const { error, wecom } = await flow.last('caught');
    assert.match(error.message, /内容 \(content\)：/);
    assert.deepEqual(
      wecom.faults.map(({ argument, pointer }) => [argument, pointer]),
      [['reply', '/content']],
    );
    helper.getNode('second').receive(await flow.last('out'));
    assert.match(flow.caller.answered(await (await posted).text()), /收到/);
  });

  test('to what waits for none is an error', async (t) => {
    const flow = await receive(t, {}, { replyNode: { fields: text } });
    assert.equal(await (await flow.tell(flow.caller.text('x'))).text(), '');
    helper.getNode('reply').receive({ payload: {}, _wecom: { an: 'object' } });
    await flow.last('caught', 2);
    for (const { error } of flow.got.caught) assert.match(error.message, /Tick “A reply node answers” there/);
  });

  test('of nothing is an error', async (t) => {
    const flow = await receive(t, { reply: true, wires: [['out']] }, { replyNode: {} });
    const posted = flow.tell(flow.caller.text('x'));
    helper.getNode('reply').receive({ ...(await flow.last('out')), payload: 'a text' });
    assert.match((await flow.last('caught')).error.message, /there is no reply: fill in its fields/);
    await flow.deploy([]);
    assert.equal((await posted).status, 200);
  });
});

describe('a deployment', () => {
  test('gives the path up, answers what waits, and takes it again', async (t) => {
    const flow = await receive(t, { reply: true, wires: [['out']] }, { replyNode: { fields: text } });
    const posted = flow.tell(flow.caller.text('x'));
    const waiting = await flow.last('out');
    const moved = flow.flow.map((node) => (node.id === 'event' ? { ...node, path: '/moved' } : node));
    await flow.deploy(moved, 'nodes');
    assert.deepEqual([(await posted).status, await (await posted).text()], [200, '']);
    helper.getNode('reply').receive(waiting);
    assert.match((await flow.last('caught')).error.message, /was stopped meanwhile/);
    assert.equal((await flow.get(flow.caller.get('1'))).status, 404);
    assert.equal((await flow.get(flow.caller.get('1'), '/moved')).status, 200);
    await flow.deploy([]);
    assert.equal((await flow.get(flow.caller.get('1'), '/moved')).status, 404);
  });

  test('of two nodes with one path: the second is told, and serves when the first is gone', async (t) => {
    const second = {
      id: 'second',
      type: 'wecom-event',
      name: 'Other',
      connection: 'callback',
      path: 'wecom/',
      wires: [['out']],
    };
    const flow = await receive(t, { name: 'First' }, { more: [second] });
    assert.deepEqual(flow.statuses('second')[0], { fill: 'red', shape: 'dot', text: '/wecom is taken' });
    assert.match(flow.lines(20).join('|'), /the path \/wecom is taken by the node First\. Choose another one\./);
    await flow.tell(flow.caller.text('x', { id: '1' }));
    assert.equal((await flow.settled()).out.length, 1);
    const without = flow.flow.filter(({ id }) => id !== 'event');
    await flow.deploy(without, 'nodes');
    await sleep(50);
    assert.deepEqual(flow.statuses('second').at(-1), { fill: 'grey', shape: 'ring', text: 'waiting at /wecom' });
    await flow.tell(flow.caller.text('x', { id: '2' }));
    assert.equal((await flow.settled()).out.length, 2);
  });
});

describe('a node that cannot receive says why', () => {
  for (const [name, event, options, words, status = 500] of [
    ['no path', { path: '' }, {}, /the path is missing or wrong/, 404],
    ['no path but a query', { path: '/a?b' }, {}, /the path is missing or wrong/, 404],
    ['no connection', { connection: '' }, {}, /no connection is chosen\. Choose one of the type Callback/],
    ['no HTTP', {}, { settings: { httpNodeRoot: false } }, /httpNodeRoot is false/, 404],
    [
      'a key that is none',
      {},
      { connection: newConnection({ encoding_aes_key: 'much-too-short' }) },
      /EncodingAESKey \(encoding_aes_key\)/,
    ],
    [
      'a variable that is not set',
      {},
      { connection: newConnection({ token: `\${${'WECOM_NOT_SET'}}` }) },
      /Token \(token\) is to come from the environment, and WECOM_NOT_SET is not set there/,
    ],
  ]) {
    test(name, async (t) => {
      const flow = await receive(t, event, options);
      await sleep(100);
      assert.match(flow.lines(20).join('|'), words);
      const { fill } = flow.statuses().at(-1);
      assert.equal(fill, 'red');
      const response = await flow.post({ query: 'a=b', body: '<xml/>' });
      assert.equal(response.status, status);
      assert.equal((await response.text()).includes('much-too-short'), false);
      assertNoSecret(['much-too-short', flow.connection.encoding_aes_key], flow.visible().slice(1));
    });
  }

  test('a component that broke down: 500, so that WeCom repeats it, and the next one is served', async (t) => {
    let breaks = true;
    const flow = await receive(t, {}, { component: fragile((name) => breaks && name === 'decryptMessage') });
    const message = flow.caller.text('x');
    assert.equal((await flow.tell(message)).status, 500);
    assert.match(flow.lines().join('|'), /refused with 500: .*broke down/);
    breaks = false;
    assert.equal((await flow.tell(message)).status, 200);
    assert.equal((await flow.settled()).out.length, 1);
  });
});

test('variables of the environment are connections, too', async (t) => {
  const connection = newConnection();
  process.env.CALLBACK_TOKEN_FOR_TEST = connection.token;
  process.env.CALLBACK_KEY_FOR_TEST = connection.encoding_aes_key;
  const variable = (name) => `\${${name}}`;
  const named = {
    ...connection,
    token: variable('CALLBACK_TOKEN_FOR_TEST'),
    encoding_aes_key: variable('CALLBACK_KEY_FOR_TEST'),
  };
  const flow = await receive(t, {}, { connection: named });
  const caller = new Caller(connection);
  assert.equal(await (await flow.get(caller.get('42'))).text(), '42');
});

test('a path is what a person writes', () => {
  for (const [written, path] of [
    ['/wecom', '/wecom'],
    [' wecom/ ', '/wecom'],
    ['/a/b', '/a/b'],
    ['/%E4%BC%81', '/企'],
    ['', undefined],
    ['/', undefined],
    ['//', undefined],
    ['/a b', undefined],
    ['/a?b=c', undefined],
    ['/a#b', undefined],
    [undefined, undefined],
    [7, undefined],
  ]) {
    assert.equal(pathOf(written), path, String(written));
  }
});

test('claims on a path are served in the order in which they came', () => {
  const paths = new Paths();
  const begun = [];
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, begin: () => begun.push(name) }));
  assert.equal(paths.claim('/x', a), undefined);
  assert.equal(paths.claim('/x', b), a);
  assert.equal(paths.claim('/x', c), a);
  paths.release('/x', b);
  paths.release('/x', a);
  assert.deepEqual([begun, paths.at('/x')], [['a', 'c'], c]);
  paths.release('/x', c);
  assert.equal(paths.at('/x'), undefined);
});
