/** Makes dist/ from what packages/js has built: one bundle, and the files by which n8n finds what is in it. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { manifest } from 'wecom-connector/palette';
import { BUILD, sums } from '../../js/scripts/sums.js';
import { codex, icons } from './files.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const connector = join(root, '../js/dist');
const { n8n } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

async function write(path, content) {
  const file = join(dist, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

await rm(dist, { recursive: true, force: true });

const { outputFiles, metafile } = await build({
  entryPoints: [join(root, 'src/index.js')],
  absWorkingDir: root,
  // The component's code lies beside the bundle: a module that n8n loads by `require` has no URL.
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'bundleUrl' },
  bundle: true,
  charset: 'utf8',
  external: ['n8n-workflow'],
  format: 'cjs',
  metafile: true,
  outfile: join(dist, 'wecom.js'),
  platform: 'node',
  target: 'node20',
  write: false,
});
for (const { path, contents } of outputFiles) await write(relative(dist, path), contents);
await write('component/connector.core.wasm', await readFile(join(connector, 'component/connector.core.wasm')));
await write('component.sha256', await readFile(join(connector, 'component.sha256')));

for (const path of [...n8n.nodes, ...n8n.credentials]) {
  const [name] = basename(path).split('.');
  const file = relative('dist', path);
  const bundle = relative(dirname(file), 'wecom.js');
  await write(file, `'use strict';\nexports.${name} = require('${bundle}').${name};\n`);
  // Beside a node n8n looks for what its search knows of it.
  if (n8n.nodes.includes(path)) await write(`${file}on`, `${JSON.stringify(codex(manifest, name), undefined, 2)}\n`);
}
for (const [name, content] of Object.entries(icons(manifest))) await write(join('nodes/WeCom', name), content);
// n8n takes whatever stands in it for a hook.
await write('hooks.js', `'use strict';\nmodule.exports = require('./wecom.js').hooks;\n`);
// What n8n loads is CommonJS; the rest of the package is ES modules.
await write('package.json', '{ "type": "commonjs" }\n');
await write('LICENSE', await readFile(join(root, '../../LICENSE')));

// With what the bundle is made of, and what makes it.
const own = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
const paths = own.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)));
const ownBuild = ['scripts/build.js', 'scripts/files.js', 'package.json', 'package-lock.json', '../../LICENSE'];
const ofConnector = BUILD.map((path) => join('../js', path));
// What was built of the component goes with its sum.
const inputs = Object.keys(metafile.inputs).filter((path) => !path.startsWith('../js/dist/'));
await write('sources.sha256', await sums(root, [...inputs, ...paths, ...ownBuild, ...ofConnector]));
