/** Every action of the manifest, with its own sample, through its own node, against the simulator. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { helper, literals, start } from '../support/flows.js';
import { assertNoSecret, runAll, runnable, Simulator } from '../support/shared.js';

const { actions } = manifest;

let simulator;
/** By action: what its node sent on, or the error that was caught. */
const results = new Map();

before(async () => {
  simulator = await Simulator.start();
  await simulator.clear();
  await runAll(actions, async (action, known) => {
    const fields = literals(runnable(action, known));
    const cleanups = [];
    const context = { after: (cleanup) => cleanups.push(cleanup) };
    const connections = { it: simulator.connection(action.connection_type) };
    const flow = await start(context, { type: `wecom-${action.id}`, fields }, { connections });
    const { sent, caught } = await flow.send({ topic: action.id });
    results.set(action.id, { sent, caught, status: flow.statuses().at(-1), visible: flow.visible() });
    for (const cleanup of cleanups) await cleanup();
    return sent?.payload;
  });
});
after(() => simulator.stop());

test('there are actions', () => {
  assert.ok(actions.length > 0);
  assert.equal(helper.getNode('action'), null, 'every flow is gone');
});

for (const action of actions) {
  test(`${action.id} carries out its sample`, () => {
    const { sent, caught, status, visible } = results.get(action.id);
    assert.ok(sent, caught?.error.message);
    assert.equal(sent.topic, action.id);
    for (const name of action.output.required ?? []) assert.ok(name in sent.payload, `${name} is in the output`);
    assert.match(status.fill, /green|yellow/);
    assertNoSecret(simulator.secrets(), sent, ...visible);
  });
}

test('each of them reached the simulator, which took it', async () => {
  const taken = (await simulator.settled()).filter(
    ({ path, status, errcode }) => status === 200 && !errcode && !path.endsWith('/gettoken'),
  );
  assert.equal(taken.length, actions.length, taken.map(({ path }) => path).join('\n'));
});
