import { inspect } from 'node:util';
import { Connector } from 'wecom-connector';
import { closed, invalid, manifest } from 'wecom-connector/palette';
import { serve } from './admin.js';
import { registerCallbacks } from './callbacks.js';
import { connectionFor, connectionOf, connectionTypes, credentials, nodeType } from './connections.js';
import { fetchByEnvironment } from './fetch.js';
import { evaluate } from './fields.js';
import { failed, running, succeeded } from './status.js';
import { tell } from './tell.js';
import { languageOf } from './texts.js';
import { concurrencyOf, Turns } from './turns.js';

/**
 * Registers a configuration node for each type of connection, a node for each action, and those of callbacks.
 *
 * @param {{ component?: object }} [options] For tests: another component, as the connector takes it.
 */
export function register(RED, { component } = {}) {
  const connector = new Connector({ component, fetch: fetchByEnvironment });
  // Node-RED waits so long for a node that closes, and what is under way had better come to its end. It takes 0 for unset.
  const grace = Math.max(0, (RED.settings.nodeCloseTimeout || 15_000) - 1000);
  let checked;

  for (const { type, schema } of connectionTypes(manifest)) {
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
  registerCallbacks(RED, { component });
  serve(RED, connector);

  /** Rejects where the component cannot serve, in a node's language; the log says so once. */
  function check(language) {
    if (!checked) {
      checked = connector.ready();
      checked.catch((error) => RED.log.error(`[wecom-connector] ${error.message}`));
    }
    return checked.catch(() => connector.ready({ language }));
  }

  function perform(node, config, action) {
    const language = languageOf(config.lang ?? RED.settings.lang);
    const context = { manifest, action, language };
    const turns = new Turns(concurrencyOf(config.concurrency));
    const inside = new Set();
    let isClosed = false;
    /** Ends what is still under way when Node-RED waits no longer. */
    const late = new AbortController();
    check(language).catch((error) => node.status(failed(error, language)));

    /** What the node is asked to do, by what the flow holds at this moment: the message may have to wait for its turn. */
    async function prepare(msg) {
      const connection = connectionFor(RED, config.connection, action.connection_type, context);
      const source = { RED, node, msg, schema: action.parameters, language };
      const { parameters, faults } = await evaluate(config.fields, source);
      if (faults.length > 0) throw invalid(faults, context);
      return { connection, parameters };
    }

    async function carryOut(prepared, msg, send, done) {
      // What the message before it has left there.
      if (await turns.take()) node.status(running(language, inside.size));
      try {
        if (isClosed) throw closed(context);
        const { connection, parameters } = await prepared;
        msg.payload = await connector.invoke(action.id, connection, parameters, {
          language,
          signal: late.signal,
        });
        // Of an attempt before this one.
        if (msg.wecom?.class) delete msg.wecom;
        node.status(succeeded(msg.payload, context));
        send(msg);
        done();
      } catch (reason) {
        tell(reason, msg, done, { RED, node, language, isClosed });
      } finally {
        turns.give();
      }
    }

    node.on('input', (msg, send, done) => {
      const prepared = prepare(msg);
      // Told when it is its turn.
      prepared.catch(() => {});
      const carriedOut = carryOut(prepared, msg, send, done)
        .finally(() => inside.delete(carriedOut))
        // Whatever goes wrong with one message must not end Node-RED.
        .catch((error) => RED.log.error(`[wecom-connector] ${node.id}: ${inspect(error)}`));
      inside.add(carriedOut);
      node.status(running(language, inside.size));
    });
    node.on('close', async (done) => {
      isClosed = true;
      const timer = setTimeout(() => late.abort(), grace);
      await Promise.allSettled(inside);
      clearTimeout(timer);
      done();
    });
  }
}
