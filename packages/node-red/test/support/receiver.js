/** Flows that WeCom's callbacks begin, in Node-RED's own runtime, and the web server that it calls. */
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { register } from '../../src/nodes/register.js';
import { connectionNode, helper } from './flows.js';
import { Caller, newConnection, sleep } from './shared.js';

// That of Node-RED.
const express = createRequire(import.meta.url)('express');

const placed = { z: 'tab', x: 1, y: 1 };

/**
 * Starts a flow: `event` sends to the nodes `out` and, where there is one, `reply`; what is caught goes to `caught`.
 *
 * @param {object[]} [options.more] Nodes beside these.
 * @param {boolean} [options.parsed] Whether the editor has the same root, and so its parser comes first.
 */
export async function receive(t, event = {}, options = {}) {
  const { connection = newConnection(), replyNode, more = [], settings = {}, component, parsed } = options;
  const { node, credentials } = connectionNode('callback', connection);
  const flow = [
    { id: 'tab', type: 'tab', label: 'test' },
    {
      ...placed,
      id: 'event',
      type: 'wecom-event',
      connection: 'callback',
      path: '/wecom',
      wires: [['out', ...(replyNode ? ['reply'] : [])]],
      ...event,
    },
    { ...placed, id: 'out', type: 'helper', wires: [] },
    ...(replyNode ? [{ ...placed, id: 'reply', type: 'wecom-reply', wires: [['replied']], ...replyNode }] : []),
    { ...placed, id: 'replied', type: 'helper', wires: [] },
    { ...placed, id: 'catch', type: 'catch', wires: [['caught']] },
    { ...placed, id: 'caught', type: 'helper', wires: [] },
    node,
    ...more.map((other) => ({ ...placed, wires: [], ...other })),
  ];
  helper.settings({ lang: undefined, httpNodeRoot: undefined, ...settings });
  const app = express();
  await helper.load(
    (RED) => {
      if (parsed) {
        const editor = express();
        editor.use(express.json({ limit: '5mb' }), express.urlencoded({ extended: true }), RED.httpAdmin);
        app.use(editor);
      }
      if (RED.httpNode) app.use('/root', RED.httpNode);
      register(RED, { component });
    },
    flow,
    { callback: credentials },
  );
  const server = createServer(app);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await helper.unload();
  });
  return new Receiver(flow, { callback: credentials }, connection, `http://127.0.0.1:${server.address().port}/root`);
}

class Receiver {
  /** Messages that came to a node, by its ID. */
  got = { out: [], replied: [], caught: [] };

  constructor(flow, credentials, connection, root) {
    this.flow = flow;
    this.credentials = credentials;
    this.connection = connection;
    this.caller = new Caller(connection);
    this.root = root;
    this.listen();
  }

  /** Again after a deployment: nodes are new then. */
  listen() {
    for (const [id, got] of Object.entries(this.got)) helper.getNode(id)?.on('input', (msg) => got.push(msg));
  }

  get(query, path = '/wecom') {
    return fetch(`${this.root}${path}${query === undefined ? '' : `?${query}`}`);
  }

  post({ query, body }, { path = '/wecom', type = 'text/xml' } = {}) {
    const headers = { 'content-type': type };
    return fetch(`${this.root}${path}?${query}`, { method: 'POST', body, headers });
  }

  /** Posts a message of WeCom's, encrypted anew. */
  tell(message, options) {
    return this.post(this.caller.post(message), options);
  }

  /** Waits for so many messages at a node, and returns the last one. */
  async last(id, count = 1) {
    const patience = performance.now() + 5000;
    while (this.got[id].length < count) {
      if (performance.now() > patience) throw new Error(`${this.got[id].length} messages came to ${id}`);
      await sleep(5);
    }
    return this.got[id].at(-1);
  }

  /** Messages are sent on after WeCom has its answer. */
  async settled() {
    await sleep(30);
    return this.got;
  }

  /** The lines of the log up to a level (20 is an error, 30 a warning, 40 information), as texts. */
  lines(level = 30) {
    const entries = helper.log().getCalls();
    return entries
      .map(({ args: [entry] }) => entry)
      .filter((entry) => entry.level <= level && /^wecom-/.test(entry.type ?? ''))
      .map(({ msg }) => String(msg));
  }

  statuses(id = 'event') {
    const calls = helper.getNode(id).status.getCalls();
    return calls.filter(({ thisValue }) => thisValue.id === id).map(({ args }) => args[0]);
  }

  /** Everything that a person could get to see. */
  visible() {
    const log = helper
      .log()
      .getCalls()
      .map(({ args }) => args[0]);
    return [JSON.stringify(this.flow), inspect(log, { depth: 6 }), inspect(this.statuses())];
  }

  deploy(flow, type = 'full') {
    return helper.setFlows(flow, type, this.credentials);
  }
}
