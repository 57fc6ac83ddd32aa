/**
 * n8n as a whole, with the nodes of packages/n8n, on PostgreSQL: for the scripts beside this one. Everything runs on
 * loopback, in a folder that goes with it.
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
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const own = fileURLToPath(new URL('.', import.meta.url));
const examples = fileURLToPath(new URL('../../../packages/n8n/examples/', import.meta.url));
export const PACKAGE = 'n8n-nodes-wecom-connector';
export const TYPE = `${PACKAGE}.weCom`;
export const OWNER = { email: 'a@example.com', password: 'Passw0rd!x', firstName: 'A', lastName: 'B' };

export const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

export async function until(what, check, seconds = 120) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    const value = await check();
    if (value) return value;
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

/** Ends the script as skipped, by the status that says so. */
export function skip(why) {
  console.log(`skipped: ${why}`);
  process.exit(77);
}

/** A program that this machine may lack. */
function found(name, folders = []) {
  const places = [...process.env.PATH.split(delimiter), ...folders].map((folder) => join(folder, name));
  return places.find((path) => existsSync(path)) ?? skip(`there is no ${name}`);
}

/** What was asked for on the command line: numbers by name, and the package. */
export function argumentsOf(defaults) {
  const names = Object.keys(defaults);
  const string = (name) => [name, { type: 'string', default: String(defaults[name]) }];
  try {
    const options = Object.fromEntries(names.map(string));
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [tarball] = positionals;
    if (!existsSync(tarball ?? '')) throw new Error('name the package of packages/n8n, which npm pack makes there');
    const numbers = names.map((name) => [name, Number(values[name])]);
    for (const [name, value] of numbers) if (!(value > 0)) throw new Error(`--${name} takes a number above 0`);
    return { tarball, ...Object.fromEntries(numbers) };
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
}

/** The flows that come with the package in that language. */
export function exampleFiles(language) {
  return readdirSync(join(examples, language)).map((name) => {
    const path = join(examples, language, name);
    return { path, content: JSON.parse(readFileSync(path, 'utf8')) };
  });
}

/** One of them, by its name. */
export function example(language, name) {
  return exampleFiles(language).find(({ content }) => content.name === name).content;
}

/** Nodes, one behind the other. */
export function rowOf(nodes) {
  const row = nodes.map((node, index) => ({ id: node.name, position: [220 * index, 0], ...node }));
  const connections = Object.fromEntries(
    row.slice(1).map(({ name }, index) => [row[index].name, { main: [[{ node: name, type: 'main', index: 0 }]] }]),
  );
  return { nodes: row, connections };
}

function freePort() {
  return new Promise((done) => {
    const socket = createServer().listen(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });
}

/** Runs a script with an n8n that ends with it. What it left is kept where it failed. */
export async function run(options, script) {
  const n8n = new N8n(options);
  let isRed = false;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => n8n.end().finally(() => process.exit(130)));
  try {
    await n8n.begin();
    await script(n8n);
  } catch (error) {
    isRed = true;
    console.error(error);
    console.error(`the logs are in ${n8n.folder}`);
  } finally {
    await n8n.end();
    if (!isRed) rmSync(n8n.folder, { recursive: true, force: true });
  }
  process.exit(isRed ? 1 : 0);
}

class N8n {
  folder;
  url;
  #tarball;
  #hasQueue;
  #programs;
  #running = new Set();
  #env;
  #cookie = '';

  /** @param {{ tarball: string, hasQueue?: boolean }} options `hasQueue`: on Redis, with workers. */
  constructor({ tarball, hasQueue = false }) {
    this.#tarball = resolve(tarball);
    this.#hasQueue = hasQueue;
    const debian = '/usr/lib/postgresql';
    const folders = existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : [];
    const names = ['initdb', 'postgres', 'psql', ...(hasQueue ? ['redis-server'] : [])];
    this.#programs = Object.fromEntries(names.map((name) => [name, found(name, folders)]));
    if (!existsSync(join(own, 'node_modules/n8n'))) skip('n8n is not installed here');
    this.folder = mkdtempSync(join(tmpdir(), 'wecom-n8n-'));
  }

  /** Starts what n8n stands on, and installs the nodes. */
  async begin() {
    const postgresPort = await this.#startPostgres();
    const nodes = join(this.folder, '.n8n/nodes');
    mkdirSync(nodes, { recursive: true });
    writeFileSync(join(nodes, 'package.json'), '{ "private": true }');
    const install = ['install', '--legacy-peer-deps', '--no-audit', '--no-fund', this.#tarball];
    execFileSync('npm', install, { cwd: nodes, stdio: 'ignore' });
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      ...process.env,
      N8N_DIAGNOSTICS_ENABLED: 'false',
      N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
      N8N_TEMPLATES_ENABLED: 'false',
      N8N_PERSONALIZATION_ENABLED: 'false',
      N8N_HIRING_BANNER_ENABLED: 'false',
      N8N_DYNAMIC_BANNERS_ENABLED: 'false',
      N8N_LISTEN_ADDRESS: '127.0.0.1',
      N8N_PORT: String(port),
      N8N_SECURE_COOKIE: 'false',
      N8N_USER_FOLDER: this.folder,
      N8N_ENCRYPTION_KEY: 'a-key-of-this-test-alone',
      EXTERNAL_HOOK_FILES: join(nodes, 'node_modules/n8n-nodes-wecom-connector/dist/hooks.js'),
      DB_TYPE: 'postgresdb',
      DB_POSTGRESDB_HOST: '127.0.0.1',
      DB_POSTGRESDB_PORT: String(postgresPort),
      DB_POSTGRESDB_USER: 'n8n',
      DB_POSTGRESDB_DATABASE: 'postgres',
      DB_POSTGRESDB_PASSWORD: '',
      ...(this.#hasQueue && (await this.#startRedis())),
    };
  }

  async #startPostgres() {
    // PostgreSQL refuses to run as root.
    const isRoot = process.getuid() === 0;
    const id = (what) => Number(execFileSync('id', [what, 'postgres']));
    const as = isRoot ? { uid: id('-u'), gid: id('-g') } : {};
    const cwd = join(this.folder, 'postgres');
    mkdirSync(cwd);
    if (isRoot) {
      execFileSync('chown', ['postgres', cwd]);
      execFileSync('chmod', ['755', this.folder]);
    }
    const { initdb, postgres } = this.#programs;
    const port = await freePort();
    const data = join(cwd, 'data');
    execFileSync(initdb, ['-D', data, '-U', 'n8n', '--auth=trust'], { ...as, cwd, stdio: 'ignore' });
    this.start('postgres', postgres, ['-D', data, '-p', port, '-h', '127.0.0.1', '-k', cwd], { ...as, cwd });
    return port;
  }

  async #startRedis() {
    const port = String(await freePort());
    const only = ['--bind', '127.0.0.1', '--save', '', '--dir', this.folder];
    this.start('redis', this.#programs['redis-server'], ['--port', port, ...only]);
    return {
      EXECUTIONS_MODE: 'queue',
      QUEUE_BULL_REDIS_HOST: '127.0.0.1',
      QUEUE_BULL_REDIS_PORT: port,
      // How long a worker may be silent until it counts as dead.
      QUEUE_WORKER_LOCK_DURATION: '6000',
      QUEUE_WORKER_LOCK_RENEW_TIME: '2000',
      QUEUE_WORKER_STALLED_INTERVAL: '2000',
    };
  }

  /** Starts a program; its output goes to a file of that name. */
  start(name, command, args, options = {}) {
    const path = join(this.folder, `${name}.log`);
    const log = createWriteStream(path, { flags: 'a' });
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.#running.add(child);
    const ended = new Promise((done) => child.once('exit', done)).then(() => this.#running.delete(child));
    return { child, ended, log: () => (existsSync(path) ? readFileSync(path, 'utf8') : '') };
  }

  async #process(name, args, env = {}) {
    const more = { N8N_RUNNERS_BROKER_PORT: String(await freePort()), ...env };
    return this.start(name, process.execPath, [join(own, 'node_modules/n8n/bin/n8n'), ...args], {
      cwd: own,
      env: { ...this.#env, ...more },
    });
  }

  /** The process that has the editor. Whoever is its first visitor owns it. */
  async main(name = 'main', env = {}) {
    const it = await this.#process(name, ['start'], env);
    await until('n8n is ready', () => it.log().includes('Editor is now accessible'), 300);
    if (this.#cookie === '') await this.call('POST', '/rest/owner/setup', OWNER);
    return it;
  }

  async worker(name, env = {}) {
    const health = { QUEUE_HEALTH_CHECK_ACTIVE: 'true', QUEUE_HEALTH_CHECK_PORT: String(await freePort()) };
    const it = await this.#process(name, ['worker', '--concurrency=5'], { ...health, ...env });
    await until(`${name} is ready`, () => it.log().includes('worker is now ready'), 300);
    return it;
  }

  async call(method, path, body) {
    const headers = { 'content-type': 'application/json', 'browser-id': 'script', cookie: this.#cookie };
    const send = () => fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    // While n8n has lost its database, it refuses whatever comes, and has begun nothing.
    const response = await until(`an answer to ${method} ${path}`, async () => {
      const answer = await send();
      return answer.status !== 503 && answer;
    });
    const set = response.headers.getSetCookie().map((entry) => entry.split(';')[0]);
    if (set.length > 0) this.#cookie = set.join('; ');
    const text = await response.text();
    assert.equal(response.status, 200, `${method} ${path}: ${text}`);
    return text && JSON.parse(text);
  }

  /** Keeps a connection of the connector's as a credential; what a node names it by. */
  async credential(name, { type, ...fields }) {
    const credentialType = `weCom${type[0].toUpperCase()}${type.slice(1)}Api`;
    return this.keep(name, credentialType, { ...fields, moreFields: true });
  }

  /** Keeps a credential of any type. */
  async keep(name, type, data) {
    const made = await this.call('POST', '/rest/credentials', { name, type, data });
    return { [type]: { id: made.data.id, name } };
  }

  async workflow({ name, nodes, connections, settings = {} }, { isActive = true } = {}) {
    const all = { executionOrder: 'v1', ...settings };
    const { data } = await this.call('POST', '/rest/workflows', { name, nodes, connections, settings: all });
    if (isActive) await this.call('POST', `/rest/workflows/${data.id}/activate`, { versionId: data.versionId });
    return data;
  }

  /** A flow of nodes one behind the other that a call of `/webhook/<name>` begins. */
  async flow(name, nodes, { settings, webhook } = {}) {
    const hook = {
      name: 'Webhook',
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2,
      webhookId: name,
      parameters: { path: name, httpMethod: 'POST', ...webhook },
    };
    const { id } = await this.workflow({ name, settings, ...rowOf([hook, ...nodes]) });
    return { id, begin: (text) => this.call('POST', `/webhook/${name}`, { text }) };
  }

  /** Every execution of a flow, as n8n keeps it: what it lists goes by pages, whose order changes meanwhile. */
  executions(workflowId) {
    const query = `SELECT id, status FROM execution_entity WHERE "workflowId" = '${workflowId}'`;
    const where = ['-h', '127.0.0.1', '-p', this.#env.DB_POSTGRESDB_PORT, '-U', 'n8n', '-d', 'postgres'];
    const lines = execFileSync(this.#programs.psql, [...where, '-At', '-c', query], { encoding: 'utf8' });
    return lines
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('|'))
      .map(([id, status]) => ({ id, status }));
  }

  /** The same when so many are over. */
  async ended(workflowId, count, seconds = 180) {
    return until(
      `${count} runs are over`,
      () => {
        const all = this.executions(workflowId);
        const isOver = ({ status }) => !['new', 'running', 'waiting'].includes(status);
        return all.length >= count && all.every(isOver) && all;
      },
      seconds,
    );
  }

  /** How one of them ended. */
  async endOf(workflowId, id) {
    const find = () => this.executions(workflowId).find((execution) => execution.id === id);
    const isOver = (execution) => execution && !['new', 'running', 'waiting'].includes(execution.status);
    const { status } = await until(`the execution ${id} is over`, () => isOver(find()) && find());
    return { status, error: (await this.resultOf(id)).error };
  }

  /** What n8n keeps of an execution, with the error that its page shows. */
  async resultOf(id) {
    const { data } = await this.call('GET', `/rest/executions/${id}`);
    const { parse } = createRequire(join(own, 'package.json'))('flatted');
    return parse(data.data).resultData;
  }

  async end() {
    // What n8n stands on goes last: n8n would wait for it.
    const isBase = ({ spawnfile }) => Object.values(this.#programs).includes(spawnfile);
    const all = [...this.#running];
    for (const children of [all.filter((child) => !isBase(child)), all.filter(isBase)]) {
      for (const child of children) child.kill('SIGTERM');
      const isOver = (child) => child.exitCode !== null || child.signalCode !== null;
      await until('all have ended', () => children.every(isOver), 15).catch(() => {});
      for (const child of children) child.kill('SIGKILL');
    }
  }
}
