/**
 * n8n on its queue, with a main process and two workers that are ended: what reaches WeCom, and how often.
 *
 *     npm ci --ignore-scripts && node queue.js <n8n-nodes-wecom-connector-….tgz>
 *
 * Needs Debian's redis-server and postgresql, and the simulator as `cargo build -p host-test` leaves it. All of them run on
 * loopback, in a folder that goes with them.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Simulator } from '../../../packages/js/test/support/simulator.js';

const TYPE = 'n8n-nodes-wecom-connector.weCom';
const own = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const [tarball] = process.argv.slice(2);
if (!tarball || !existsSync(tarball)) {
  console.error('name the package of packages/n8n: npm pack makes it');
  process.exit(2);
}

/** A program that this machine may lack. */
function found(name, folders = []) {
  const places = [...process.env.PATH.split(':'), ...folders].map((folder) => join(folder, name));
  const place = places.find((path) => existsSync(path));
  if (!place) {
    console.log(`skipped: there is no ${name}`);
    process.exit(77);
  }
  return place;
}
const postgresFolders = existsSync('/usr/lib/postgresql')
  ? readdirSync('/usr/lib/postgresql').map((version) => `/usr/lib/postgresql/${version}/bin`)
  : [];
const [redisServer, initdb, postgres] = ['redis-server', 'initdb', 'postgres'].map((name) =>
  found(name, postgresFolders),
);
if (!existsSync(join(own, 'node_modules/n8n'))) {
  console.log('skipped: n8n is not installed here');
  process.exit(77);
}

const folder = mkdtempSync(join(tmpdir(), 'wecom-n8n-queue-'));
const running = new Set();
const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

async function until(what, check, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    const value = await check();
    if (value) return value;
  }
  throw new Error(`${what}: not within ${seconds} s; see ${folder}`);
}

