/** What the tests of the JavaScript package have, too. */
import { ownComponent, unusable } from '../../../js/test/support/components.js';

export { Caller, newConnection, secretsOf } from '../../../js/test/support/callbacks.js';
export { certificates } from '../../../js/test/support/certificates.js';
export { fragile } from '../../../js/test/support/components.js';
export { startProxy } from '../../../js/test/support/proxy.js';
export { runAll, runnable } from '../../../js/test/support/samples.js';
export { assertNoSecret } from '../../../js/test/support/secrets.js';
export { Simulator } from '../../../js/test/support/simulator.js';
export { answers, sleep, startWecom } from '../../../js/test/support/wecom.js';

/** What can be wrong with a component. */
export const defects = Object.keys(unusable);

/** A component with that defect. */
export function defective(defect) {
  const [bytes] = unusable[defect];
  const code = bytes ? `data:application/wasm;base64,${bytes.toString('base64')}` : import.meta.resolve('./none.wasm');
  return { ...ownComponent, code: new URL(code) };
}
