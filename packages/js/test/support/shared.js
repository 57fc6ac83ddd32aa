/** What the palette's tests have, too. None of it needs a package. */
export { runAll, runnable } from '../../../node-red/test/support/samples.js';
export { assertNoSecret } from '../../../node-red/test/support/secrets.js';
export { Simulator } from '../../../node-red/test/support/simulator.js';
export { answers, sleep, startWecom } from '../../../node-red/test/support/wecom.js';
