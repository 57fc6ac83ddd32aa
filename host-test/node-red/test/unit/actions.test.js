/** Every action of the manifest, with its own sample, through its own node, against the simulator. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readManifest } from '../../src/runtime/manifest.js';
import { helper, literals, start } from '../support/flows.js';
import { assertNoSecret } from '../support/secrets.js';
import { Simulator } from '../support/simulator.js';

const { actions } = readManifest();

/** What no sample can know: media that the simulator has, see host-test/src/simulator/seed.rs. */
const media = {
  image: 'SIM-MEDIA-corp-image-3_Kx9wQe7RtYuIoP1aSdFg',
  file: 'SIM-MEDIA-corp-file-5_Zm2nBvCxLkJhGfDsAqWe',
  chatbot: 'SIM-MEDIA-robot-file-8_Pl0okMijNuhBygVtfCrd',
};

function mediaFor({ id, connection_type }) {
  if (connection_type === 'chatbot') return media.chatbot;
  return id.includes('file') ? media.file : media.image;
}

/** The sample with IDs that exist: of media, and of what earlier actions brought forth. */
function runnable(action, known) {
  const entries = Object.entries(action.sample_parameters).map(([name, value]) => {
    if (name.endsWith('media_id')) return [name, mediaFor(action)];
    return [name, name === 'msg_id' ? (known.msg_id ?? value) : value];
  });
  return Object.fromEntries(entries);
}

let simulator;
/** By action: what its node sent on, or the error that was caught. */
const results = new Map();

before(async () => {
  simulator = await Simulator.start();
  await simulator.clear();
  const known = {};
  let waiting = actions;
  // A sample may need what another brings forth, or must take away first: what is refused comes again after the others,
  // for as long as that changes anything.
  for (let before = Number.POSITIVE_INFINITY; waiting.length > 0 && waiting.length < before; ) {
    before = waiting.length;
    for (const action of waiting) {
      const fields = literals(runnable(action, known));
      const cleanups = [];
      const context = { after: (cleanup) => cleanups.push(cleanup) };
      const connections = { it: simulator.connection(action.connection_type) };
      const flow = await start(context, { type: `wecom-${action.id}`, fields }, { connections });
      const { sent, caught } = await flow.send({ topic: action.id });
      results.set(action.id, { sent, caught, status: flow.statuses().at(-1), visible: flow.visible() });
      if (sent?.payload.msg_id) known.msg_id = sent.payload.msg_id;
      for (const cleanup of cleanups) await cleanup();
    }
    waiting = waiting.filter(({ id }) => !results.get(id).sent);
  }
});
after(() => simulator.stop());

test('there are at least the 29 actions of the first version', () => {
  assert.ok(actions.length >= 29);
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
  const taken = (await simulator.settled()).filter(({ path, errcode }) => errcode === 0 && !path.endsWith('/gettoken'));
  assert.equal(taken.length, actions.length, taken.map(({ path }) => path).join('\n'));
});
