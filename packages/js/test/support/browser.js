/**
 * Debian's Chromium, driven by playwright-core, which brings no browser of its own.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

/** The path of `chromium` on PATH; throws with the command that installs it where there is none. */
export function findChromium(searchPath = process.env.PATH ?? '') {
  for (const folder of searchPath.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, 'chromium');
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  throw new Error('Chromium is not on PATH: apt-get install chromium');
}

/**
 * Launches headless Chromium. `close()` of what it resolves to ends every process of it.
 *
 * @param {import('playwright-core').LaunchOptions} [options] Override the defaults; `args` are added to them.
 * @returns {Promise<import('playwright-core').Browser>}
 */
export async function launchBrowser({ args = [], ...options } = {}) {
  return chromium.launch({
    executablePath: findChromium(),
    headless: true,
    // Tests run as root in containers, where Chromium's sandbox cannot start.
    chromiumSandbox: false,
    args: [
      // /dev/shm of a container is often 64 MB, too little for a page's shared memory.
      '--disable-dev-shm-usage',
      '--disable-gpu',
      // No request of the browser's own: no updates, no field trials, no password manager.
      '--disable-background-networking',
      '--disable-component-update',
      ...args,
    ],
    ...options,
  });
}
