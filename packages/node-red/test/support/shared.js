/** What the tests of the JavaScript package have, too. */
export { fragile, ownComponent, unusable } from '../../../js/test/support/components.js';
export { runAll, runnable } from '../../../js/test/support/samples.js';
export { assertNoSecret } from '../../../js/test/support/secrets.js';
export { Simulator } from '../../../js/test/support/simulator.js';
export { answers, sleep, startWecom } from '../../../js/test/support/wecom.js';
