/** A component that does what its parameters say, the bad things that no real one can be made to do. */
import { readFileSync } from 'node:fs';
import process from 'node:process';

const deeds = {
  answer: ({ value }) => JSON.stringify({ value }),
  trap() {
    throw new WebAssembly.RuntimeError('unreachable');
  },
  exit() {
    process.exit(3);
  },
  hang() {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  sleep({ milliseconds }) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return '{}';
  },
};

export const connector = {
  manifest: () => readFileSync(new URL('../../../dist/manifest.json', import.meta.url), 'utf8'),
  invoke(_action, _connection, parameters) {
    const { deed, ...values } = JSON.parse(parameters);
    return deeds[deed](values);
  },
};
