/** Every action of the manifest with its own sample, filled into the form and run by n8n's engine. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { runAll, runnable } from '../../js/test/support/samples.js';
import { assertNoSecret } from '../../js/test/support/secrets.js';
import { Simulator } from '../../js/test/support/simulator.js';
import { filledIn } from './support/form.js';
import { Engine, installed, TYPE, version } from './support/n8n.js';

let simulator;
const ends = [];
/** By action: what the run came to. */
const results = new Map();

before(async () => {
  simulator = await Simulator.start();
  const { loader } = await installed({ after: (end) => ends.push(end) });
  const engine = new Engine(loader, {
    weComApplicationApi: simulator.connection('application'),
    weComChatbotApi: simulator.connection('chatbot'),
  });
  const { description } = engine.nodeTypes.getByNameAndVersion(TYPE);
  await runAll(manifest.actions, async (action, known) => {
    const sample = runnable(action, known);
    const fileFields = Object.entries(action.parameters.properties ?? {}).filter(
      ([, property]) => property['x-ui']?.widget === 'file',
    );
    const binary = {};
    const files = {};
    for (const [name] of fileFields) {
      files[name] = `file_${name}`;
      binary[files[name]] = { data: sample[name], mimeType: 'application/octet-stream', fileName: sample.file_name };
      // The file has a name of its own.
      delete sample.file_name;
    }
    const parameters = filledIn(description, action, sample, files);
    const result = await engine.run(parameters, { items: [{ json: {}, binary }] });
    results.set(action.id, result);
    return result.error ? undefined : result.items[0].json;
  });
});
after(async () => {
  await simulator.stop();
  for (const end of ends) await end();
});

test(`there are actions (n8n-core ${version})`, () => {
  assert.ok(manifest.actions.length > 0);
});

for (const action of manifest.actions) {
  test(`${action.id} carries out its sample`, () => {
    const { error, status, items } = results.get(action.id);
    assert.ifError(error);
    assert.equal(status, 'success');
    assert.equal(items.length, 1);
    const [{ json, binary = {}, pairedItem }] = items;
    const isFile = (name) => action.id === 'download-media' && name === 'content';
    for (const name of action.output.required ?? []) assert.ok(isFile(name) ? binary.data : name in json, name);
    assert.equal(pairedItem.item, 0);
    assertNoSecret(simulator.secrets(), items);
  });
}

test('each of them reached the simulator, which took it', async () => {
  const taken = (await simulator.settled()).filter(
    ({ path, status, errcode }) => status === 200 && !errcode && !path.endsWith('/gettoken'),
  );
  assert.equal(taken.length, manifest.actions.length, taken.map(({ path }) => path).join('\n'));
});

test('all of them shared the tokens of one connector', async () => {
  const tokens = (await simulator.settled()).filter(({ path }) => path.endsWith('/gettoken'));
  assert.ok(tokens.length <= 2, `${tokens.length} tokens for two secrets`);
});
