/**
 * Makes dist/ from what packages/js has built: bundles the nodes with it, and writes from its manifest what Node-RED's
 * editor needs.
 */
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { manifest } from 'wecom-connector/palette';
import { BUILD, sums } from '../../js/scripts/sums.js';
import { generate } from '../src/editor/generate.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const connector = join(root, '../js/dist');
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

// The connector's code looks for what was built of the component in `../dist`, and finds it there from dist/, too.
for (const path of ['manifest.js', 'component/connector.js', 'component/connector.core.wasm', 'component.sha256']) {
  await write(join(dist, path), await readFile(join(connector, path)));
}
const { outputFiles, metafile } = await build({
  entryPoints: [join(root, 'src/nodes/register.js')],
  absWorkingDir: root,
  // What is CommonJS among the libraries requires modules of Node.js.
  banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
  bundle: true,
  charset: 'utf8',
  chunkNames: '[name]',
  external: ['../dist/*'],
  format: 'esm',
  metafile: true,
  outdir: dist,
  platform: 'node',
  splitting: true,
  target: 'node20',
  write: false,
});
for (const { path, contents } of outputFiles) await write(path, contents);

// Libraries come with their licences.
const bundled = Object.keys(metafile.inputs).filter((path) => path.startsWith('node_modules/'));
for (const library of new Set(bundled.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)[1]))) {
  await write(join(dist, 'licenses', library), await readFile(join(root, 'node_modules', library, 'LICENSE')));
}

// With what the nodes are bundled from, and what bundles them.
const own = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
const paths = own.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
// Those of libraries are what the lock file says.
const inputs = Object.keys(metafile.inputs).filter((path) => !bundled.includes(path));
const ownBuild = ['scripts/build.js', 'package.json', 'package-lock.json', '../../LICENSE'];
const ofConnector = BUILD.map((path) => join('../js', path));
await write(join(dist, 'sources.sha256'), await sums(root, [...inputs, ...paths, ...ownBuild, ...ofConnector]));

await write(join(dist, 'LICENSE'), await readFile(join(root, '../../LICENSE')));
// Before 4.1 Node-RED looks for the page of the editor beside a `.js` only; the rest of the package is ES modules.
await write(join(dist, 'nodes/wecom.js'), await readFile(join(root, 'src/nodes/wecom.cjs')));
await write(join(dist, 'nodes/package.json'), '{ "type": "commonjs" }\n');

for (const [name, content] of Object.entries(generate(manifest))) await write(join(dist, name), content);

await sweep(dist);
console.log(`${written.size} files in dist/`);
