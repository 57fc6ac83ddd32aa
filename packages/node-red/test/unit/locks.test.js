/** `npm ci` can only install what the lock file names: every lock file of npm in the repository, also a later one. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
/** Where things are put that are not the repository's. */
const foreign = ['node_modules', 'target', 'dist'];

function locks(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return foreign.includes(entry.name) || entry.name.startsWith('.') ? [] : locks(path);
    return ['package-lock.json', 'npm-shrinkwrap.json'].includes(entry.name) ? [path] : [];
  });
}

/** What keeps others from installing by this lock, in words. */
function gaps(lock) {
  return Object.entries(lock.packages).flatMap(([place, entry]) => {
    // The packages of the repository itself, and links to them: nothing is downloaded for them.
    if (!place.includes('node_modules/') || entry.link) return [];
    const missing = [];
    if (!entry.version) missing.push(`${place}: no version`);
    // What lies in the archive of another package comes with that, and the archive's sum covers it.
    if (!entry.integrity && !entry.inBundle) missing.push(`${place}: no integrity`);
    // An address is where one machine found it; others may reach only another registry.
    if (entry.resolved) missing.push(`${place}: an address`);
    return missing;
  });
}

const found = locks(repository);

test('there is a lock file', () => {
  assert.ok(found.length >= 1);
});

for (const path of found) {
  test(`${relative(repository, path)} has version and integrity of each package, and no address`, () => {
    const lock = JSON.parse(readFileSync(path, 'utf8'));
    assert.ok(Object.keys(lock.packages).length > 0);
    assert.deepEqual(gaps(lock), []);
  });
}

test('an entry that lacks something is found', () => {
  const entry = { version: '1.0.0', integrity: 'sha512-x' };
  const packages = {
    '': { version: '0.1.0' },
    'node_modules/good': entry,
    'node_modules/good/node_modules/bundled': { version: '1.0.0', inBundle: true },
    'node_modules/empty': { optional: true },
    'node_modules/bare': { version: '1.0.0' },
    'node_modules/placed': { ...entry, resolved: 'file:elsewhere.tgz' },
  };
  assert.deepEqual(gaps({ packages }), [
    'node_modules/empty: no version',
    'node_modules/empty: no integrity',
    'node_modules/bare: no integrity',
    'node_modules/placed: an address',
  ]);
});
