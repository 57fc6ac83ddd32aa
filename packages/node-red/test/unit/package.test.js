/** The package as a stranger gets it: packed, installed into an empty user directory, run by a real Node-RED. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createSecure } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { manifest } from 'wecom-connector/palette';
import { connectionNode, literals } from '../support/flows.js';
import { answers, assertNoSecret, certificates, Simulator, sleep, startProxy } from '../support/shared.js';
import { nodeTypes } from '../support/types.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const nodeReds = [
  ['newest', 'node-red'],
  ['oldest', 'node-red-oldest'],
].map(([age, module]) => [age, fileURLToPath(new URL(`../../node_modules/${module}/red.js`, import.meta.url))]);
const name = 'node-red-contrib-wecom-connector';

let folder;
let userDir;
let packed;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wecom-package-'));
  userDir = await mkdtemp(join(folder, 'user-'));
  // Without the scripts: a build under the feet of the other tests would trip them.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  [packed] = JSON.parse((await run('npm', pack, { cwd: root })).stdout);
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'user-directory', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--offline', join(folder, packed.filename)], {
    cwd: userDir,
  });
});
after(() => rm(folder, { recursive: true }));

test('the package holds what it needs at run time, nothing of its making, and depends on nothing', async () => {
  const files = packed.files.map(({ path }) => path);
  for (const needed of [
    'component/connector.core.wasm',
    'manifest.js',
    'nodes/wecom.js',
    'register.js',
    'licenses/undici',
  ]) {
    assert.ok(files.includes(`dist/${needed}`), needed);
  }
  const strays = files.filter((path) => !/^(dist|docs|examples)\/|^(README\.md|package\.json)$/.test(path));
  assert.deepEqual(strays, []);
  const installed = await readdir(join(userDir, 'node_modules'));
  assert.deepEqual(
    installed.filter((file) => !file.startsWith('.')),
    [name],
  );
});

test('a build puts down the sum of each source, and of what builds', async () => {
  const lines = (await readFile(join(root, 'dist/sources.sha256'), 'utf8')).trim().split('\n');
  const paths = lines.map((line) => line.split('  ')[1]);
  const parts = ['../js/src/engine.js', 'src/nodes/register.js', 'src/editor/browser/style.css'];
  const build = ['scripts/build.js', 'package-lock.json', '../js/scripts/types.js', '../js/package-lock.json'];
  for (const part of [...parts, ...build]) {
    assert.ok(paths.includes(part), part);
  }
  const { stdout } = await run('sha256sum', ['--check', '--strict', 'dist/sources.sha256'], { cwd: root });
  assert.equal(stdout.trim().split('\n').length, lines.length);
});

test('the package has the version of the contract that it holds: a release looks for it by that', () => {
  assert.equal(packed.version, manifest.version);
});

test('every picture and every link of its README leads to the package or to a public page', async () => {
  const files = packed.files.map(({ path }) => path);
  const text = await readFile(join(root, 'README.md'), 'utf8');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|src="([^"]+)"/g)].map(([, link, source]) => link ?? source);
  const local = targets.filter((target) => !/^(https:|#)/.test(target));
  assert.ok(local.length >= 2, 'there are pictures');
  assert.deepEqual(
    local.filter((target) => !files.includes(target)),
    [],
  );
});

/** WeCom behind TLS, by IPv6 where there is that. */
async function startSecure(served) {
  const server = createSecure(served, (request, response) => {
    request.resume();
    response.end(JSON.stringify(request.method === 'GET' ? answers.token : answers.sent));
  });
  const listen = (host) =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(0, host, resolve);
    });
  await listen('::1').catch(() => listen('127.0.0.1'));
  return server;
}

/** A port that was free a moment ago: Node-RED cannot say which one it chose. */
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

