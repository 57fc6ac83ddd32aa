/**
 * Runs every part of the tests, whatever becomes of the others: one that fails must not hide what the next would say.
 * `npm test -- unit forms` runs only these.
 */
import { spawnSync } from 'node:child_process';

const parts = ['lint', 'test:unit', 'test:e2e', 'test:forms'];
const wanted = process.argv.slice(2);
const chosen = wanted.length > 0 ? parts.filter((part) => wanted.includes(part.replace('test:', ''))) : parts;
if (chosen.length < wanted.length) {
  console.error(`the parts are: ${parts.map((part) => part.replace('test:', '')).join(', ')}`);
  process.exit(2);
}

// The npm that runs this; on Windows there is no program of that name.
const npm = (part) => [process.execPath, [process.env.npm_execpath, 'run', part]];
const results = chosen.map((part) => {
  const began = performance.now();
  const [program, words] = process.env.npm_execpath ? npm(part) : ['npm', ['run', part]];
  const { status } = spawnSync(program, words, { stdio: 'inherit' });
  return { part, passed: status === 0, seconds: Math.round((performance.now() - began) / 1000) };
});

console.log('');
for (const { part, passed, seconds } of results) console.log(`${passed ? 'passed' : 'FAILED'}  ${part} (${seconds} s)`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
