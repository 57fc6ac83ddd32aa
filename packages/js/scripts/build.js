/** Makes dist/ from the component alone: transpiles it, asks it for its manifest, and writes the types from that. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { opt, transpile } from '@bytecodealliance/jco';
import { transform } from 'esbuild';
import { componentFile } from './component.js';
import { manifestModule } from './manifest.js';
import { BUILD, sums } from './sums.js';
import { types } from './types.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

async function write(path, content) {
  const file = join(dist, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

const component = await readFile(await componentFile());
await rm(dist, { recursive: true, force: true });

// wasm-opt leaves a little less than rustc does, which is no slower.
const features = [
  'bulk-memory',
  'sign-ext',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'multivalue',
];
const optArgs = ['-O3', '--strip-debug', ...features.map((feature) => `--enable-${feature}`)];
const { component: fast } = await opt(component, { quiet: true, optArgs });

// `sync` asks for instances of a module that is compiled already, and finds no file by itself: src/component.js does.
const { files } = await transpile(fast, {
  name: 'connector',
  instantiation: { tag: 'sync' },
  // Without code that doubts what the component returns: it is ours, and wit-bindgen writes it.
  validLiftingOptimization: true,
});
let checks;
for (const [name, content] of Object.entries(files)) {
  // The package has declarations of its own, with the documentation that these lack.
  if (name.endsWith('.d.ts')) {
    checks ??= /type Check = ([^;]+);/.exec(Buffer.from(content).toString())?.[1];
    continue;
  }
  await write(join('component', name), name.endsWith('.js') ? await lean(Buffer.from(content).toString()) : content);
}

/**
 * Without the traces that jco makes at every step of a call. Each asks the environment whether anybody wants it, which
 * takes Node.js longer than most of the steps.
 */
async function lean(code) {
  // `pure` is for names that the code does not declare itself, so the declaration goes first.
  const undeclared = code.replace(/^ *const _debugLog = \(\.\.\.args\) => \{$.*?^ *\};$/ms, '');
  const result = await transform(undeclared, { format: 'esm', minify: true, pure: ['_debugLog'], target: 'es2022' });
  if (undeclared === code || result.code.includes('_debugLog')) throw new Error("jco's traces are other ones now");
  return result.code;
}

// What tells a release whether this package goes with it.
await write('component.sha256', `${createHash('sha256').update(component).digest('hex')}\n`);
await write('sources.sha256', await sums(root, BUILD));

const { instantiate } = await import(new URL('../dist/component/connector.js', import.meta.url));
const core = await WebAssembly.compile(await readFile(join(dist, 'component/connector.core.wasm')));
const text = instantiate(() => core, {}).stepwise.manifest();
await write('manifest.js', manifestModule(JSON.parse(text)));
await write('index.d.ts', await types(JSON.parse(text), checks));
await write('LICENSE', await readFile(new URL('../../../LICENSE', import.meta.url)));
