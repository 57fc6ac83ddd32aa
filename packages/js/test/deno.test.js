/** The package as it is, in Deno. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Simulator } from './support/simulator.js';

const root = fileURLToPath(new URL('..', import.meta.url));

test('Deno pushes a message, with the connection of its environment', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const { corp_id, app_secret, agent_id, base_url } = simulator.connection('application');
  const program = `
    import { Connector } from './src/index.js';
    const { msg_id } = await new Connector().pushTextMessage(undefined, { to_user: ['zhangsan'], content: 'x' });
    console.log(msg_id);`;
  const env = {
    ...process.env,
    WECOM_CORP_ID: corp_id,
    WECOM_APP_SECRET: app_secret,
    WECOM_AGENT_ID: String(agent_id),
    WECOM_BASE_URL: base_url,
  };
  const permissions = ['--allow-env', '--allow-net=127.0.0.1', '--allow-read=.'];
  const words = [fileURLToPath(import.meta.resolve('deno/bin.cjs')), 'run', '--no-config', ...permissions, '-'];
  const running = promisify(execFile)(process.execPath, words, { cwd: root, env });
  running.child.stdin.end(program);
  assert.match((await running).stdout, /^SIM-MSGID-/);
});