function freePort() {
  return new Promise((done) => {
    const socket = createSocket().listen(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });
}

/** Starts a program; its output goes to a file of that name. */
function start(name, command, args, options = {}) {
  const path = join(folder, `${name}.log`);
  const log = createWriteStream(path, { flags: 'a' });
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  running.add(child);
  const ended = new Promise((done) => child.once('exit', done)).then(() => running.delete(child));
  return { child, ended, log: () => (existsSync(path) ? readFileSync(path, 'utf8') : '') };
}

/** A WeCom that has a message at once, and answers as late as it is told to. */
async function slowWecom() {
  const it = { delivered: [], tokens: 0, delay: 0 };
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const answer = (fields) => response.end(JSON.stringify({ errcode: 0, errmsg: 'ok', ...fields }));
    if (request.url.includes('/gettoken')) {
      it.tokens += 1;
      answer({ access_token: 'a-token-that-is-none', expires_in: 7200 });
      return;
    }
    it.delivered.push(JSON.parse(Buffer.concat(chunks)).text.content);
    await sleep(it.delay);
    answer({ msgid: String(it.delivered.length) });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  it.url = `http://127.0.0.1:${server.address().port}`;
  it.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return it;
}

async function main() {
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid() === 0;
  const as = isRoot
    ? { uid: Number(execFileSync('id', ['-u', 'postgres'])), gid: Number(execFileSync('id', ['-g', 'postgres'])) }
    : {};
  const data = join(folder, 'postgres');
  mkdirSync(data);
  if (isRoot) {
    execFileSync('chown', ['postgres', data]);
    execFileSync('chmod', ['755', folder]);
  }
  const [postgresPort, redisPort, mainPort] = [await freePort(), await freePort(), await freePort()];
  execFileSync(initdb, ['-D', join(data, 'data'), '-U', 'n8n', '--auth=trust'], { ...as, cwd: data, stdio: 'ignore' });
  start('postgres', postgres, ['-D', join(data, 'data'), '-p', postgresPort, '-h', '127.0.0.1', '-k', data], {
    ...as,
    cwd: data,
  });
  start('redis', redisServer, ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--dir', folder]);

  const nodes = join(folder, '.n8n/nodes');
  mkdirSync(nodes, { recursive: true });
  writeFileSync(join(nodes, 'package.json'), '{ "private": true }');
  execFileSync('npm', ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', resolve(tarball)], {
    cwd: nodes,
    stdio: 'ignore',
  });

  const env = {
    ...process.env,
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_PERSONALIZATION_ENABLED: 'false',
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_PORT: String(mainPort),
    N8N_SECURE_COOKIE: 'false',
    N8N_USER_FOLDER: folder,
    N8N_ENCRYPTION_KEY: 'a-key-of-this-test-alone',
    EXECUTIONS_MODE: 'queue',
    QUEUE_BULL_REDIS_HOST: '127.0.0.1',
    QUEUE_BULL_REDIS_PORT: String(redisPort),
    // How long a worker may be silent until it counts as dead.
    QUEUE_WORKER_LOCK_DURATION: '6000',
    QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
    QUEUE_WORKER_STALLED_INTERVAL: '2000',
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: '127.0.0.1',
    DB_POSTGRESDB_PORT: String(postgresPort),
    DB_POSTGRESDB_USER: 'n8n',
    DB_POSTGRESDB_DATABASE: 'postgres',
    DB_POSTGRESDB_PASSWORD: '',
  };
  const n8n = async (name, ...args) => {
    const more = {
      N8N_RUNNERS_BROKER_PORT: String(await freePort()),
      ...(args[0] === 'worker' && {
        QUEUE_HEALTH_CHECK_ACTIVE: 'true',
        QUEUE_HEALTH_CHECK_PORT: String(await freePort()),
      }),
    };
    return start(name, process.execPath, [join(own, 'node_modules/n8n/bin/n8n'), ...args], {
      cwd: own,
      env: { ...env, ...more },
    });
  };
  const editor = await n8n('main', 'start');
  await until('n8n is ready', () => editor.log().includes('Editor is now accessible'));
  const worker = async (name) => {
    const it = await n8n(name, 'worker', '--concurrency=5');
    await until(`${name} is ready`, () => it.log().includes('worker is now ready'));
    return it;
  };
  const workers = [await worker('worker-1'), await worker('worker-2')];

  let cookie = '';
  const base = `http://127.0.0.1:${mainPort}`;
  const call = async (method, path, body) => {
    const headers = { 'content-type': 'application/json', 'browser-id': 'queue', cookie };
    const response = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    const set = response.headers.getSetCookie().map((entry) => entry.split(';')[0]);
    if (set.length > 0) cookie = set.join('; ');
    const text = await response.text();
    assert.equal(response.status, 200, `${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  };
  await call('POST', '/rest/owner/setup', {
    email: 'a@example.com',
    password: 'Passw0rd!x',
    firstName: 'A',
    lastName: 'B',
  });

  /** A flow that sends what comes in, under that connection; answers with what begins it, and its ID. */
  const flow = async (name, connection, fields = {}) => {
    const { type: _, ...fieldsOfConnection } = connection;
    const { data: credential } = await call('POST', '/rest/credentials', {
      name,
      type: 'weComApplicationApi',
      data: { ...fieldsOfConnection, moreFields: true },
    });
    const nodesOfFlow = [
      {
        id: 'hook',
        name: 'Webhook',
        type: 'n8n-nodes-base.webhook',
        typeVersion: 2,
        position: [0, 0],
        webhookId: name,
        parameters: { path: name, httpMethod: 'POST' },
      },
      {
        id: 'send',
        name: 'WeCom',
        type: TYPE,
        typeVersion: 1,
        position: [200, 0],
        credentials: { weComApplicationApi: { id: credential.id, name } },
        parameters: {
          resource: 'app-message',
          operation: 'push-text-message',
          to_user: ['zhangsan'],
          content: '={{ $json.body.text }}',
          additionalFields: fields,
        },
        retryOnFail: true,
      },
    ];
    const connections = { Webhook: { main: [[{ node: 'WeCom', type: 'main', index: 0 }]] } };
    const workflow = { name, nodes: nodesOfFlow, connections, settings: { executionOrder: 'v1' } };
    const { data } = await call('POST', '/rest/workflows', workflow);
    await call('POST', `/rest/workflows/${data.id}/activate`, { versionId: data.versionId });
    return { id: data.id, begin: (text) => call('POST', `/webhook/${name}`, { text }) };
  };
  const executions = async (id) => {
    const filter = encodeURIComponent(JSON.stringify({ workflowId: id }));
    const { data } = await call('GET', `/rest/executions?filter=${filter}&limit=100`);
    return data.results;
  };
  const ended = async (id, count) => {
    const all = await executions(id);
    return all.length >= count && all.every(({ status }) => !['new', 'running', 'waiting'].includes(status))
      ? all
      : undefined;
  };

  const simulator = await Simulator.start();
  const slow = await slowWecom();
  try {
    const spread = await flow('spread', simulator.connection('application'));
    let left = 40;
    const caller = async () => {
      while (left > 0) await spread.begin(`message ${(left -= 1)}`);
    };
    await Promise.all(Array.from({ length: 8 }, caller));
    const runs = await until('forty runs', () => ended(spread.id, 40));
    assert.deepEqual([...new Set(runs.map(({ status }) => status))], ['success']);
    const sent = (await simulator.at('message/send')).map(({ body }) => body.text.content);
    assert.equal(new Set(sent).size, 40);
    assert.equal(sent.length, 40);
    const counts = workers.map(({ log }) => log().match(/Worker started execution/g)?.length ?? 0);
    assert.ok(
      counts.every((count) => count > 0),
      `runs by worker: ${counts}`,
    );
    const tokens = (await simulator.settled()).filter(({ path }) => path.endsWith('/gettoken')).length;
    assert.ok(tokens <= workers.length, `${tokens} tokens`);
    console.log(`40 runs: ${counts.join(' and ')} by worker, 40 messages, ${tokens} tokens`);

    const application = { ...simulator.connection('application'), base_url: slow.url };
    const late = await flow('late', application);
    slow.delay = 8000;
    const startedBy = (name) => workers.map(({ log }) => log().match(/Worker started execution/g)?.length ?? 0)[name];
    const before = [startedBy(0), startedBy(1)];
    await late.begin('killed');
    await until('WeCom has the message', () => slow.delivered.includes('killed'));
    const busy = startedBy(0) > before[0] ? 0 : 1;
    workers[busy].child.kill('SIGKILL');
    await workers[busy].ended;
    const [lost] = await until('the run has ended', () => ended(late.id, 1), 180);
    await sleep(10_000);
    assert.equal(slow.delivered.filter((text) => text === 'killed').length, 1);
    assert.notEqual(lost.status, 'success');
    console.log(`a worker killed while WeCom had the message: delivered once, the execution is "${lost.status}"`);

    workers[busy] = await worker(`worker-${busy + 1}-again`);
    const counted = [startedBy(0), startedBy(1)];
    await late.begin('ended');
    await until('WeCom has the message', () => slow.delivered.includes('ended'));
    const working = startedBy(0) > counted[0] ? 0 : 1;
    workers[working].child.kill('SIGTERM');
    await workers[working].ended;
    const all = await until('the run has ended', () => ended(late.id, 2), 180);
    assert.deepEqual(all.map(({ status }) => status).sort(), [lost.status, 'success'].sort());
    assert.equal(slow.delivered.filter((text) => text === 'ended').length, 1);
    console.log('a worker told to end: it finished the call first, delivered once');
  } finally {
    await simulator.stop();
    slow.stop();
  }
}

let isRed = false;
try {
  await main();
} catch (error) {
  isRed = true;
  console.error(error);
} finally {
  for (const child of running) child.kill('SIGTERM');
  await Promise.race([
    Promise.all([...running].map((child) => new Promise((done) => child.once('exit', done)))),
    sleep(15_000),
  ]);
  for (const child of running) child.kill('SIGKILL');
  if (!isRed) rmSync(folder, { recursive: true, force: true });
}
process.exit(isRed ? 1 : 0);
