/** The package as a stranger gets it, and what its README says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connector } from 'wecom-connector';
import { types } from '../scripts/types.js';
import { instantiateComponent, ownComponent } from '../src/component.js';
import { proxyVariables, startProxy } from './support/proxy.js';
import { Simulator } from './support/simulator.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = new Connector().manifest();

test('the package holds what it needs, nothing else, and depends on nothing', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wecom-package-'));
  t.after(() => rm(folder, { recursive: true }));
  // Without the scripts: a build under the feet of the other tests would trip them.
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [packed] = JSON.parse((await run('npm', pack, { cwd: root })).stdout);
  assert.equal(packed.version, manifest.version, 'it has the version of the contract that it holds');
  const files = packed.files.map(({ path }) => path);
  assert.deepEqual(
    files.filter((path) => !/^(dist|src)\/|^package\.json$/.test(path)),
    ['README.md', 'README.zh-CN.md'],
  );
  const home = join(folder, 'home');
  await mkdir(home);
  await writeFile(join(home, 'package.json'), '{ "private": true }');
  const archive = join(folder, packed.filename);
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', archive], { cwd: home });
  const installed = await readdir(join(home, 'node_modules'));
  assert.deepEqual(
    installed.filter((name) => !name.startsWith('.')),
    ['wecom-connector'],
  );
  const program = `
    import { Connector } from 'wecom-connector';
    const error = await new Connector().pushTextMessage({ type: 'application', corp_id: 'ww0' }, {}).catch((e) => e);
    console.log(error.class);`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: home });
  assert.equal(stdout.trim(), 'permanent-invalid-parameters');
});

const read = (name) => readFile(join(root, name), 'utf8');
const [readme, chinese] = await Promise.all([read('README.md'), read('README.zh-CN.md')]);
const samplesOf = (text) =>
  [...text.matchAll(/^<!-- include: packages\/js\/(\S+\.mjs) -->$/gm)].map(([, file]) => file);
const samples = samplesOf(readme);

test('README has samples, the same in both languages, and no other code', () => {
  assert.ok(samples.length >= 2);
  assert.deepEqual(samplesOf(chinese), samples);
  for (const text of [readme, chinese]) assert.equal(text.match(/```js\n/g).length, samples.length);
});

for (const file of samples) {
  test(`${file} runs, and prints what it says`, async (t) => {
    const code = await read(file);
    const simulator = await Simulator.start();
    t.after(() => simulator.stop());
    const { base_url, ...connection } = simulator.connection('application');
    const variables = Object.entries(connection).map(([name, value]) => [`WECOM_${name.toUpperCase()}`, String(value)]);
    const env = { ...process.env, ...Object.fromEntries(variables), WECOM_BASE_URL: base_url };
    const proxy = code.includes('HTTP_PROXY') && (await startProxy(t));
    if (proxy) Object.assign(env, proxyVariables(proxy));
    const { stdout } = await run(process.execPath, [file], { cwd: root, env });
    if (proxy) assert.deepEqual([...new Set(proxy.tunnels)], [new URL(base_url).host]);
    const promised = [...code.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, line]) => line);
    assert.ok(promised.length > 0);
    assert.deepEqual(stdout.trim().split('\n'), promised);
  });
}

test('every link of README leads to its other language or to a public page', () => {
  const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g), ...chinese.matchAll(/\]\(([^)\s]+)\)/g)];
  assert.deepEqual(
    targets.map(([, target]) => target).filter((target) => !/^(https:|#)/.test(target)),
    ['README.zh-CN.md', 'README.md'],
  );
});

test('a new action gets its types without a change', async () => {
  const parameters = {
    type: 'object',
    properties: {
      ring_count: { type: 'integer', title: 'Rings', description: 'How often it rings.' },
      source: { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false },
      bells: {
        type: 'array',
        items: {
          type: 'object',
          properties: { tone: { type: 'string' }, tags: { type: 'array', items: { type: 'integer' } } },
          required: ['tone'],
          additionalProperties: false,
        },
      },
    },
    required: ['ring_count', 'bells'],
    additionalProperties: false,
  };
  const output = { type: 'object', properties: {} };
  const action = { ...manifest.actions[0], id: 'ring-bell', parameters, output };
  const text = await types({ ...manifest, actions: [...manifest.actions, action] }, 'string');
  assert.match(text, /ringBell\(\s*connection: .*, parameters: RingBellParameters, .*\): Promise<RingBellOutput>;/s);
  assert.match(text, /\* Rings\. How often it rings\.\n\s+\*\/\n\s+ring_count: number;/);
  const bare = text
    .split('interface RingBellParameters')[1]
    .replace(/\/\*\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ');
  assert.match(bare, /source\?: \{ name\?: string; \}; bells: \{ tone: string; tags\?: number\[\]; \}\[\];/);
});

test('no action and no field is named in the code', async () => {
  const ids = manifest.actions.map(({ id }) => id);
  const names = manifest.actions.flatMap(({ parameters, output }) => [
    ...Object.keys(parameters.properties),
    ...Object.keys(output.properties),
  ]);
  const words = new Set([...ids, ...names.filter((name) => name.includes('_'))]);
  for (const word of manifest.actions.flatMap((action) => Object.keys(action.pagination ?? {}))) words.delete(word);
  assert.ok(words.size > 50);
  for (const folder of ['src', 'scripts']) {
    for (const file of await readdir(join(root, folder))) {
      const text = await readFile(join(root, folder, file), 'utf8');
      assert.deepEqual(
        [...words].filter((word) => text.includes(word)),
        [],
        join(folder, file),
      );
    }
  }
});

test('the manifest is that of the component, whose long parts are read when somebody asks for them', async () => {
  const { stepwise } = await instantiateComponent(ownComponent);
  assert.ok(JSON.stringify(manifest) === JSON.stringify(JSON.parse(stepwise.manifest())));
  const program = `
    import { Connector } from 'wecom-connector';
    const sent = { errcode: 0, errmsg: 'ok', msgid: 'MESSAGE' };
    const wecom = new Connector({ fetch: async () => Response.json(sent) });
    const access = { type: 'application', corp_id: 'ww0', access_token: 'not-real-at-all', agent_id: 1 };
    const manifest = wecom.manifest();
    const left = () => [manifest, ...manifest.actions]
      .flatMap((object) => Object.entries(Object.getOwnPropertyDescriptors(object)))
      .filter(([, { get }]) => get).length;
    const before = left();
    await wecom.pushTextMessage(access, { to_user: ['a'], content: 'x' });
    const after = left();
    // What is frozen is read once, too, and what somebody derives from it is theirs.
    const [action] = manifest.actions;
    const derived = Object.create(manifest.actions[1], {});
    derived.parameters = 'theirs';
    Object.freeze(action);
    console.log(action.parameters === action.parameters, typeof manifest.actions[1].parameters);
    // Whoever puts something in its place has that.
    manifest.locales = 'mine';
    console.log(before > 100, before - after, manifest.locales, Object.keys(manifest).includes('locales'));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { cwd: root });
  assert.equal(stdout.trim(), 'true object\ntrue 1 mine true');
});

test('a build without the component says which command makes it', async () => {
  const env = { ...process.env, WECOM_STEPWISE_COMPONENT: '/nowhere/stepwise.wasm' };
  const building = run(process.execPath, ['scripts/build.js'], { cwd: root, env });
  await assert.rejects(building, /cargo xtask stepwise/);
});

test('a build puts down the sum of what builds', async () => {
  const text = await readFile(join(root, 'dist/sources.sha256'), 'utf8');
  const paths = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('  ')[1]);
  for (const part of ['scripts/build.js', 'scripts/types.js', 'package-lock.json'])
    assert.ok(paths.includes(part), part);
  await run('sha256sum', ['--check', '--strict', 'dist/sources.sha256'], { cwd: root });
});

test('every file that the package exports is there', async () => {
  const { exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const paths = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? target : Object.values(target),
  );
  assert.ok(paths.length >= 3);
  for (const path of paths) await readFile(join(root, path));
});
