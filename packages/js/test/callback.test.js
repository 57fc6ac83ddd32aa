import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { CallbackError, decryptMessage, encryptReply, verifyUrl } from 'wecom-connector';
import { Callbacks } from '../src/callback.js';
import { Caller, newConnection, secretsOf, vectors } from './support/callbacks.js';
import { fragile, ownComponent } from './support/components.js';
import { errorOf } from './support/errors.js';
import { assertNoSecret } from './support/secrets.js';

const { page, python, others } = vectors;
/** Those of the vectors are long past. */
const anyTime = { now: null };

async function refused(call) {
  const error = await call.then(
    (value) => assert.fail(`succeeded: ${inspect(value)}`),
    (reason) => reason,
  );
  assert.ok(error instanceof CallbackError, inspect(error));
  return error;
}

test('a URL is verified, as the vectors have it', async () => {
  for (const [{ connection, url }, echo] of [
    [page, '1616140317555161061'],
    [python, '1288432023552776189'],
  ]) {
    for (const query of [url.query, `?${url.query}`, `/wecom?${url.query}`]) {
      assert.equal(await verifyUrl(connection, query, anyTime), echo);
    }
  }
  assert.match(await verifyUrl(others.connection, others.url.query, anyTime), /^\d+$/);
});

test('a message is read, as XML and as JSON, whatever form its bytes have', async () => {
  const { connection, xml, json } = page;
  const bytes = new TextEncoder().encode(xml.body);
  const expected = {
    topic: 'text',
    msgType: 'text',
    fromUser: 'mycreate',
    to: 'wx5823bf96d3bd56c7',
    agentId: 218,
    createdAt: 1409659813,
    key: 'text/4561255354251345929',
    format: 'xml',
    nonce: '1372623149',
    fields: {
      to_user_name: 'wx5823bf96d3bd56c7',
      from_user_name: 'mycreate',
      create_time: '1409659813',
      msg_type: 'text',
      content: 'hello',
      msg_id: '4561255354251345929',
      agent_id: '218',
    },
  };
  // A view of a part of a buffer, too.
  const within = new Uint8Array(bytes.length + 10).fill(0x20);
  within.set(bytes, 5);
  for (const body of [xml.body, bytes, bytes.buffer, Buffer.from(bytes), within.subarray(5, 5 + bytes.length)]) {
    assert.deepEqual(await decryptMessage(connection, xml.query, body, { now: 1409659800 }), expected);
  }
  const event = await decryptMessage(connection, json.query, json.body, anyTime);
  assert.deepEqual([event.format, event.agentId, event.fields.msg_id], ['json', 218, '4561255354251345929']);
  assert.equal(
    (await decryptMessage(python.connection, python.xml.query, python.xml.body, anyTime)).fields.content,
    '你好',
  );
  assert.equal(
    (await decryptMessage(others.connection, others.xml.query, others.xml.body, anyTime)).fromUser,
    'messense',
  );
  // The plaintext of that vector is no JSON.
  assert.equal(
    (await refused(decryptMessage(python.connection, python.json.query, python.json.body, anyTime))).check,
    'message',
  );
});

test('what libraries of others test with holds', async () => {
  const text = await readFile(new URL('../../../src/callback/vectors.json', import.meta.url), 'utf8');
  const { verify, decrypt, refused: wrong, bad_keys } = JSON.parse(text);
  const connectionOf = ({ token, encoding_aes_key, receive_id }) => ({
    type: 'callback',
    token,
    encoding_aes_key,
    receive_id,
  });
  assert.ok([verify, decrypt, wrong, bad_keys].every((list) => list.length > 0));
  for (const vector of verify) {
    assert.equal(await verifyUrl(connectionOf(vector), vector.query, anyTime), vector.answer, vector.source);
  }
  for (const vector of decrypt) {
    const { fields } = await decryptMessage(connectionOf(vector), vector.query, vector.body, anyTime);
    assert.deepEqual(fields, vector.fields, vector.source);
  }
  for (const vector of wrong) {
    const { check } = await refused(decryptMessage(connectionOf(vector), vector.query, vector.body, anyTime));
    assert.equal(check, vector.check, vector.source);
  }
  for (const encoding_aes_key of bad_keys) {
    const { faults } = await errorOf(verifyUrl({ ...page.connection, encoding_aes_key }, ''));
    assert.equal(faults[0].pointer, '/encoding_aes_key');
    assertNoSecret([encoding_aes_key.padEnd(9)], faults);
  }
});

test('an event is read, and what it lacks is absent', async () => {
  const connection = newConnection();
  const caller = new Caller(connection);
  const { query, body } = caller.post(caller.event('Enter_Agent'));
  const { fields, key, nonce, ...event } = await decryptMessage(connection, query, body);
  assert.deepEqual(event, {
    topic: 'event/enter_agent',
    msgType: 'event',
    event: 'enter_agent',
    fromUser: 'zhangsan',
    to: 'ww0callback',
    agentId: 1000002,
    createdAt: 1784246400,
    format: 'xml',
  });
  assert.equal(fields.event, 'Enter_Agent');
  assert.match(key, /^event\/enter_agent\/[0-9a-f]{40}$/);
  assert.ok(query.endsWith(nonce));
});

