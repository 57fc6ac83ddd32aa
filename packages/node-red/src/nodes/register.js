import { describe, invalid, WecomError } from '../runtime/error.js';
import { readManifest } from '../runtime/manifest.js';
import { languageOf } from '../runtime/texts.js';
import { serve } from './admin.js';
import { connectionFor, connectionOf, credentials, nodeType } from './connections.js';
import { evaluate } from './fields.js';
import { SharedConnector } from './shared.js';
import { failed, running, succeeded } from './status.js';

/**
 * Registers a configuration node for each type of connection, and a node for each action.
 *
 * @param {{ component?: URL }} [options] For tests: another transpiled component.
 */
export async function register(RED, { component } = {}) {
  const manifest = readManifest();
  // Node-RED waits so long for a node that closes, and what is under way had better come to its end.
  const graceSeconds = Math.max(0, (RED.settings.nodeCloseTimeout ?? 15_000) / 1000 - 1);
  const shared = new SharedConnector({ ...settings(RED), component }, graceSeconds, (error) => {
    RED.log.error(`[wecom-connector] ${error.message}`);
  });

  for (const { type, schema } of manifest.connection_types) {
    RED.nodes.registerType(
      nodeType(type),
      function ConnectionNode(config) {
        RED.nodes.createNode(this, config);
        // Behind a function, so that whoever prints the node does not print its secrets once more.
        this.connection = () => connectionOf(schema, config, this.credentials);
      },
      { credentials: credentials(schema) },
    );
  }
  for (const action of manifest.actions) {
    RED.nodes.registerType(`wecom-${action.id}`, function ActionNode(config) {
      RED.nodes.createNode(this, config);
      perform(this, config, action);
    });
  }
  serve(RED, { manifest, shared });

  function perform(node, config, action) {
    const language = languageOf(config.lang ?? RED.settings.lang);
    const context = { manifest, action, language };
    const connector = shared.acquire();
    let calls = 0;
    let closed = false;
    shared.check(language).catch((error) => node.status(failed(error, language)));

    node.on('input', async (msg, send, done) => {
      calls += 1;
      node.status(running(language, calls));
      try {
        const connection = connectionFor(RED, config.connection, context);
        const source = { RED, node, msg, schema: action.parameters, language };
        const { parameters, faults } = await evaluate(config.fields, source);
        if (faults.length > 0) throw invalid(faults, context);
        msg.payload = await connector.invoke(action.id, connection, parameters, { language });
        // Of an attempt before this one.
        if (msg.wecom?.class) delete msg.wecom;
        node.status(succeeded(msg.payload, context));
        send(msg);
        done();
      } catch (error) {
        node.status(failed(error, language));
        // A Catch node passes on little of an error; a flow decides by what the message carries.
        msg.wecom = describe(error);
        // A closed node has no Catch node any more: only the log can still say what became of the message.
        if (closed) RED.log.warn(`[wecom-connector] ${node.id}: ${error.message}`);
        // Node-RED folds an error up, and shows where in the code it was made: a person needs the sentence. What is no
        // error of WeCom's or of the flow's is ours, and needs the place.
        done(error instanceof WecomError ? error.message : error);
      } finally {
        calls -= 1;
      }
    });
    node.on('close', (done) => {
      closed = true;
      shared.release().then(() => done(), done);
    });
  }
}

/** `wecomConnector` in settings.js. What is wrong there is said, and does not keep the nodes from working. */
function settings(RED) {
  const { workers, deadlineSeconds } = RED.settings.wecomConnector ?? {};
  const given = { workers, deadlineSeconds };
  const limits = { workers: [1, 64], deadlineSeconds: [1, 86_400] };
  const good = Object.entries(given).filter(([name, value]) => {
    if (value === undefined) return false;
    const [least, most] = limits[name];
    if (Number.isInteger(value) && value >= least && value <= most) return true;
    RED.log.error(
      `[wecom-connector] settings.js: wecomConnector.${name} has to be a whole number from ${least} to ${most}`,
    );
    return false;
  });
  return Object.fromEntries(good);
}
