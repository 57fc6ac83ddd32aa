/** Proxies, a CA of one's own, IPv6: what Node.js does is what happens. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent, ProxyAgent, fetch as undiciFetch } from 'undici';
import { Connector } from 'wecom-connector';
import { certificates } from './support/certificates.js';
import { errorOf } from './support/errors.js';
import { proxyVariables, startProxy } from './support/proxy.js';
import { answers, startWecom } from './support/wecom.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const message = { to_user: ['zhangsan'], content: 'x' };

async function listen(t, server, host = '127.0.0.1') {
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  t.after(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return server.address().port;
}

/** WeCom behind TLS, or on another address. */
function wecomOn(create, options = {}) {
  return create(options, (request, response) => {
    request.resume();
    const body = JSON.stringify(request.method === 'GET' ? answers.token : answers.sent);
    response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body);
  });
}

const connectionTo = (base_url) => ({
  type: 'application',
  corp_id: 'ww0000000000000000',
  app_secret: 'SLOW-WECOM-secret-not-real',
  agent_id: 1000002,
  base_url,
});

test('a fetch with an agent for a proxy goes through the proxy', async (t) => {
  const server = await startWecom(t, () => answers.sent);
  const proxy = await startProxy(t);
  const dispatcher = new ProxyAgent(proxy.url);
  t.after(() => dispatcher.close());
  const wecom = new Connector({ fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) });
  assert.equal((await wecom.pushTextMessage(server.connection, message)).msg_id, answers.sent.msgid);
  assert.deepEqual(server.received, ['gettoken', 'message/send']);
  assert.ok(proxy.tunnels.length > 0);
  assert.ok(proxy.tunnels.every((place) => server.connection.base_url.endsWith(place)));
});

const [major, minor] = process.versions.node.split('.').map(Number);
const heedsVariables = major >= 24 || (major === 22 && minor >= 21);

test("Node.js's own fetch heeds the variables for proxies where it is told to", {
  skip: !heedsVariables,
}, async (t) => {
  const server = await startWecom(t, () => answers.sent);
  const proxy = await startProxy(t);
  const program = `
    import { Connector } from 'wecom-connector';
    const push = new Connector().pushTextMessage(JSON.parse(process.argv[1]), ${JSON.stringify(message)});
    console.log((await push).msg_id);`;
  const words = ['--input-type=module', '--eval', program, JSON.stringify(server.connection)];
  const env = { ...process.env, ...proxyVariables(proxy), NODE_USE_ENV_PROXY: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root, timeout: 20_000, env });
  assert.equal(stdout.trim(), answers.sent.msgid);
  assert.deepEqual(server.received, ['gettoken', 'message/send']);
  assert.ok(proxy.tunnels.length > 0);
});

test('a proxy that nobody runs: nothing was sent', async (t) => {
  const server = await startWecom(t, () => answers.sent);
  const dispatcher = new ProxyAgent('http://127.0.0.1:9');
  t.after(() => dispatcher.close());
  const wecom = new Connector({ fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) });
  const access = {
    ...connectionTo(server.connection.base_url),
    app_secret: undefined,
    access_token: 'not-real-at-all',
  };
  assert.equal((await errorOf(wecom.pushTextMessage(access, message))).class, 'retryable');
  assert.deepEqual(server.received, []);
});

test('a host that has no name, and one that is never connected to: nothing was sent', {
  timeout: 30_000,
}, async (t) => {
  const dispatcher = new Agent({ connect: { timeout: 300 } });
  t.after(() => dispatcher.destroy());
  const impatient = (url, init) => undiciFetch(url, { ...init, dispatcher });
  // It takes one connection that it does not accept; others wait for it to.
  const program = `import socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
waiting = [socket.socket() for _ in range(4)]
for one in waiting:
    one.setblocking(False)
    one.connect_ex(listener.getsockname())
print(listener.getsockname()[1], flush=True)
sys.stdin.read()`;
  const full = spawn('python3', ['-c', program], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => full.kill());
  const [port] = await once(full.stdout, 'data');
  for (const [base_url, fetch, words] of [
    ['http://nobody.invalid', undefined, /ENOTFOUND|EAI_AGAIN/],
    [`http://127.0.0.1:${String(port).trim()}`, impatient, /Connect Timeout Error/],
  ]) {
    const access = { ...connectionTo(base_url), app_secret: undefined, access_token: 'not-real-at-all' };
    const error = await errorOf(new Connector({ fetch }).pushTextMessage(access, message));
    assert.equal(error.class, 'retryable');
    assert.match(error.message, words);
  }
});

for (const status of [403, 407, 502]) {
  test(`a proxy that refuses the tunnel with ${status}: nothing was sent, and the error says why`, async (t) => {
    const proxy = await startProxy(t, status);
    const dispatcher = new ProxyAgent(proxy.url);
    t.after(() => dispatcher.close());
    const wecom = new Connector({ fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) });
    const { app_secret: _, ...access } = connectionTo('https://localhost:8443');
    const error = await errorOf(wecom.pushTextMessage({ ...access, access_token: 'not-real-at-all' }, message));
    assert.equal(error.class, 'retryable');
    assert.ok(error.message.includes(`Proxy response (${status})`), error.message);
    assert.equal(proxy.tunnels.length, 1);
  });
}

/** A push over TLS, by a process that is told of the server's CA, or is not: what it prints of it. */
async function pushOver(t, extensions) {
  const { ca, ...served } = await certificates(t, extensions);
  const port = await listen(t, wecomOn(createHttps, served));
  const { app_secret: _, ...access } = {
    ...connectionTo(`https://localhost:${port}`),
    access_token: 'not-real-at-all',
  };
  const program = `
    import { Connector } from 'wecom-connector';
    const wecom = new Connector();
    const push = wecom.pushTextMessage(JSON.parse(process.argv[1]), ${JSON.stringify(message)});
    console.log(await push.then(({ msg_id }) => msg_id, (error) => [error.class, error.category, error.hint].join(' ')));`;
  return async (told) => {
    const words = ['--input-type=module', '--eval', program, JSON.stringify(access)];
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: told ? ca : '' };
    return (await promisify(execFile)(process.execPath, words, { cwd: root, timeout: 20_000, env })).stdout.trim();
  };
}

test('a CA that Node.js is told of is trusted, one that it is not told of is not', async (t) => {
  const run = await pushOver(t);
  assert.equal(await run(true), answers.sent.msgid);
  assert.match(await run(false), /^permanent-rejected network .*CA/);
});

test('a certificate for another purpose is not trusted', async (t) => {
  const run = await pushOver(t, ['extendedKeyUsage=clientAuth']);
  assert.match(await run(true), /^permanent-rejected network .*CA/);
});

test('a server that speaks no TLS has got nothing', async (t) => {
  const port = await listen(t, wecomOn(createHttp));
  const wecom = new Connector();
  await assert.rejects(wecom.pushTextMessage(connectionTo(`https://127.0.0.1:${port}`), message), {
    class: 'permanent-rejected',
    category: 'network',
  });
});

test('an address of IPv6 serves', async (t) => {
  const server = wecomOn(createHttp);
  let port;
  try {
    port = await listen(t, server, '::1');
  } catch (error) {
    if (error.code !== 'EADDRNOTAVAIL' && error.code !== 'EAFNOSUPPORT') throw error;
    t.skip('there is no IPv6 here');
    return;
  }
  const wecom = new Connector();
  const sent = await wecom.pushTextMessage(connectionTo(`http://[::1]:${port}`), message);
  assert.equal(sent.msg_id, answers.sent.msgid);
});
