/** Servers that are slow, refuse, hang up or talk too much; components that break down. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Connector } from 'wecom-connector';
import { classify } from '../src/http.js';
import { fragile, ownComponent, unusable } from './support/components.js';
import { errorOf } from './support/errors.js';
import { assertNoSecret } from './support/secrets.js';
import { answers, sleep, startWecom } from './support/wecom.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const message = { to_user: ['zhangsan'], content: 'x' };

/** A connector that is closed after the test, however that ends. */
function connector(t, options) {
  const wecom = new Connector(options);
  t.after(() => wecom.close(0));
  return wecom;
}

/** The classes of a push and of a list, both with errors. */
async function classes(wecom, connection) {
  const write = await errorOf(wecom.pushTextMessage(connection, message));
  const read = await errorOf(wecom.listDepartmentIds(connection, {}));
  assert.deepEqual([write.category, read.category], ['network', 'network']);
  return [write.class, read.class];
}

describe('servers', () => {
  test('60020 names the address that WeCom saw', async (t) => {
    const server = await startWecom(t, () => answers.untrusted);
    const error = await errorOf(connector(t).pushTextMessage(server.connection, message));
    assert.deepEqual([error.class, error.category, error.code], ['permanent-rejected', 'permission', 60020]);
    assert.equal(error.callerIp, '203.0.113.7');
    assertNoSecret(server.secrets, error);
  });

  test('one that is busy asks for patience', async (t) => {
    const server = await startWecom(t, (_, response) => void response.writeHead(503, { 'retry-after': '7' }).end());
    const error = await errorOf(connector(t).listDepartmentIds(server.connection, {}));
    assert.deepEqual([error.class, error.retryAfterSeconds], ['retryable', 7]);
  });

  test('one that nobody runs: retryable, whatever the call', async (t) => {
    const server = await startWecom(t, () => answers.sent);
    await server.stop();
    assert.deepEqual(await classes(connector(t), server.connection), ['retryable', 'retryable']);
    const error = await errorOf(connector(t, { language: 'zh' }).pushTextMessage(server.connection, message));
    assert.match(error.message, /（发送文本消息）网络故障$/);
    assert.doesNotMatch(error.message, /[a-z]{3,} [a-z]{3,}/, 'nothing of it is English');
  });

  test('one that closes after the request: a write may have arrived', async (t) => {
    const server = await startWecom(t, (_, response) => void response.destroy());
    const wecom = connector(t);
    assert.deepEqual(await classes(wecom, server.connection), ['permanent-outcome-unknown', 'retryable']);
    assert.deepEqual(server.received, ['gettoken', 'message/send', 'department/simplelist'], 'nothing is repeated');
  });

  test('one that never answers: the same, after the timeout', async (t) => {
    const server = await startWecom(t, () => undefined);
    const wecom = connector(t);
    const began = performance.now();
    const connection = { ...server.connection, timeout_seconds: 1 };
    assert.deepEqual(await classes(wecom, connection), ['permanent-outcome-unknown', 'retryable']);
    assert.ok(performance.now() - began > 3500);
    const patience = performance.now() + 5000;
    while ((await server.connections()) > 1) {
      assert.ok(performance.now() < patience, 'the connection is still open');
      await sleep(50);
    }
  });

  test('one that never answers gettoken: nothing was sent but that, however many wait for it', {
    timeout: 30_000,
  }, async (t) => {
    const received = [];
    const server = createServer((socket) => {
      socket.on('error', () => {}).on('data', (data) => received.push(String(data).split('\r\n')[0]));
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const base_url = `http://127.0.0.1:${server.address().port}`;
    const wecom = connector(t);
    const access = { type: 'application', corp_id: 'ww0', app_secret: 'SLOW-WECOM-secret-not-real', agent_id: 1 };
    const push = (timeout_seconds) => wecom.pushTextMessage({ ...access, base_url, timeout_seconds }, message);
    const patient = errorOf(push(60));
    // These wait for that one's token, but not as long.
    const errors = await Promise.all([1, 1, 1].map((seconds) => errorOf(push(seconds))));
    await wecom.close(0);
    for (const error of [...errors, await patient]) assert.equal(error.class, 'retryable', error.message);
    assert.ok(
      received.length > 1 && received.every((line) => line.startsWith('GET /cgi-bin/gettoken?')),
      `${received}`,
    );
  });

  test('one that stops in the middle of its answer, and one that cuts it', async (t) => {
    const begin = (response) => response.writeHead(200, { 'content-length': 100 }).write('{"errcode": 0');
    const stopping = await startWecom(t, (_, response) => void begin(response));
    const cutting = await startWecom(t, (_, response) => {
      begin(response);
      setTimeout(() => response.destroy(), 50);
    });
    for (const { connection } of [stopping, cutting]) {
      const patience = { ...connection, timeout_seconds: 1 };
      assert.deepEqual(await classes(connector(t), patience), ['permanent-outcome-unknown', 'retryable']);
    }
  });

  test('one whose answer never ends is not read to its end', { timeout: 20_000 }, async (t) => {
    let end;
    const ended = new Promise((resolve) => {
      end = resolve;
    });
    const server = await startWecom(t, (_, response) => {
      const timer = setInterval(() => response.write(' '.repeat(256 * 1024)), 1);
      response.on('close', () => {
        clearInterval(timer);
        end();
      });
    });
    const error = await errorOf(connector(t).pushTextMessage(server.connection, message));
    assert.equal(error.class, 'permanent-outcome-unknown');
    assert.match(error.message, /too long/);
    await ended;
  });

  test('one that redirects is not followed', async (t) => {
    const elsewhere = await startWecom(t, () => answers.sent);
    const location = `${elsewhere.connection.base_url}/cgi-bin/message/send`;
    const server = await startWecom(t, (_, response) => void response.writeHead(307, { location }).end());
    await errorOf(connector(t).pushTextMessage(server.connection, message));
    assert.deepEqual(elsewhere.received, []);
  });

  test('one that talks no HTTP: a write may have arrived', async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).end('hello\r\n\r\n'));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const base_url = `http://127.0.0.1:${server.address().port}`;
    const connection = { type: 'application', corp_id: 'ww0', access_token: 'not-real', agent_id: 1, base_url };
    const error = await errorOf(connector(t).pushTextMessage(connection, message));
    assert.equal(error.class, 'permanent-outcome-unknown');
  });

  test('calls one after the other share a connection, whatever their method', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, () => ({ ...answers.sent, department_id: [] }));
    for (let call = 0; call < 10; call += 1) {
      await wecom.listDepartmentIds(server.connection, {});
      await wecom.pushTextMessage(server.connection, message);
    }
    assert.equal(server.received.length, 21);
    assert.ok((await server.connections()) <= 2, `${await server.connections()} connections are open`);
  });

  test('a thousand calls are under way at the same time, and the event loop ticks', async (t) => {
    let now = 0;
    let most = 0;
    const server = await startWecom(t, async () => {
      now += 1;
      most = Math.max(most, now);
      // Until all are there; the first has waited for 200 ms by then.
      const patience = performance.now() + 30_000;
      while (most < 1000 && performance.now() < patience) await sleep(20);
      await sleep(200);
      now -= 1;
      return answers.sent;
    });
    const wecom = connector(t);
    const connection = { ...server.connection, timeout_seconds: 60 };
    const outputs = await Promise.all(Array.from({ length: 1000 }, () => wecom.pushTextMessage(connection, message)));
    assert.ok(outputs.every(({ msg_id }) => msg_id === answers.sent.msgid));
    assert.equal(most, 1000);
    assert.equal(server.received.filter((path) => path === 'gettoken').length, 1);
  });

  test('more calls than the component takes wait for their turn', async (t) => {
    let now = 0;
    let most = 0;
    const fetch = async (url) => {
      now += 1;
      most = Math.max(most, now);
      await sleep(1);
      now -= 1;
      return Response.json(url.includes('gettoken') ? answers.token : answers.sent);
    };
    const wecom = connector(t, { fetch });
    const connection = { type: 'application', corp_id: 'ww0', app_secret: 'SLOW-WECOM-secret-not-real', agent_id: 1 };
    const outputs = await Promise.all(Array.from({ length: 10_000 }, () => wecom.pushTextMessage(connection, message)));
    assert.equal(outputs.length, 10_000);
    assert.ok(most > 1 && most <= 4096, `${most} at once`);
  });

  test('what is aborted while it waits for its turn is not sent', async (t) => {
    let sent = 0;
    let open;
    const opened = new Promise((resolve) => {
      open = resolve;
    });
    const fetch = async (url) => {
      if (url.includes('gettoken')) return Response.json(answers.token);
      sent += 1;
      await opened;
      return Response.json(answers.sent);
    };
    const wecom = connector(t, { fetch });
    const connection = { type: 'application', corp_id: 'ww0', app_secret: 'SLOW-WECOM-secret-not-real', agent_id: 1 };
    const running = Array.from({ length: 4096 }, () => wecom.pushTextMessage(connection, message));
    const late = errorOf(wecom.pushTextMessage(connection, message, { signal: AbortSignal.timeout(50) }));
    const next = wecom.pushTextMessage(connection, message);
    assert.deepEqual([(await late).class, (await late).cause.name], ['retryable', 'TimeoutError']);
    open();
    await Promise.all([...running, next]);
    assert.equal(sent, 4097);
  });
});