test('a reply is encrypted, each time anew, also for an event that was JSON in between', async () => {
  const connection = newConnection();
  const caller = new Caller(connection);
  const { query, body } = caller.post(caller.text('你好'));
  const event = await decryptMessage(connection, query, body);
  const reply = { msg_type: 'text', content: '收到' };
  const { fields: _, ...kept } = JSON.parse(JSON.stringify(event));
  const answers = [await encryptReply(connection, event, reply), await encryptReply(connection, kept, reply)];
  for (const { contentType, body } of answers) {
    assert.equal(contentType, 'application/xml');
    assert.ok(body.includes(`<Nonce><![CDATA[${event.nonce}]]></Nonce>`));
    const message = caller.answered(body);
    // In no order: one part may stand before another.
    const part = (name) => new RegExp(`<${name}><!\\[CDATA\\[(.*?)\\]\\]></${name}>`).exec(message)?.[1];
    const parts = ['ToUserName', 'FromUserName', 'MsgType', 'Content'].map(part);
    assert.deepEqual(parts, ['zhangsan', 'ww0callback', 'text', '收到']);
  }
  const [first, second] = answers.map(({ body }) => /<Encrypt>(.*)<\/Encrypt>/.exec(body)[1]);
  assert.notEqual(first, second);
  // By the clock, or by what is given.
  const { body: dated } = await encryptReply(connection, event, reply, { now: 1700000000 });
  assert.match(dated, /<TimeStamp>1700000000<\/TimeStamp>/);
});

test('a smart bot is answered in its own form', async () => {
  const connection = newConnection({ receive_id: undefined });
  const caller = new Caller(connection);
  const { query, body } = caller.post(
    JSON.stringify({ msgid: 'm1', msgtype: 'text', from: { userid: 'lisi' }, text: { content: 'x' } }),
  );
  const json = JSON.stringify({ encrypt: /CDATA\[([^\]]*)/.exec(body)[1] });
  const event = await decryptMessage(connection, query, json);
  assert.deepEqual([event.fromUser, event.to, event.format], ['lisi', undefined, 'json']);
  const reply = { msgtype: 'stream', stream: { id: 's1', finish: true, content: '好' } };
  const answer = await encryptReply(connection, event, reply);
  assert.equal(answer.contentType, 'application/json');
  assert.deepEqual(JSON.parse(caller.decrypt(JSON.parse(answer.body).encrypt)), reply);
});

test('what is refused says by which check, with which status, in the language that was asked for', async () => {
  const { connection, xml } = page;
  const now = 1409659813;
  const caller = new Caller(connection);
  const foreign = new Caller({ ...connection, receive_id: 'ww_somebody_else' }).post('<xml/>', { timestamp: now });
  const doctype = caller.post('<!DOCTYPE x [<!ENTITY e "x">]><xml><Content>&e;</Content></xml>', { timestamp: now });
  const oldToken = new Caller({ ...connection, token: 'the-old-token' }).post('<xml/>', { timestamp: now });
  for (const [query, body, check, status] of [
    [xml.query, Buffer.alloc(10 * 1024 * 1024, 32), 'size', 413],
    [xml.query, ' '.repeat(10 * 1024 * 1024), 'size', 413],
    ['', xml.body, 'query', 400],
    ['/wecom', xml.body, 'query', 400],
    [xml.query, '', 'envelope', 400],
    [xml.query, xml.body.slice(0, 300), 'envelope', 400],
    [xml.query, Buffer.from([0xff]), 'envelope', 400],
    [xml.query.replace('4777', '4778'), xml.body, 'signature', 403],
    [oldToken.query, oldToken.body, 'signature', 403],
    [foreign.query, foreign.body, 'receiver', 403],
    [doctype.query, doctype.body, 'message', 403],
  ]) {
    const error = await refused(decryptMessage(connection, query, body, { now }));
    assert.deepEqual([error.check, error.status, error.name], [check, status, 'CallbackError'], inspect(error));
    assert.equal(error.message, error.messages.en);
    assertNoSecret([...secretsOf(connection).map((secret) => secret.padEnd(9)), 'ww_somebody_else'], error);
  }
  // A minute late is no fault, eleven are.
  const { query, body } = xml;
  assert.ok(await decryptMessage(connection, query, body, { now: now + 60 }));
  assert.equal((await refused(decryptMessage(connection, query, body, { now: now + 660 }))).check, 'time');
  // By the clock where nothing is said.
  const error = await refused(decryptMessage(connection, query, body, { language: 'zh' }));
  assert.deepEqual([error.check, error.message], ['time', error.messages.zh]);
  assert.match(error.message, /时钟/);
  assert.equal((await refused(verifyUrl(connection, xml.query, anyTime))).check, 'query');
});

