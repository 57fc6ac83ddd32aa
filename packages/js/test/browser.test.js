/** The package as it is, without a bundler, in Chromium. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findChromium, launchBrowser } from './support/browser.js';
import { answers } from './support/wecom.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = { '.js': 'text/javascript', '.wasm': 'application/wasm' };
const page = `<!doctype html><title>wecom-connector</title><link rel="icon" href="data:,">
<script type="importmap">{ "imports": { "wecom-connector": "/src/index.js" } }</script>`;
const connection = { type: 'application', corp_id: 'ww0000000000000000', app_secret: 'SLOW-WECOM-secret-not-real' };
const message = { to_user: ['zhangsan'], content: '部署完成，请验收。' };

const servers = [];
const received = [];
let browser;
let site;
let wecom;

async function serve(answer) {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `http://127.0.0.1:${server.address().port}`;
}

before(async () => {
  site = await serve(async ({ url }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    if (pathname === '/') return response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    const content = await readFile(join(root, normalize(pathname))).catch(() => undefined);
    return response
      .writeHead(content ? 200 : 404, { 'content-type': types[extname(pathname)] ?? 'text/plain' })
      .end(content);
  });
  // WeCom itself sends none of these headers: between it and a page there is a server that does.
  wecom = await serve((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const headers = {
      'access-control-allow-origin': site,
      'access-control-allow-headers': 'content-type',
      'access-control-expose-headers': 'retry-after',
    };
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      if (request.method === 'OPTIONS') return response.writeHead(204, headers).end();
      received.push({ pathname, body });
      if (pathname.startsWith('/lost/') && request.method === 'POST') {
        // Chromium repeats what is cut off before any answer, by itself.
        response.writeHead(200, { ...headers, 'content-length': 100 }).write('{"errcode": 0');
        return setTimeout(() => response.destroy(), 50);
      }
      if (pathname.startsWith('/moved/') && request.method === 'POST') {
        return response.writeHead(302, { ...headers, location: `${wecom}/cgi-bin/message/send` }).end();
      }
      return response
        .writeHead(200, headers)
        .end(JSON.stringify(request.method === 'GET' ? answers.token : answers.sent));
    });
  });
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** Pushes in a page of its own; what came of it. */
async function push(base_url, count = 1) {
  const tab = await browser.newPage();
  const said = [];
  tab.on('console', (line) => said.push(line.text()));
  await tab.goto(site);
  received.length = 0;
  const outcome = await tab.evaluate(
    async ([connection, message, count]) => {
      const { Connector, WecomError } = await import('wecom-connector');
      const connector = new Connector();
      const pushes = Array.from({ length: count }, () => connector.pushTextMessage(connection, message));
      return Promise.all(pushes).catch((error) => [error instanceof WecomError, error.class, error.category]);
    },
    [{ ...connection, agent_id: 1000002, base_url }, message, count],
  );
  await tab.close();
  return { outcome, said };
}

test('a page pushes messages, with one token', async () => {
  const { outcome, said } = await push(wecom, 20);
  assert.deepEqual(
    outcome.map(({ msg_id }) => msg_id),
    Array(20).fill(answers.sent.msgid),
  );
  assert.equal(received.filter(({ pathname }) => pathname === '/cgi-bin/gettoken').length, 1);
  const bodies = received.filter(({ body }) => body).map(({ body }) => JSON.parse(body).text.content);
  assert.deepEqual(bodies, Array(20).fill(message.content));
  assert.deepEqual(said, []);
});

test('a lost answer leaves the outcome of a write open', async () => {
  const { outcome } = await push(`${wecom}/lost`);
  assert.deepEqual(outcome, [true, 'permanent-outcome-unknown', 'network']);
  assert.equal(received.filter(({ body }) => body).length, 1, 'it is not repeated');
});

test('a redirect is not followed', async () => {
  const { outcome } = await push(`${wecom}/moved`);
  assert.equal(outcome[0], true);
  assert.equal(received.filter(({ body }) => body).length, 1);
});

test('where Chromium is missing, the error says how to install it', () => {
  assert.throws(() => findChromium('/nowhere:/dev'), { message: 'Chromium is not on PATH: apt-get install chromium' });
});
