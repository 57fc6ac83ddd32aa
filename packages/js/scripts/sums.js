import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What tells a release whether a package is of these files: the sum of each, as `sha256sum` writes it. */
export async function sums(root, paths) {
  const lines = [...new Set(paths)].sort().map(async (path) => {
    const sum = createHash('sha256').update(await readFile(join(root, path)));
    return `${sum.digest('hex')}  ${path}\n`;
  });
  return (await Promise.all(lines)).join('');
}

const scripts = readdirSync(new URL('.', import.meta.url)).map((name) => `scripts/${name}`);

/** The files that make dist/ of packages/js, beside the component. */
export const BUILD = [...scripts, 'package.json', 'package-lock.json', '../../LICENSE'];
