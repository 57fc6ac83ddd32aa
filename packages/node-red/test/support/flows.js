/** Flows in Node-RED's own runtime, without an editor. */
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import helper from 'node-red-node-test-helper';
import { manifest } from 'wecom-connector/palette';
import { connectionTypes } from '../../src/nodes/connections.js';
import { register } from '../../src/nodes/register.js';

helper.init(createRequire(import.meta.url).resolve('node-red'));

/** As the editor saves a parameter: a literal by the type of its value. */
export function literal(value) {
  if (Array.isArray(value)) {
    const isRecords = value.length > 0 && value.every((entry) => typeof entry === 'object');
    return isRecords ? { type: 'records', value: value.map(literals) } : { type: 'list', value };
  }
  if (typeof value === 'number') return { type: 'num', value: String(value) };
  if (typeof value === 'object') return { type: 'record', value: literals(value) };
  return { type: 'str', value };
}

export function literals(parameters) {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, literal(value)]));
}

/** A configuration node and its credentials for a connection in the connector's JSON. */
export function connectionNode(id, { type, ...fields }) {
  const { properties } = connectionTypes(manifest).find((candidate) => candidate.type === type)?.schema ?? {};
  const some = (secret) =>
    Object.entries(fields).filter(([name]) => (properties?.[name]?.writeOnly === true) === secret);
  return {
    node: { id, type: `wecom-${type}`, ...Object.fromEntries(some(false)) },
    credentials: Object.fromEntries(some(true)),
  };
}

/**
 * Starts a flow: an action node `action`, a node `out` behind it, a Catch node and a node `caught` behind that.
 *
 * @param {object} action Properties of the action node.
 * @param {object} options.connections Connections in the connector's JSON, by the ID of their configuration node.
 */
export async function start(t, action, { connections = {}, component, settings = {}, more = [] } = {}) {
  const configurations = Object.entries(connections).map(([id, connection]) => connectionNode(id, connection));
  // What has no place on the canvas is a configuration node to Node-RED.
  const placed = { z: 'tab', x: 1, y: 1 };
  const flow = [
    { id: 'tab', type: 'tab', label: 'test' },
    { ...placed, id: 'action', wires: [['out']], connection: Object.keys(connections)[0], fields: {}, ...action },
    { ...placed, id: 'out', type: 'helper', wires: [] },
    { ...placed, id: 'catch', type: 'catch', wires: [['caught']] },
    { ...placed, id: 'caught', type: 'helper', wires: [] },
    ...configurations.map(({ node }) => node),
    ...more.map((node) => ({ ...placed, ...node })),
  ];
  const credentials = Object.fromEntries(configurations.map(({ node, credentials }) => [node.id, credentials]));
  helper.settings({ wecomConnector: undefined, lang: undefined, ...settings });
  await helper.load((RED) => register(RED, { component }), flow, credentials);
  t.after(stop);
  return new Flow(flow);
}

async function stop() {
  if (helper.getNode('action')) await helper.unload();
}

class Flow {
  constructor(flow) {
    this.flow = flow;
  }

  /** Sends a message in, and resolves to what comes out, or is caught. */
  async send(msg = {}) {
    const ended = new Promise((resolve) => {
      for (const [id, name] of Object.entries({ out: 'sent', caught: 'caught' })) {
        const node = helper.getNode(id);
        node.removeAllListeners('input');
        node.on('input', (message) => resolve({ [name]: message }));
      }
    });
    helper.getNode('action').receive(msg);
    return ended;
  }

  /** What the action node's status was, one after the other. */
  statuses() {
    return helper
      .getNode('action')
      .status.getCalls()
      .filter((call) => call.thisValue.id === 'action')
      .map((call) => call.args[0]);
  }

  /** All lines of the log so far. */
  log() {
    return helper
      .log()
      .getCalls()
      .map((call) => call.args[0]);
  }

  /** Everything that a person could get to see: the log, the flow, the nodes. */
  visible() {
    const nodes = this.flow.map(({ id }) => helper.getNode(id)).filter(Boolean);
    return [
      JSON.stringify(this.flow),
      inspect(this.log(), { depth: 6 }),
      ...nodes.map((node) =>
        inspect(
          node.status.getCalls().map((call) => call.args),
          { depth: 4 },
        ),
      ),
    ];
  }

  request() {
    return helper.request();
  }

  deploy(flow, credentials, type) {
    return helper.setFlows(flow, type, credentials);
  }

  stop = stop;
}

export { helper };
