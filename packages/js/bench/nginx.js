/** WeCom with fixed answers by nginx, where that is installed: no server is quicker, so none hides less of a client. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const template = new URL('../../../host-test/cost/nginx.conf', import.meta.url);

/** Starts it. Resolves to its base URL and what stops it; to nothing where there is no nginx. */
export async function startNginx() {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'wecom-bench-'));
  const file = join(folder, 'nginx.conf');
  await writeFile(file, (await readFile(template, 'utf8')).replaceAll('PORT', port).replaceAll('FOLDER', folder));
  // Debian has it where only root looks.
  const env = { ...process.env, PATH: [process.env.PATH, '/usr/sbin'].join(delimiter) };
  const server = spawn('nginx', ['-p', folder, '-c', file], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const stop = async () => {
    if (server.kill()) await once(server, 'exit');
    await rm(folder, { recursive: true });
  };
  try {
    await once(server, 'spawn');
  } catch (error) {
    await stop();
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
  const base = `http://127.0.0.1:${port}`;
  while (!(await fetch(base).catch(() => undefined))) {
    if (server.exitCode !== null) throw new Error(`nginx ends at once, with ${server.exitCode}`);
    await sleep(20);
  }
  return { base, stop };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
