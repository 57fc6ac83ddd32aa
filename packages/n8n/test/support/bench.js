/** An engine with the package and the simulator, for the tests of one file. */
import { after, before } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { Simulator } from '../../../js/test/support/simulator.js';
import { filledIn } from './form.js';
import { Engine, installed, TYPE } from './n8n.js';

/** @returns {{ simulator: Simulator, engine: Engine, form: (id: string, parameters: object, files?: object) => object }} */
export function bench() {
  const it = {};
  const ends = [];
  before(async () => {
    it.simulator = await Simulator.start();
    const { loader, folder } = await installed({ after: (end) => ends.push(end) });
    it.loader = loader;
    it.folder = folder;
    it.engine = it.engineWith();
    it.description = it.engine.nodeTypes.getByNameAndVersion(TYPE).description;
  });
  after(async () => {
    await it.simulator.stop();
    for (const end of ends) await end();
  });
  /** An engine whose credentials have these fields in the place of those of the simulator. */
  it.engineWith = (application = {}, chatbot = {}, callback = undefined) =>
    new Engine(it.loader, {
      ...(callback && { weComCallbackApi: callback }),
      weComApplicationApi: it.simulator.connection('application', application),
      weComChatbotApi: it.simulator.connection('chatbot', chatbot),
    });
  it.form = (id, parameters, files) => {
    const action = manifest.actions.find((candidate) => candidate.id === id);
    return filledIn(it.description, action, parameters, files);
  };
  return it;
}