for (const [age, script] of nodeReds) {
  describe(`a real Node-RED, the ${age} that it is for`, () => {
    let simulator;
    let secure;
    let proxy;
    let stopProxy;
    let home;
    let editor;
    let log = '';
    let server;
    let ended;

    before(async () => {
      simulator = await Simulator.start();
      const { ca, ...served } = await certificates({ after });
      secure = await startSecure(served);
      // What is given to `after` in here is called when this hook ends.
      proxy = await startProxy({ after: (stop) => (stopProxy = stop) });
      home = await mkdtemp(join(folder, 'home-'));
      await cp(userDir, home, { recursive: true });
      const port = await freePort();
      editor = `http://127.0.0.1:${port}`;
      const settings = {
        uiPort: port,
        uiHost: '127.0.0.1',
        flowFile: 'flows.json',
        credentialSecret: 'secret-of-this-test-only',
        telemetry: { enabled: false, updateNotification: false },
        externalModules: { autoInstall: false, palette: { allowInstall: false } },
        logging: { console: { level: 'trace', metrics: true, audit: true } },
      };
      await writeFile(join(home, 'settings.cjs'), `module.exports = ${JSON.stringify(settings)};`);
      const words = [script, '--userDir', home, '--settings', join(home, 'settings.cjs')];
      server = spawn(process.execPath, words, {
        env: { ...process.env, NODE_EXTRA_CA_CERTS: ca, HTTPS_PROXY: proxy.url },
      });
      for (const stream of [server.stdout, server.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          log += text;
        });
      }
      ended = new Promise((resolve) => server.once('exit', (status, signal) => resolve({ status, signal })));
      const patience = performance.now() + 60_000;
      while (!log.includes('Started flows') || !log.includes('Server now running')) {
        assert.ok(server.exitCode === null && performance.now() < patience, `Node-RED does not start: ${log}`);
        await sleep(50);
      }
    });
    after(async () => {
      server.kill('SIGKILL');
      await stopProxy();
      secure.closeAllConnections();
      secure.close();
      await simulator.stop();
    });

    const ask = async (path, options) => {
      const response = await fetch(`${editor}${path}`, { headers: { accept: 'application/json' }, ...options });
      return { status: response.status, text: await response.text() };
    };

    test('has every node type', async () => {
      const { text } = await ask('/nodes');
      const set = JSON.parse(text).find(({ module }) => module === name);
      assert.equal(set.err, undefined);
      assert.ok(set.enabled);
      const types = nodeTypes(manifest);
      assert.deepEqual(set.types.toSorted(), types.toSorted());
      // What the editor loads: the form of each.
      const page = await ask('/nodes', { headers: { accept: 'text/html' } });
      for (const type of types) assert.ok(page.text.includes(`data-template-name="${type}"`), type);
    });

    test('runs a flow, and no secret is in a page, a file or the log', async () => {
      const application = simulator.connection('application');
      const { address, port } = secure.address();
      const base_url = `https://${address === '::1' ? '[::1]' : address}:${port}`;
      const connections = [connectionNode('app', application), connectionNode('tls', { ...application, base_url })];
      const placed = { z: 'tab', x: 1, y: 1 };
      const fields = literals({ to_user: ['zhangsan'], content: '部署完成，请验收。' });
      const push = {
        ...placed,
        id: 'push',
        type: 'wecom-push-text-message',
        connection: 'app',
        fields,
        wires: [['out']],
      };
      const flows = [
        { id: 'tab', type: 'tab', label: 'Alert' },
        { ...placed, id: 'in', type: 'http in', url: '/alert', method: 'get', wires: [['push']] },
        push,
        { ...placed, id: 'out', type: 'http response', wires: [] },
        { ...placed, id: 'in-tls', type: 'http in', url: '/tls', method: 'get', wires: [['push-tls']] },
        { ...push, id: 'push-tls', connection: 'tls' },
        ...connections.map(({ node, credentials }) => ({ ...node, credentials })),
      ];
      const starts = () => log.split('Started flows').length;
      const before = starts();
      const deployed = await ask('/flows', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'node-red-api-version': 'v2' },
        body: JSON.stringify({ flows }),
      });
      assert.equal(deployed.status, 200, deployed.text);
      // The answer comes before the nodes have started.
      for (let waited = 0; starts() === before && waited < 15_000; waited += 50) await sleep(50);
      await simulator.clear();
      const { status, text } = await ask('/alert');
      assert.equal(status, 200, text);
      assert.match(JSON.parse(text).msg_id, /./);
      assert.equal((await simulator.at('message/send')).length, 1);

      // A CA that Node.js is told of, an address of IPv6, the proxy of the environment: for this address alone.
      const tls = await ask('/tls');
      assert.equal(tls.status, 200, tls.text);
      assert.equal(JSON.parse(tls.text).msg_id, answers.sent.msgid);
      assert.deepEqual([...new Set(proxy.tunnels)], [new URL(base_url).host]);

      const kept = JSON.parse((await ask('/credentials/wecom-application/app')).text);
      const { properties } = manifest.connection_types.find(({ type }) => type === 'application').schema;
      const secrets = Object.keys(properties).filter((name) => properties[name].writeOnly);
      const given = simulator.connection('application');
      assert.deepEqual(kept, Object.fromEntries(secrets.map((name) => [`has_${name}`, name in given])));
      assert.ok(kept.has_app_secret);
      const files = await readdir(home);
      const written = await Promise.all(
        files.filter((file) => /\.json|\.config/.test(file)).map((file) => readFile(join(home, file), 'utf8')),
      );
      assert.ok(written.some((content) => content.includes('wecom-push-text-message')));
      assertNoSecret(simulator.secrets(), log, text, (await ask('/flows')).text, ...written);
    });

    test('ends when it is told to', async () => {
      server.kill('SIGINT');
      const late = sleep(10_000).then(() => 'still running after 10 s');
      assert.deepEqual(await Promise.race([ended, late]), { status: 0, signal: null }, log.slice(-500));
    });
  });
}
