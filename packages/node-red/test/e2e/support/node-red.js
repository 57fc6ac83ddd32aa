/**
 * Node-RED as a person runs it: a process with a user directory of its own, into which the package was installed from
 * its tarball.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const { resolve } = createRequire(import.meta.url);

export class NodeRed {
  /** For example `http://127.0.0.1:40123/`. */
  url;
  /** Everything that it printed. */
  log = '';
  userDir;
  #port;
  #program;
  #process;
  #ended;

  /**
   * @param {string} [options.language] `lang` of settings.js: the language of the runtime.
   * @param {string} [options.module] The package that Node-RED is in.
   * @param {Record<string, string | Buffer>} [options.files] What replaces files of the installed package, by path.
   */
  static async start({ language = 'en-US', module = 'node-red', files = {} } = {}) {
    const instance = new NodeRed();
    instance.#program = resolve(`${module}/red.js`);
    instance.userDir = await mkdtemp(join(tmpdir(), 'wecom-node-red-'));
    await instance.#install();
    const installed = join(instance.userDir, 'node_modules/node-red-contrib-wecom-connector');
    for (const [path, content] of Object.entries(files)) await writeFile(join(installed, path), content);
    instance.#port = await freePort();
    instance.url = `http://127.0.0.1:${instance.#port}/`;
    await writeFile(join(instance.userDir, 'settings.js'), settings(instance.#port, language));
    await instance.#spawn();
    return instance;
  }

  async #install() {
    const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', this.userDir];
    const { stdout } = await run('npm', pack, { cwd: root });
    const [{ filename }] = JSON.parse(stdout);
    await writeFile(join(this.userDir, 'package.json'), '{ "name": "flows", "private": true }\n');
    const install = ['install', '--no-audit', '--no-fund', '--offline', `./${filename}`];
    await run('npm', install, { cwd: this.userDir });
  }

  async #spawn() {
    this.#process = spawn(process.execPath, [this.#program, '--userDir', this.userDir], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // What stands for a connection must come from the flow, not from the machine that tests.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('WECOM_'))),
    });
    this.#ended = new Promise((resolve) => this.#process.once('exit', resolve));
    const started = new Promise((resolve, reject) => {
      const hear = (chunk) => {
        this.log += chunk;
        if (this.#starts() > 0) resolve();
      };
      this.#process.stdout.on('data', hear);
      this.#process.stderr.on('data', hear);
      this.#process.once('exit', (status) => reject(new Error(`Node-RED ended with status ${status}:\n${this.log}`)));
    });
    await started;
    // It may start its flows before it listens.
    for (let waited = 0; !(await fetch(this.url).catch(() => undefined)); waited += 50) {
      if (waited >= 60_000) throw new Error(`Node-RED does not listen: ${this.log.slice(-1000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Every file of the user directory but the installed packages, by name. */
  async files() {
    const names = (await readdir(this.userDir)).filter((name) => name !== 'node_modules' && !name.endsWith('.tgz'));
    const files = {};
    for (const name of names) {
      const text = await readFile(join(this.userDir, name), 'utf8').catch((error) => {
        if (error.code !== 'EISDIR') throw error;
      });
      if (text !== undefined) files[name] = text;
    }
    return files;
  }

  /** How often it has said that its flows have started. */
  #starts() {
    return this.log.match(/Started flows|已启动流程/g)?.length ?? 0;
  }

  /** Deploys flows as a program does. */
  async deploy(flows) {
    await this.restarted(async () => {
      const answer = await fetch(new URL('flows', this.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'node-red-api-version': 'v2' },
        body: JSON.stringify({ flows }),
      });
      if (!answer.ok) throw new Error(`Node-RED refuses the flows: ${await answer.text()}`);
    });
  }

  /** Waits until what was deployed has started: the answer to a deployment comes before that. */
  async restarted(deploy) {
    const before = this.#starts();
    await deploy();
    for (let waited = 0; this.#starts() === before; waited += 50) {
      if (waited >= 60_000) throw new Error(`the flows do not start: ${this.log.slice(-1000)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /**
   * Presses the button of an Inject node. An answer to a deployment comes before all nodes have started: until then
   * there is no such node.
   */
  async inject(id) {
    for (let waited = 0; ; waited += 50) {
      const answer = await fetch(new URL(`inject/${id}`, this.url), { method: 'POST' });
      if (answer.ok) return;
      const said = `${answer.status} ${await answer.text()}`;
      if (answer.status !== 404 || waited >= 10_000) throw new Error(`the Inject node ${id} answers ${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async flows() {
    return JSON.parse(await readFile(join(this.userDir, 'flows.json'), 'utf8'));
  }

  async stop() {
    this.#process.kill('SIGINT');
    await this.#ended;
    await rm(this.userDir, { recursive: true });
  }
}

function settings(port, language) {
  const content = {
    uiHost: '127.0.0.1',
    uiPort: port,
    lang: language,
    flowFile: 'flows.json',
    credentialSecret: 'not a secret of WeCom',
    // No window in front of the editor, and no question to the internet.
    telemetry: { enabled: false, updateNotification: false },
    editorTheme: { tours: false, palette: { catalogues: [] } },
  };
  return `module.exports = ${JSON.stringify(content, null, 2)};\n`;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
