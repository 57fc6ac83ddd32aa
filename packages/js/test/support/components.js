/** Components that break down, and such as no connector can use. */
import { ownComponent } from '../../src/component.js';

export { ownComponent };

/** The real one, which traps where `traps(name, args)` says so of a call of its functions, of whichever interface. */
export function fragile(traps) {
  const module = async () => {
    const { instantiate } = await ownComponent.module();
    return {
      instantiate(...args) {
        const { stepwise, callback } = instantiate(...args);
        const guarded = (functions) => {
          const entries = Object.entries(functions).map(([name, value]) => [
            name,
            (...given) => {
              if (traps(name, given)) throw new WebAssembly.RuntimeError('unreachable');
              return value(...given);
            },
          ]);
          return Object.fromEntries(entries);
        };
        return { stepwise: guarded(stepwise), callback: guarded(callback) };
      },
    };
  };
  return { ...ownComponent, module };
}

const empty = [0, 97, 115, 109, 1, 0, 0, 0];
const name = 'wecom:connector/stepwise@999.0.0#begin';
// A memory, exported by the name of a function of a later contract.
const later = [...empty, 5, 3, 1, 0, 1, 7, name.length + 4, 1, name.length, ...Buffer.from(name), 2, 0];

/** By what is wrong with it: the bytes of its code (none where there is no file), and what is said of it. */
export const unusable = {
  missing: [undefined, /the component is missing: there is no .*\.wasm\./, /缺少组件文件/],
  'no WebAssembly': [Buffer.from('hello'), /the component does not load: .*magic word/, /组件无法加载/],
  'something else': [Buffer.from(empty), /is no connector, but .* built for wecom:connector\/stepwise@/, /组件是/],
  'of a later contract': [Buffer.from(later), /is wecom:connector\/stepwise@999\.0\.0, but/, /组件是/],
};
