/** The example for Express, with requests as WeCom sends them, and such as it does not. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { callbacks } from '../examples/express/server.js';
import { Caller, newConnection, secretsOf } from './support/callbacks.js';
import { assertNoSecret } from './support/secrets.js';
import { Simulator } from './support/simulator.js';

/** The example, which answers texts, on a port of its own. */
async function start(t, options = {}) {
  const { connection = newConnection() } = options;
  const lines = [];
  const handled = [];
  const app = express();
  const reply = ({ topic, fields }) =>
    topic === 'text' ? { msg_type: 'text', content: `${fields.content}!` } : undefined;
  const handle = (event) => handled.push(event.key);
  app.use('/wecom', callbacks({ connection, reply, handle, log: (line) => lines.push(line), ...options }));
  const server = await new Promise((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${server.address().port}/wecom`;
  return {
    url,
    connection,
    caller: new Caller(connection),
    lines,
    handled,
    get: (query) => fetch(`${url}?${query}`),
    post: ({ query, body }, type = 'text/xml') =>
      fetch(`${url}?${query}`, { method: 'POST', body, headers: { 'content-type': type } }),
  };
}

test('the URL is verified: nothing but the echo is answered', async (t) => {
  const { caller, get, lines } = await start(t);
  const response = await get(caller.get('1616140317555161061'));
  assert.deepEqual([response.status, await response.text()], [200, '1616140317555161061']);
  assert.deepEqual(lines, ['callback: the URL was verified']);
});

test('an event is answered with nothing, handled once, and its repetitions are dropped', async (t) => {
  const { caller, post, lines, handled } = await start(t);
  // The type that a request says it has does not matter.
  for (const type of ['text/xml', 'application/json', 'application/x-www-form-urlencoded']) {
    // WeCom signs and encrypts a repetition anew.
    const response = await post(caller.post(caller.event('enter_agent')), type);
    assert.deepEqual([response.status, await response.text()], [200, '']);
  }
  await post(caller.post(caller.event('enter_agent', { from: 'lisi' })));
  assert.equal(handled.length, 2);
  assert.deepEqual(lines, [
    'callback: event/enter_agent',
    'callback: event/enter_agent, repeated',
    'callback: event/enter_agent, repeated',
    'callback: event/enter_agent',
  ]);
});

test('a text is answered with a reply, a repetition of it, too', async (t) => {
  const { caller, post, handled } = await start(t);
  const message = caller.text('你好');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const response = await post(caller.post(message));
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/xml; charset=utf-8']);
    assert.match(caller.answered(await response.text()), /<Content><!\[CDATA\[你好!\]\]><\/Content>/);
  }
  assert.equal(handled.length, 1);
});

test('what is not of WeCom is refused, with one line of the log each', async (t) => {
  const { connection, caller, get, post, lines, handled } = await start(t);
  const { query, body } = caller.post(caller.text('private words'));
  const foreign = new Caller({ ...connection, receive_id: 'ww0foreign' }).post('<xml/>');
  const changed = new Caller({ ...connection, token: 'the-new-token' });
  const late = caller.post(caller.text('private words'), { timestamp: Math.floor(Date.now() / 1000) - 700 });
  for (const [request, status, line] of [
    [
      () => post({ query: query.replace(/=../, '=00'), body }),
      403,
      /refused with 403 \(signature\): The signature is wrong/,
    ],
    [() => post(changed.post('<xml/>')), 403, /\(signature\)/],
    [() => get(changed.get('1')), 403, /\(signature\)/],
    [() => post(foreign), 403, /\(receiver\)/],
    [() => post(late), 403, /\(time\)/],
    [() => post({ query, body: body.slice(0, 99) }), 400, /\(envelope\)/],
    [() => post({ query, body: '' }), 400, /\(envelope\)/],
    [() => post({ query, body: 'x'.repeat(10 * 1024 * 1024) }), 413, /refused with 413: request entity too large/],
    [() => get(''), 400, /refused with 400 \(query\)/],
  ]) {
    lines.length = 0;
    const response = await request();
    assert.equal(response.status, status, lines[0]);
    assert.equal(await response.text(), status === 400 ? 'This URL is for WeCom to call.\n' : '');
    assert.equal(lines.length, 1);
    assert.match(lines[0], line);
    assertNoSecret([...secretsOf(connection), 'private words', 'ww0foreign'], ...lines);
  }
  assert.deepEqual(handled, []);
});

test('trouble with what is done behind the answer is a line of the log', async (t) => {
  const handle = () => Promise.reject(new Error('the database is away'));
  const { caller, post, lines } = await start(t, { handle });
  assert.equal((await post(caller.post(caller.event('subscribe')))).status, 200);
  assert.deepEqual(lines, [
    'callback: event/subscribe',
    // What a person writes into an error may be what a member wrote.
    'callback: event/subscribe was not handled: Error',
  ]);
});

test('a reply that fails is an empty answer and a line of the log, and the event is handled, once', async (t) => {
  for (const [reply, line] of [
    [({ fields }) => JSON.parse(fields.content), /^callback: no reply: SyntaxError$/],
    [({ fields }) => Promise.reject(fields.content), /^callback: no reply: string$/],
    [({ fields }) => ({ msg_type: 'none', content: fields.content }), /^callback: no reply: .*msg_type/],
    [({ fields }) => ({ msg_type: 'text', content: fields }), /^callback: no reply: .*content/],
    [({ fields }) => ({ msg_type: 'text', content: fields.content, more: 1n }), /^callback: no reply: .*more/],
  ]) {
    const { caller, post, lines, handled } = await start(t, { reply });
    const message = caller.text('private words');
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const response = await post(caller.post(message));
      assert.deepEqual([response.status, await response.text()], [200, '']);
    }
    assert.equal(handled.length, 1);
    assert.equal(lines.length, 4);
    for (const told of [lines[0], lines[2]]) assert.match(told, line);
    assert.deepEqual([lines[1], lines[3]], ['callback: text', 'callback: text, repeated']);
    assertNoSecret(['private words'], ...lines);
  }
});

test('settings that break rules are no fault of the request: 500, so that WeCom repeats it', async (t) => {
  const connection = { ...newConnection(), encoding_aes_key: 'much-too-short' };
  const { post, lines } = await start(t, { connection });
  const response = await post({ query: 'a=b', body: '<xml/>' });
  assert.deepEqual([response.status, await response.text()], [500, '']);
  assert.match(lines[0], /refused with 500: EncodingAESKey \(encoding_aes_key\) /);
  assertNoSecret([connection.encoding_aes_key], ...lines);
});

test('the simulator verifies the URL, tells what members do, and gets the answers', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const { corp_id, agent_id } = simulator.connection('application');
  const connection = newConnection({ receive_id: corp_id });
  const { url, lines, handled } = await start(t, { connection });
  const { token, encoding_aes_key } = connection;
  const setting = { agent_id, url, token, encoding_aes_key };
  assert.notEqual((await simulator.act('callback', { ...setting, token: 'another' })).errcode, 0);
  assert.equal((await simulator.act('callback', setting)).errcode, 0);
  const { callback: entered } = await simulator.act('enter', { user_id: 'zhangsan', agent_id });
  assert.deepEqual(
    (await simulator.delivered(entered)).attempts.map(({ status }) => status),
    [200],
  );
  const { callback: wrote } = await simulator.act('write', { user_id: 'zhangsan', agent_id, content: '在吗' });
  const { reply, reply_error } = await simulator.delivered(wrote);
  assert.deepEqual([reply?.Content, reply_error], ['在吗!', null]);
  assert.equal(handled.length, 2);
  assert.deepEqual(
    lines.map((line) => line.split(':')[1]),
    [' refused with 403 (signature)', ' the URL was verified', ' event/enter_agent', ' text'],
  );
});

test('an event is remembered as long as its request is taken, however many came since', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { caller, post, handled } = await start(t);
  const first = caller.post(caller.text('first', { id: '1' }));
  await post(first);
  for (let round = 0; round < 101; round += 1) {
    const many = Array.from({ length: 100 }, (_, index) =>
      post(caller.post(caller.text('x', { id: `${round}-${index}` }))),
    );
    await Promise.all(many);
  }
  now = 600_000;
  await post(first);
  assert.equal(handled.length, 10_101);
  // Then it is forgotten, when the next one comes.
  now = 600_001;
  await post(caller.post(caller.text('x', { id: '2' })));
  await post(first);
  assert.equal(handled.length, 10_103);
});

const program = fileURLToPath(new URL('../examples/express/server.js', import.meta.url));

/** The environment, with the connection in the place of any that it has. */
function environment({ token = '', encoding_aes_key = '', receive_id = '' }) {
  const connection = { WECOM_TOKEN: token, WECOM_ENCODING_AES_KEY: encoding_aes_key, WECOM_RECEIVE_ID: receive_id };
  return { ...process.env, ...connection, PORT: '0' };
}

test('the program says what is missing in the environment, and ends', () => {
  const env = environment({ encoding_aes_key: newConnection().encoding_aes_key });
  const { status, stderr } = spawnSync(process.execPath, [program], { env, encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stderr, 'Not set in the environment: WECOM_TOKEN. They stand in the callback settings.\n');
});

test('the program receives with the connection of the environment, and says where', async (t) => {
  const connection = newConnection();
  const server = spawn(process.execPath, [program], {
    env: environment(connection),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => server.kill());
  const { value: line } = await createInterface({ input: server.stdout })[Symbol.asyncIterator]().next();
  const [, port] = /^callbacks are received at port (\d+), path \/wecom$/.exec(line);
  const caller = new Caller(connection);
  const response = await fetch(`http://127.0.0.1:${port}/wecom?${caller.get('1616140317555161061')}`);
  assert.deepEqual([response.status, await response.text()], [200, '1616140317555161061']);
});
