/**
 * Makes dist/ from the component alone: transpiles it, asks it for its manifest, and writes from the manifest what
 * Node-RED's editor and TypeScript need.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { transpile } from '@bytecodealliance/jco';
import { generate } from '../src/editor/generate.js';
import { componentFile } from './component.js';
import { types } from './types.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const written = new Set();

/** Leaves a file that is up to date alone, so that a build does not disturb a Node-RED that runs from here. */
async function write(path, content) {
  const bytes = Buffer.from(content);
  written.add(path);
  const existing = await readFile(path).catch(() => undefined);
  if (existing?.equals(bytes)) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

/** Removes what an earlier build wrote and this one did not. */
async function sweep(folder) {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await sweep(path);
    else if (!written.has(path)) await rm(path);
  }
  await rmdir(folder).catch(() => {});
}

/** Asks the component for its manifest, in a thread that is ended: the component's I/O would keep this one alive. */
function askManifest(module) {
  return new Promise((resolve, reject) => {
    const source = `import(${JSON.stringify(module)}).then(({ connector }) => {
      require('node:worker_threads').parentPort.postMessage(connector.manifest());
    })`;
    const worker = new Worker(source, { eval: true });
    worker.once('message', (text) => {
      resolve(text);
      worker.terminate();
    });
    worker.once('error', reject);
  });
}

const component = await readFile(await componentFile());
const { files } = await transpile(component, {
  name: 'connector',
  minify: true,
  map: { 'wasi:http/*': '../../src/runtime/wasi-http.js#*' },
});
for (const [name, content] of Object.entries(files)) {
  // The package has declarations of its own, with the documentation that these lack.
  if (!name.endsWith('.d.ts')) await write(join(dist, 'component', name), content);
}

// What tells a release whether this package goes with it.
await write(join(dist, 'component.sha256'), `${createHash('sha256').update(component).digest('hex')}\n`);

const manifestText = await askManifest(new URL('../dist/component/connector.js', import.meta.url).href);
const manifest = JSON.parse(manifestText);
await write(join(dist, 'manifest.json'), manifestText);
await write(join(dist, 'index.d.ts'), await types(manifest));
await write(join(dist, 'LICENSE'), await readFile(new URL('../../../LICENSE', import.meta.url)));
// Before 4.1 Node-RED looks for the page of the editor beside a `.js` only; the rest of the package is ES modules.
await write(join(dist, 'nodes/wecom.js'), await readFile(join(root, 'src/nodes/wecom.cjs')));
await write(join(dist, 'nodes/package.json'), '{ "type": "commonjs" }\n');

for (const [name, content] of Object.entries(generate(manifest))) await write(join(dist, name), content);

await sweep(dist);
console.log(`${written.size} files in dist/`);
