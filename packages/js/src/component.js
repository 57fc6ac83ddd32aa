/** The component as it comes with this package, or another one: a module of jco's, and the code that belongs to it. */
import { manifest } from './manifest.js';
import { Trouble } from './trouble.js';

/** Written out, so that bundlers find both files. */
export const ownComponent = {
  code: new URL('../dist/component/connector.core.wasm', import.meta.url),
  module: () => import('../dist/component/connector.js'),
};

/** What the component's functions are called in its code. */
const contract = manifest.package.replace('@', '/stepwise@');
const compiled = new WeakMap();

/**
 * Makes an instance. The code is compiled once for the process, and again where that failed.
 *
 * @returns {Promise<{ stepwise: object, callback: object }>} Its interfaces.
 * @throws {Trouble} where the component is missing, or is not the one that this package was built for.
 */
export async function instantiateComponent(component) {
  let compiling = compiled.get(component);
  if (!compiling) {
    compiling = Promise.all([component.module(), compile(component.code)]);
    compiled.set(component, compiling);
    compiling.catch(() => compiled.delete(component));
  }
  try {
    const [{ instantiate }, code] = await compiling;
    check(code);
    return instantiate(() => code, {});
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble('broken', { reason: String(error?.message ?? error).split('\n')[0] });
  }
}

async function compile(url) {
  // Node.js fetches no files.
  if (url.protocol === 'file:' && !globalThis.Deno) {
    // Under another name, since bundlers for browsers look for what is imported by its own.
    const module = 'node:fs/promises';
    const { readFile } = await import(/* @vite-ignore */ /* webpackIgnore: true */ module);
    try {
      return await WebAssembly.compile(await readFile(url));
    } catch (error) {
      throw error.code === 'ENOENT' ? new Trouble('missing', { path: decodeURI(url.pathname) }) : error;
    }
  }
  const response = await fetch(url);
  if (!response.ok) throw new Trouble('missing', { path: url.href });
  // Only with this type, which not every server knows of.
  const streams = response.headers.get('content-type') === 'application/wasm' && 'compileStreaming' in WebAssembly;
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

function check(code) {
  const names = WebAssembly.Module.exports(code).map(({ name }) => name);
  if (names.includes(`${contract}#begin`)) return;
  const found = names.find((name) => name.includes('#'))?.split('#')[0] ?? 'no connector';
  throw new Trouble('otherVersion', { found, expected: contract });
}
