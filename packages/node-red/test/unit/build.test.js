import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { manifest } from 'wecom-connector/palette';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('no action and no field is named in the code', async () => {
  const { actions } = manifest;
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
  for (const folder of ['src/nodes', 'src/editor', 'scripts']) {
    for (const file of await readdir(join(root, folder), { recursive: true })) {
      if (!/\.c?js$/.test(file)) continue;
      const text = await readFile(join(root, folder, file), 'utf8');
      const named = [...words].filter((word) => text.includes(word));
      assert.deepEqual(named, [], join(folder, file));
    }
  }
});

test('a build without the component says which command makes it', async () => {
  const env = { ...process.env, WECOM_STEPWISE_COMPONENT: '/nowhere/stepwise.wasm' };
  await assert.rejects(promisify(execFile)('npm', ['run', 'build'], { cwd: root, env }), /cargo xtask stepwise/);
});