describe('a signal, and close', () => {
  test('abort over gettoken leaves nothing open', async (t) => {
    const fetch = () => new Promise(() => {});
    const wecom = connector(t, { fetch });
    const access = { type: 'application', corp_id: 'ww0', app_secret: 'SLOW-WECOM-secret-not-real', agent_id: 1 };
    const signal = AbortSignal.timeout(50);
    const calls = [1, 2].map(() => errorOf(wecom.pushTextMessage(access, message, { signal })));
    for (const error of await Promise.all(calls)) {
      assert.deepEqual([error.class, error.cause.name], ['retryable', 'TimeoutError']);
      assert.match(error.message, /the call was aborted\. Nothing was sent; it can be repeated\.$/);
    }
  });

  test('abort ends the request, and the class tells that it may have arrived', async (t) => {
    const server = await startWecom(t, () => undefined);
    const wecom = connector(t);
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const write = errorOf(wecom.pushTextMessage(server.connection, message, options));
    const read = errorOf(wecom.listDepartmentIds(server.connection, {}, options));
    while (server.received.length < 3) await sleep(10);
    controller.abort();
    assert.deepEqual([(await write).class, (await read).class], ['permanent-outcome-unknown', 'retryable']);
    assert.equal((await write).cause.name, 'AbortError');
    // One that is aborted already sends nothing.
    assert.equal((await errorOf(wecom.pushTextMessage(server.connection, message, options))).class, 'retryable');
    assert.equal(server.received.length, 3);
  });

  test('close lets what is under way end, and takes no more', async (t) => {
    const wecom = connector(t);
    const server = await startWecom(t, () => sleep(300).then(() => answers.sent));
    const running = wecom.pushTextMessage(server.connection, message);
    while (!server.received.includes('message/send')) await sleep(10);
    const closed = wecom.close();
    assert.equal((await errorOf(wecom.pushTextMessage(server.connection, message))).class, 'retryable');
    assert.equal((await running).msg_id, answers.sent.msgid);
    await closed;
    assert.equal(server.received.filter((path) => path === 'message/send').length, 1);
  });

  test('neither waits until the component is loaded', async (t) => {
    const component = { ...ownComponent, module: () => new Promise(() => {}) };
    const wecom = connector(t, { component });
    const access = { type: 'application', corp_id: 'ww0', access_token: 'not-real-at-all', agent_id: 1 };
    const controller = new AbortController();
    const aborted = errorOf(wecom.pushTextMessage(access, message, { signal: controller.signal }));
    setTimeout(() => controller.abort());
    assert.deepEqual([(await aborted).class, (await aborted).cause.name], ['retryable', 'AbortError']);
    const closed = errorOf(wecom.pushTextMessage(access, message));
    await wecom.close(0);
    assert.equal((await closed).class, 'retryable');
  });

  test('abort over the second gettoken, after WeCom refused the push for its token', async (t) => {
    const controller = new AbortController();
    const asked = [];
    const fetch = async (url) => {
      asked.push(new URL(url).pathname.split('/').at(-1));
      if (asked.length === 3) setTimeout(() => controller.abort());
      if (asked.length === 3) return new Promise(() => {});
      return Response.json(asked.length === 1 ? answers.token : { errcode: 42001, errmsg: 'access_token expired' });
    };
    const access = { type: 'application', corp_id: 'ww0', app_secret: 'SLOW-WECOM-secret-not-real', agent_id: 1 };
    const { signal } = controller;
    const error = await errorOf(connector(t, { fetch }).pushTextMessage(access, message, { signal }));
    assert.deepEqual(asked, ['gettoken', 'send', 'gettoken']);
    assert.equal(error.class, 'retryable');
    assert.match(error.message, /Nothing was sent/);
  });

  test('abort of a push that waits for the token of another, after WeCom refused both for theirs', async (t) => {
    const controller = new AbortController();
    const asked = [];
    const times = (name) => asked.filter((path) => path === name).length;
    const fetch = async (url) => {
      asked.push(new URL(url).pathname.split('/').at(-1));
      if (times('gettoken') === 2) {
        // Whichever of the two asks for it, the other one waits.
        setTimeout(() => controller.abort(), 50);
        return new Promise(() => {});
      }
      if (times('send') === 0) return Response.json(answers.token);
      while (times('send') < 2) await sleep(1);
      return Response.json({ errcode: 42001, errmsg: 'access_token expired' });
    };
    const access = { type: 'application', corp_id: 'ww0', app_secret: 'SLOW-WECOM-secret-not-real', agent_id: 1 };
    const wecom = connector(t, { fetch });
    const push = () => errorOf(wecom.pushTextMessage(access, message, { signal: controller.signal }));
    for (const error of await Promise.all([push(), push()])) {
      assert.equal(error.class, 'retryable');
      assert.match(error.message, /Nothing was sent/);
    }
    assert.deepEqual(asked, ['gettoken', 'send', 'send', 'gettoken']);
  });

  test('a push with the duplicate check may be repeated while its time lasts, and no longer', async (t) => {
    const server = await startWecom(t, () => undefined);
    const wecom = connector(t);
    const controller = new AbortController();
    const push = (seconds, options) =>
      errorOf(wecom.pushTextMessage(server.connection, { ...message, duplicate_check_interval: seconds }, options));
    const { signal } = controller;
    const aborted = ['1800', 1, '', null].map((seconds) => push(seconds, { signal }));
    const closed = push(1800, { language: 'zh' });
    while (server.received.filter((path) => path === 'message/send').length < 5) await sleep(10);
    // WeCom would deliver what had one second once more.
    await sleep(1100);
    controller.abort();
    const [lasts, over, ...without] = await Promise.all(aborted);
    assert.equal(lasts.class, 'retryable');
    assert.match(lasts.message, /may be repeated within 1800 seconds of the first one; later, look in WeCom first\.$/);
    for (const error of [over, ...without]) {
      assert.equal(error.class, 'permanent-outcome-unknown');
      assert.match(error.message, /look in WeCom before you repeat it\.$/);
    }
    await wecom.close(0);
    assert.equal((await closed).class, 'retryable');
    assert.match((await closed).message, /首次调用后1800秒内可以重复同一调用/);
    // What has sent nothing says so, too: a call before it may have been carried out.
    const late = await push(60);
    assert.equal(late.class, 'retryable');
    assert.match(late.message, /within 60 seconds of the first one/);
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
});

describe('what fetch rejects with', () => {
  const failed = (cause) => new TypeError('fetch failed', { cause });
  const coded = (code, fields = {}) => Object.assign(new Error(code), { code, ...fields });
  const refused = (code) => coded(code, { syscall: 'connect' });
  const attempts = (...errors) => Object.assign(new AggregateError(errors), { code: errors[0].code });
  for (const [what, error, tag] of [
    ...['ENOTFOUND', 'EAI_AGAIN', 'ERR_INVALID_URL', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_INVALID_ARG'].map((code) => [
      code,
      failed(coded(code)),
      'not-sent',
    ]),
    ...['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'].flatMap((code) => [
      [code, failed(refused(code)), 'not-sent'],
      // A router gave up on a connection whose request may have arrived.
      [`${code} of a connection`, failed(coded(code, { syscall: 'read' })), 'lost'],
    ]),
    ...[
      'CERT_HAS_EXPIRED',
      'CRL_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERROR_IN_CERT_NOT_AFTER_FIELD',
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'HOSTNAME_MISMATCH',
      'INVALID_CA',
      'INVALID_PURPOSE',
      'PATH_LENGTH_EXCEEDED',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ].map((code) => [code, failed(coded(code)), 'not-trusted']),
    ...[
      'ECONNRESET',
      'EPIPE',
      'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
      'ETIMEDOUT',
      'UND_ERR_HEADERS_TIMEOUT',
      'UND_ERR_SOCKET',
    ].map((code) => [code, failed(coded(code)), 'lost']),
    ['all addresses refuse', failed(attempts(refused('ECONNREFUSED'), refused('ENETUNREACH'))), 'not-sent'],
    [
      'an address that did not answer in time',
      failed(attempts(refused('ETIMEDOUT'), refused('ENETUNREACH'))),
      'not-sent',
    ],
    ['an address that may have heard', failed(attempts(refused('ECONNREFUSED'), coded('ECONNRESET'))), 'lost'],
    ['an abort of its own', failed(coded('UND_ERR_ABORTED')), 'lost'],
    ['a browser', new TypeError('Failed to fetch'), 'lost'],
  ]) {
    test(`${what}: ${tag}`, () => {
      const answer = classify(error);
      assert.equal(answer.tag, tag);
      assert.equal(typeof answer.val, 'string');
    });
  }

  test('the package goes by the row of the contract', async () => {
    const contract = await readFile(new URL('../../../wit/stepwise.wit', import.meta.url), 'utf8');
    const [, ...cells] = /\| fetch of Node\.js \(undici\) \| (.*) \| (.*) \| (.*) \|/.exec(contract);
    // `ERR_SSL_` and then the rest of a code; `…` for what stands between.
    const codesOf = (cell) => [...cell.matchAll(/`(…?[A-Z0-9_]{4,})`/g)].map(([, code]) => code);
    const [notSent, notTrusted, lost] = cells.map(codesOf);
    const inTls = notTrusted
      .splice(notTrusted.indexOf('ERR_SSL_') + 1)
      .map((code) => `ERR_SSL_${code.replace('…', 'X')}`);
    notTrusted.splice(notTrusted.indexOf('ERR_SSL_'), 1);
    const named = notTrusted.map((code) => (code.endsWith('_') ? `${code}X` : code));
    const errors = {
      ETIMEDOUT: attempts(refused('ETIMEDOUT')),
      UND_ERR_ABORTED: Object.assign(new Error('Proxy response (407) !== 200'), { code: 'UND_ERR_ABORTED' }),
    };
    const tagOf = (code) => classify(failed(errors[code] ?? refused(code))).tag;
    const tags = (codes) => Object.fromEntries(codes.map((code) => [code, tagOf(code)]));
    const all = (codes, tag) => Object.fromEntries(codes.map((code) => [code, tag]));
    assert.equal(notSent.length, 10);
    assert.deepEqual(tags(notSent), all(notSent, 'not-sent'));
    assert.equal(named.length + inTls.length, 18);
    assert.deepEqual(tags([...named, ...inTls]), all([...named, ...inTls], 'not-trusted'));
    assert.deepEqual(lost, ['ECONNRESET']);
    assert.deepEqual(tags(lost), all(lost, 'lost'));
  });

  const throwing = (name) =>
    Object.defineProperty({}, name, {
      get() {
        throw new Error('not to be read');
      },
    });
  const loop = { errors: [] };
  loop.errors.push(loop);
  const ring = {};
  ring.cause = { cause: ring };
  for (const [what, reason] of Object.entries({
    nothing: undefined,
    null: null,
    'a text': 'no',
    'a symbol': Symbol('no'),
    'an object without message': {},
    'an object without prototype': Object.create(null),
    'a message that is no text': { message: Object.create(null) },
    'a code that is no text': failed({ code: Object.create(null) }),
    'a getter that throws': throwing('message'),
    'a cause whose getter throws': { cause: throwing('code') },
    'a getter of the cause that throws': throwing('cause'),
    'errors in a circle': loop,
    'causes in a circle': ring,
  })) {
    test(`${what}, from a fetch that is not the platform's: a write may have arrived`, async (t) => {
      const access = { type: 'application', corp_id: 'ww0', access_token: 'not-real-at-all', agent_id: 1 };
      const wecom = connector(t, { fetch: () => Promise.reject(reason) });
      assert.deepEqual(await classes(wecom, access), ['permanent-outcome-unknown', 'retryable']);
    });
  }

  test('a fetch that throws, and one that heeds no signal, do not keep a call', async (t) => {
    const access = { type: 'application', corp_id: 'ww0', access_token: 'not-real-at-all', agent_id: 1 };
    const throwing = connector(t, {
      fetch() {
        throw new Error('no');
      },
    });
    assert.equal((await errorOf(throwing.pushTextMessage(access, message))).class, 'permanent-outcome-unknown');
    const deaf = connector(t, { fetch: () => new Promise(() => {}) });
    const error = await errorOf(deaf.pushTextMessage({ ...access, timeout_seconds: 1 }, message));
    assert.equal(error.class, 'permanent-outcome-unknown');
    assert.match(error.message, /no answer within 2 s/);
  });

  test('what it says of a secret is not told', async (t) => {
    const access = { type: 'application', corp_id: 'ww0', access_token: 'not-real-at-all', agent_id: 1 };
    const telling = connector(t, {
      fetch(url) {
        throw new Error(`cannot reach ${url}`);
      },
    });
    const error = await errorOf(telling.pushTextMessage(access, message));
    assert.match(error.message, /cannot reach/);
    assertNoSecret([access.access_token], error);
  });
});

describe('what fetch answers with', () => {
  const access = { type: 'application', corp_id: 'ww0', access_token: 'not-real-at-all', agent_id: 1 };
  const answer = (fields) => ({
    status: 200,
    headers: new Headers(),
    body: Response.json(answers.sent).body,
    ...fields,
  });
  const chunk = (value) => new ReadableStream({ pull: (sink) => sink.enqueue(value) });

  test('need not have the types of the platform', async (t) => {
    const headers = { get: () => 7 };
    const serving = connector(t, { fetch: async () => answer({ status: 200n, headers }) });
    assert.equal((await serving.pushTextMessage(access, message)).msg_id, answers.sent.msgid);
    const busy = connector(t, { fetch: async () => answer({ status: 503, headers }) });
    const error = await errorOf(busy.listDepartmentIds(access, {}));
    assert.deepEqual([error.class, error.retryAfterSeconds], ['retryable', 7]);
  });

  for (const [what, fields] of Object.entries({
    'a status that is none': { status: 'fine' },
    'a status that is a symbol': { status: Symbol('fine') },
    'no headers': { headers: undefined },
    'a header that is no text': { headers: { get: () => Object.create(null) } },
    'a body of texts': { body: chunk('{}') },
    'a body of numbers': { body: chunk(new Float64Array(2)) },
  })) {
    test(`${what}: its own call alone is lost`, async (t) => {
      let answered;
      const fetch = (_, { body }) =>
        `${body}`.includes('bystander') ? new Promise((resolve) => (answered = resolve)) : answer(fields);
      const wecom = connector(t, { fetch });
      const bystander = wecom.pushTextMessage(access, { ...message, content: 'bystander' });
      assert.deepEqual(await classes(wecom, access), ['permanent-outcome-unknown', 'retryable']);
      answered(answer());
      assert.equal((await bystander).msg_id, answers.sent.msgid);
    });
  }
});

describe('components', () => {
  const traps =
    (content) =>
    (name, [operation]) =>
      name === 'begin' && operation.val.parameters?.includes(content);

  test('a trap ends what is under way with a clear error, and the next call is served', async (t) => {
    const server = await startWecom(t, (path) => (path === 'department/simplelist' ? undefined : answers.sent));
    const silent = await startWecom(t, () => undefined);
    const wecom = connector(t, { component: fragile(traps('TRAP')) });
    const write = errorOf(wecom.pushTextMessage(silent.connection, message));
    const read = errorOf(wecom.listDepartmentIds(server.connection, {}));
    while (!silent.received.includes('message/send') || !server.received.includes('department/simplelist')) {
      await sleep(10);
    }
    const trapped = await errorOf(wecom.pushTextMessage(server.connection, { ...message, content: 'TRAP' }));
    // It did not come to a request.
    assert.equal(trapped.class, 'retryable');
    assert.match(trapped.message, /broke down \(unreachable\)\. Nothing was sent/);
    assert.deepEqual([(await write).class, (await read).class], ['permanent-outcome-unknown', 'retryable']);
    assert.match((await write).message, /^Push\w* a text message: .*broke down \(unreachable\)/);
    assert.equal((await wecom.pushTextMessage(server.connection, message)).msg_id, answers.sent.msgid);
    assert.equal(server.received.filter((path) => path === 'gettoken').length, 2, 'the new instance has no token');
  });

  test('a trap over an answer leaves the outcome of a write open', async (t) => {
    const server = await startWecom(t, () => answers.sent);
    let answer = 0;
    const wecom = connector(t, {
      component: fragile((name) => {
        if (name === 'resume') answer += 1;
        return name === 'resume' && answer === 2;
      }),
    });
    assert.equal((await errorOf(wecom.pushTextMessage(server.connection, message))).class, 'permanent-outcome-unknown');
    assert.equal((await wecom.pushTextMessage(server.connection, message)).msg_id, answers.sent.msgid);
  });

  test('calls that wait for a token of an instance that traps come to an end', async (t) => {
    const server = await startWecom(t, () => answers.sent);
    let answered = false;
    const wecom = connector(t, {
      component: fragile((name) => {
        if (name !== 'resume' || answered) return false;
        answered = true;
        return true;
      }),
    });
    const calls = Array.from({ length: 20 }, () => errorOf(wecom.pushTextMessage(server.connection, message)));
    const found = (await Promise.all(calls)).map((error) => error.class);
    assert.deepEqual(found, Array(20).fill('retryable'), 'only a token was asked for');
    assert.equal((await wecom.pushTextMessage(server.connection, message)).msg_id, answers.sent.msgid);
  });

  /** A copy of the package whose component's code is other bytes, or none. */
  async function copy(t, code) {
    const folder = await mkdtemp(join(tmpdir(), 'wecom-copy-'));
    t.after(() => rm(folder, { recursive: true }));
    for (const part of ['src', 'package.json']) await cp(join(root, part), join(folder, part), { recursive: true });
    for (const part of ['component', 'manifest.js']) {
      await cp(join(root, 'dist', part), join(folder, 'dist', part), { recursive: true });
    }
    const file = join(folder, 'dist/component/connector.core.wasm');
    await (code ? writeFile(file, code) : rm(file));
    return import(pathToFileURL(join(folder, 'src/index.js')));
  }

  for (const [what, [code, english, chinese]] of Object.entries(unusable)) {
    test(`a component that is ${what} is told in one line, however often it is called`, async (t) => {
      const { Connector } = await copy(t, code);
      const wecom = new Connector();
      const failed = (call) => call.then(assert.fail, (error) => error);
      const push = () => wecom.pushTextMessage({ type: 'application', corp_id: 'ww0' }, message);
      for (const error of [await failed(wecom.ready()), await failed(push()), await failed(push())]) {
        assert.equal(error.class, 'permanent-rejected');
        assert.match(error.message, english);
        assert.doesNotMatch(error.message, /\n/);
      }
      assert.match((await failed(wecom.ready({ language: 'zh' }))).message, chinese);
    });
  }
});
