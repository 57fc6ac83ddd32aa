/**
 * The simulator of WeCom that comes with host-test, as a process of its own.
 */
import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The path of host-test: WECOM_HOST_TEST, or where cargo leaves it. */
async function hostTest() {
  const path =
    process.env.WECOM_HOST_TEST || fileURLToPath(new URL('../../../../target/debug/host-test', import.meta.url));
  await access(path).catch(() => {
    throw new Error(`no simulator at ${path}: run "cargo build -p host-test" in the repository's root`);
  });
  return path;
}

/** @typedef {{ method: string, path: string, status: number, errcode: number | null, body: string }} Received */

export class Simulator {
  /** For example `http://127.0.0.1:40123`. */
  baseUrl;
  /** Connections that the simulator accepts, by type, as JSON of the connector. */
  connections;
  /** @type {Received[]} What arrived so far. It is told up to 100 ms late: see `settled`. */
  received = [];
  #process;
  #ended;

  static async start() {
    const simulator = new Simulator();
    simulator.#process = spawn(await hostTest(), ['simulator', '--strict', '--port', '0', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    simulator.#ended = new Promise((resolve) => simulator.#process.once('exit', resolve));
    const lines = createInterface({ input: simulator.#process.stdout });
    await new Promise((resolve, reject) => {
      simulator.#process.once('error', reject);
      simulator.#process.once('exit', (status) => reject(new Error(`the simulator ended with status ${status}`)));
      lines.on('line', (line) => {
        const event = JSON.parse(line);
        if ('method' in event) {
          simulator.received.push(event);
          return;
        }
        // What became of a callback.
        if (!('base_url' in event)) return;
        simulator.baseUrl = event.base_url;
        simulator.connections = Object.fromEntries(
          event.connections.map((connection) => [connection.type, connection]),
        );
        resolve();
      });
    });
    return simulator;
  }

  /** A connection of that type; what is given replaces its fields. */
  connection(type, fields = {}) {
    return { ...this.connections[type], ...fields };
  }

  /** The secrets of all connections: what must show up nowhere. */
  secrets() {
    const fields = ['app_secret', 'contacts_secret', 'chatbot_key'];
    return Object.values(this.connections).flatMap((connection) =>
      fields.map((field) => connection[field]).filter(Boolean),
    );
  }

  /** What arrived, when the simulator has told all of it. */
  async settled() {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return this.received;
  }

  /** What arrived at that path, with the body as a value: `message/send`. A busy machine gets some time for the first. */
  async at(path) {
    const isThere = (request) => request.path === `/cgi-bin/${path}`;
    for (let attempt = 0; attempt < 40 && !this.received.some(isThere); attempt += 1) await this.settled();
    const received = (await this.settled()).filter(isThere);
    return received.map((request) => ({ ...request, body: request.body && JSON.parse(request.body) }));
  }

  /** What a person does in WeCom or in its admin console: `press`, `write`, `callback`. See docs/simulator.md. */
  async act(what, body) {
    const url = new URL(`/simulator/${what}`, this.baseUrl);
    const answer = await fetch(url, body && { method: 'POST', body: JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json()) };
  }

  /** What became of the callback with that number, when WeCom has done with it. */
  async delivered(number) {
    for (let waited = 0; waited < 10_000; waited += 50) {
      const delivery = await this.act(`callbacks/${number}`);
      if (delivery.state !== 'pending') return delivery;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the callback ${number} is still under way`);
  }

  /** Forgets what arrived so far. */
  async clear() {
    await this.settled();
    this.received.length = 0;
  }

  async stop() {
    this.#process.kill();
    await this.#ended;
  }
}
