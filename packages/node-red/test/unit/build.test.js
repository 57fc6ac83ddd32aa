import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { types } from '../../scripts/types.js';
import { readManifest } from '../../src/runtime/manifest.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('a thirtieth action gets its types without a change', async () => {
  const manifest = readManifest();
  const parameters = {
    type: 'object',
    properties: { ring_count: { type: 'integer', title: 'Rings', description: 'How often it rings.' } },
    required: ['ring_count'],
    additionalProperties: false,
  };
  const output = { type: 'object', properties: {} };
  const action = { ...manifest.actions[0], id: 'ring-bell', parameters, output };
  const text = await types({ ...manifest, actions: [...manifest.actions, action] });
  assert.match(text, /ringBell\(\s*connection: .*, parameters: RingBellParameters\s*\): Promise<RingBellOutput>;/s);
  assert.match(text, /\* Rings\. How often it rings\.\n\s+\*\/\n\s+ring_count: number;/);
});

test('no action and no field is named in the code', async () => {
  const { actions } = readManifest();
  const ids = actions.map(({ id }) => id);
  // Names of one word are words of any code: `name`, `content`, `id`.
  const names = actions.flatMap(({ parameters, output }) => [
    ...Object.keys(parameters.properties),
    ...Object.keys(output.properties),
  ]);
  const words = new Set([...ids, ...names.filter((name) => name.includes('_'))]);
  // The manifest names its own parts, too.
  for (const word of actions.flatMap((action) => Object.keys(action.pagination ?? {}))) words.delete(word);
  assert.ok(words.size > 50);
  for (const folder of ['src/runtime', 'src/nodes', 'src/editor', 'scripts']) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!/\.c?js$/.test(file)) continue;
      const text = await readFile(join(root, folder, file), 'utf8');
      const named = [...words].filter((word) => text.includes(word));
      assert.deepEqual(named, [], join(folder, file));
    }
  }
});

test('a build without the component says which command makes it', async () => {
  const environment = { ...process.env, WECOM_COMPONENT: '/nowhere/wecom_connector.wasm' };
  const error = await new Promise((resolve) => {
    execFile(process.execPath, ['scripts/build.js'], { cwd: root, env: environment }, resolve);
  });
  assert.notEqual(error?.code ?? 0, 0);
  assert.match(error.message, /cargo build --release --target wasm32-wasip2/);
});
