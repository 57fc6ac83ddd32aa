import { readFileSync } from 'node:fs';

/** What the build made of the component. */
export const dist = new URL('../../dist/', import.meta.url);

/** The manifest that the package was built with. */
export function readManifest() {
  return JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8'));
}
