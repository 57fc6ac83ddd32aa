/** Requests go by n8n's helper: its proxy holds, and nothing is followed, repeated or taken for an exception. */
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
import { test } from 'node:test';
import { Connector } from 'wecom-connector';
import { answers, startWecom } from '../../js/test/support/wecom.js';
import { fetchBy, fetchByLegacy } from '../src/request.js';
import { bench } from './support/bench.js';

const it = bench();
const push = () => it.form('push-text-message', { to_user: ['zhangsan'], content: '中文 ✓' });

test('n8n’s proxy is gone through', async (t) => {
  const wecom = await startWecom(t, () => answers.sent);
  const asked = [];
  const proxy = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming;
    asked.push(new URL(url).pathname);
    incoming.pipe(request(url, { method, headers }, (answer) => answer.pipe(outgoing.writeHead(answer.statusCode))));
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  process.env.HTTP_PROXY = `http://127.0.0.1:${proxy.address().port}`;
  t.after(() => {
    delete process.env.HTTP_PROXY;
    proxy.closeAllConnections();
    proxy.close();
  });
  const { error } = await it.engineWith(wecom.connection).run(push());
  assert.ifError(error);
  assert.deepEqual(asked, ['/cgi-bin/gettoken', '/cgi-bin/message/send']);
});

test('the body arrives to the byte', async (t) => {
  let body;
  const wecom = await startWecom(t, (_, __, sent) => {
    body = sent;
    return answers.sent;
  });
  await it.engineWith(wecom.connection).run(push());
  assert.equal(body.text.content, '中文 ✓');
});

test('a redirect is not followed: it could be the message once more', async (t) => {
  const wecom = await startWecom(t, (_, response) => {
    response.writeHead(307, { location: '/cgi-bin/elsewhere' }).end();
  });
  const { error } = await it.engineWith(wecom.connection).run(push());
  assert.ok(error);
  assert.deepEqual(wecom.received, ['gettoken', 'message/send']);
});

test('a server that fails: the class says what it means, and nothing is repeated', async (t) => {
  const wecom = await startWecom(t, (_, response) => {
    response.writeHead(502).end('<html>Bad gateway</html>');
  });
  const { error } = await it.engineWith(wecom.connection).run(push());
  assert.match(error.context.data.class, /^(retryable|permanent-outcome-unknown)$/);
  assert.deepEqual(wecom.received, ['gettoken', 'message/send']);
});

test('too many requests: how long to wait', async (t) => {
  const wecom = await startWecom(t, (_, response) => {
    response.writeHead(429, { 'retry-after': '7' }).end();
  });
  const { error } = await it.engineWith(wecom.connection).run(push());
  assert.equal(error.context.data.class, 'retryable');
  assert.equal(error.context.data.retryAfterSeconds, 7);
  assert.deepEqual(error.failure, { cause: 'rate-limited', retryAfterMs: 7000 });
});

test('an answer that has no end is given up', async (t) => {
  let closed;
  const isClosed = new Promise((resolve) => {
    closed = resolve;
  });
  const wecom = await startWecom(t, (_, response) => {
    response.on('close', closed);
    response.writeHead(200, { 'content-type': 'application/json' });
    const more = () => response.write(Buffer.alloc(1024 * 1024, 0x20)) && setImmediate(more);
    response.on('drain', more);
    more();
  });
  const { error } = await it.engineWith(wecom.connection).run(it.form('list-tags', {}));
  assert.ok(error);
  await isClosed;
});

test('an address that n8n forbids: nothing was sent, and its own words say why', async () => {
  const blocked = Object.assign(new Error('The request was blocked'), {
    name: 'SsrfBlockedIpError',
    description: 'Ask your n8n administrator to allowlist it.',
  });
  const connection = it.simulator.connection('application');
  for (const by of [fetchBy, fetchByLegacy]) {
    for (const error of [blocked, new Error('Request failed', { cause: blocked })]) {
      const fetch = by(async (options) => {
        if ((options.url ?? options.uri).includes('/gettoken'))
          return { statusCode: 200, headers: {}, body: JSON.stringify(answers.token) };
        throw error;
      });
      await assert.rejects(
        new Connector().invoke('push-text-message', connection, { to_user: ['zhangsan'], content: 'x' }, { fetch }),
        ({ class: kind, message }) =>
          kind === 'retryable' && /The request was blocked\. Ask your n8n administrator/.test(message),
      );
    }
  }
});

test('a connection’s own limit of time counts', async (t) => {
  const wecom = await startWecom(t, () => new Promise(() => {}));
  const started = Date.now();
  const { error } = await it.engineWith({ ...wecom.connection, timeout_seconds: '1' }).run(push());
  assert.equal(error.context.data.class, 'permanent-outcome-unknown');
  assert.ok(Date.now() - started < 10_000);
});
