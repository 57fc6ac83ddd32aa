/** Every action of the manifest, with its own sample, against the simulator. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Connector } from 'wecom-connector';
import { runAll, runnable } from './support/samples.js';
import { assertNoSecret } from './support/secrets.js';
import { Simulator } from './support/simulator.js';

const wecom = new Connector();
const { actions } = wecom.manifest();

let simulator;
/** By action: its output, or the error. */
const results = new Map();

before(async () => {
  simulator = await Simulator.start();
  await runAll(actions, async (action, known) => {
    const connection = simulator.connection(action.connection_type);
    const call = wecom.invoke(action.id, connection, runnable(action, known));
    const result = await call.then(
      (output) => ({ output }),
      (error) => ({ error }),
    );
    results.set(action.id, result);
    return result.output;
  });
});
after(() => simulator.stop());

test('there are actions', () => {
  assert.ok(actions.length > 0);
});

for (const action of actions) {
  test(`${action.id} carries out its sample`, () => {
    const { output, error } = results.get(action.id);
    assert.ifError(error);
    for (const name of action.output.required ?? []) assert.ok(name in output, `${name} is in the output`);
    assertNoSecret(simulator.secrets(), output);
  });
}

test('each of them reached the simulator, which took it', async () => {
  const taken = (await simulator.settled()).filter(
    ({ path, status, errcode }) => status === 200 && !errcode && !path.endsWith('/gettoken'),
  );
  assert.equal(taken.length, actions.length, taken.map(({ path }) => path).join('\n'));
});
