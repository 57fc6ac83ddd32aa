/** The package as a stranger gets it: packed, installed into an empty user directory, run by a real Node-RED. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { manifest } from 'wecom-connector/palette';
import { connectionNode, literals } from '../support/flows.js';
import { assertNoSecret, Simulator, sleep } from '../support/shared.js';

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
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root });
  // What the build prints comes first.
  [packed] = JSON.parse(stdout.slice(stdout.search(/^\[/m)));
  await writeFile(join(userDir, 'package.json'), JSON.stringify({ name: 'user-directory', private: true }));
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, packed.filename)], {
    cwd: userDir,
  });
});
after(() => rm(folder, { recursive: true }));

test('the package holds what it needs at run time, and nothing of its making', () => {
  const files = packed.files.map(({ path }) => path);
  for (const needed of ['dist/component/connector.js', 'dist/index.d.ts', 'dist/nodes/wecom.js', 'package.json']) {
    assert.ok(files.includes(needed), needed);
  }
  const strays = files.filter((path) => /^(test|scripts|node_modules|target)\/|\.test\.js$|\.tgz$/.test(path));
  assert.deepEqual(strays, []);
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

test('the installed package is a JavaScript API, too', async () => {
  const program = `
    import { Connector } from '${name}';
    const wecom = new Connector();
    const error = await wecom.pushTextMessage({ type: 'application', corp_id: 'ww0' }, {}).catch((error) => error);
    console.log(error.class);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: userDir });
  assert.equal(stdout.trim(), 'permanent-invalid-parameters');
});

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
    let home;
    let editor;
    let log = '';
    let server;
    let ended;

    before(async () => {
      simulator = await Simulator.start();
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
      server = spawn(process.execPath, [script, '--userDir', home, '--settings', join(home, 'settings.cjs')]);
      for (const stream of [server.stdout, server.stderr]) {
        stream.setEncoding('utf8').on('data', (text) => {
          log += text;
        });
      }
      ended = new Promise((resolve) => server.once('exit', (status, signal) => resolve({ status, signal })));
      const patience = performance.now() + 60_000;
      while (!log.includes('Started flows')) {
        assert.ok(server.exitCode === null && performance.now() < patience, `Node-RED does not start: ${log}`);
        await sleep(50);
      }
    });
    after(async () => {
      server.kill('SIGKILL');
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
      const types = [
        ...manifest.connection_types.map(({ type }) => `wecom-${type}`),
        ...manifest.actions.map(({ id }) => `wecom-${id}`),
      ];
      assert.deepEqual(set.types.toSorted(), types.toSorted());
      // What the editor loads: the form of each.
      const page = await ask('/nodes', { headers: { accept: 'text/html' } });
      for (const type of types) assert.ok(page.text.includes(`data-template-name="${type}"`), type);
    });

    test('runs a flow, and no secret is in a page, a file or the log', async () => {
      const { node, credentials } = connectionNode('app', simulator.connection('application'));
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
        { ...node, credentials },
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

    test('ends when it is told to, with threads of ours alive', async () => {
      server.kill('SIGINT');
      const late = sleep(10_000).then(() => 'still running after 10 s');
      assert.deepEqual(await Promise.race([ended, late]), { status: 0, signal: null }, log.slice(-500));
    });
  });
}