test('arguments that break rules name the field, and show no secret', async () => {
  const { connection, xml } = page;
  const event = await decryptMessage(connection, xml.query, xml.body, anyTime);
  const key = { ...connection, encoding_aes_key: `${connection.encoding_aes_key}x` };
  const decrypt = (body, given = connection) => decryptMessage(given, xml.query, body, anyTime);
  for (const [call, argument, pointer, words] of [
    [() => verifyUrl(key, page.url.query), 'connection', '/encoding_aes_key', /EncodingAESKey \(encoding_aes_key\) /],
    [() => verifyUrl({ ...connection, type: 'application' }, ''), 'connection', '/type', /Type \(type\)/],
    [() => verifyUrl({ ...connection, token: 1n }, ''), 'connection', '/token', /bigint/],
    [() => verifyUrl('x', ''), 'connection', '', /object/],
    [() => verifyUrl(connection, { timestamp: '1' }), 'query', '', /must be a text/],
    [() => decrypt({ encrypt: 'parsed' }), 'body', '', /must be bytes or a text, as it came/],
    [() => decrypt(undefined), 'body', '', /must be bytes/],
    [() => decrypt(new Blob([xml.body])), 'body', '', /must be bytes/],
    [() => encryptReply(connection, undefined, {}), 'event', '', /must be an event/],
    [() => encryptReply(connection, { ...event, nonce: 7 }, {}), 'event', '', /must be an event/],
    [() => encryptReply(connection, { ...event, format: 'yaml' }, {}), 'event', '', /must be an event/],
    [
      () => encryptReply(connection, { ...event, fromUser: 'sys' }, { msg_type: 'text', content: 'x' }),
      'event',
      '/fromUser',
      /fromUser is no member/,
    ],
    [() => encryptReply(connection, event, undefined), 'reply', '/msg_type', /Kind \(msg_type\) is required/],
    [
      () => encryptReply(connection, event, { msg_type: 'text' }),
      'reply',
      '/content',
      /Content \(content\) is required/,
    ],
    [() => encryptReply(connection, event, { msg_type: 'text', content: () => 1 }), 'reply', '/content', /function/],
  ]) {
    const error = await errorOf(call());
    assert.equal(error.class, 'permanent-invalid-parameters', inspect(error));
    assert.deepEqual([error.faults[0].argument, error.faults[0].pointer], [argument, pointer], error.message);
    assert.match(error.message, words);
    assertNoSecret([connection.encoding_aes_key], error);
  }
  const chinese = await errorOf(encryptReply(connection, event, { msg_type: 'news' }, { language: 'zh' }));
  assert.match(chinese.message, /\(articles\)：/);
  await assert.rejects(verifyUrl(connection, '', { language: 'fr' }), RangeError);
});

test('without a connection the environment serves', async (t) => {
  const { connection, url } = page;
  const unset = await errorOf(verifyUrl(undefined, url.query, anyTime));
  assert.deepEqual(
    unset.faults.map(({ pointer }) => pointer),
    ['/token', '/encoding_aes_key'],
  );
  assert.match(unset.message, /Token \(token\) is required: .* WECOM_TOKEN is not set/);
  const variables = {
    WECOM_TOKEN: connection.token,
    WECOM_ENCODING_AES_KEY: connection.encoding_aes_key,
    WECOM_RECEIVE_ID: connection.receive_id,
  };
  Object.assign(process.env, variables);
  t.after(() => {
    for (const name of Object.keys(variables)) delete process.env[name];
  });
  assert.equal(await verifyUrl(null, url.query, anyTime), url.echo);
});

test('one instance serves, and another one after it broke down', async () => {
  const { connection, url } = page;
  let instances = 0;
  let breaks = true;
  const component = fragile((name) => breaks && name === 'verifyUrl');
  const counting = {
    ...component,
    module: async () => {
      const { instantiate } = await component.module();
      return {
        instantiate(...args) {
          instances += 1;
          return instantiate(...args);
        },
      };
    },
  };
  const callbacks = new Callbacks({ component: counting });
  const error = await errorOf(callbacks.verifyUrl(connection, url.query, anyTime));
  assert.deepEqual([error.class, instances], ['retryable', 1]);
  assert.match(error.message, /broke down \(unreachable\)\. Nothing was sent/);
  assertNoSecret([connection.encoding_aes_key], error);
  breaks = false;
  const echoes = await Promise.all([1, 2, 3].map(() => callbacks.verifyUrl(connection, url.query, anyTime)));
  assert.deepEqual([new Set(echoes).size, instances], [1, 2]);
  await refused(callbacks.verifyUrl(connection, '', anyTime));
  await callbacks.verifyUrl(connection, url.query, anyTime);
  assert.equal(instances, 2, 'what is refused leaves the instance as it is');
});

test('a component that is missing is told, and looked for again', async () => {
  const broken = { ...ownComponent, code: new URL(import.meta.resolve('./none.wasm')) };
  const callbacks = new Callbacks({ component: broken });
  const { connection, url } = page;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    const error = await errorOf(callbacks.verifyUrl(connection, url.query, anyTime));
    assert.match(error.message, /the component is missing/);
  }
});
