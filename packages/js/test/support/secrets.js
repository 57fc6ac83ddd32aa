import assert from 'node:assert/strict';
import { inspect } from 'node:util';

/** Fails where a secret shows in any of these things, however they are printed. */
export function assertNoSecret(secrets, ...things) {
  assert.ok(secrets.length > 0 && secrets.every((secret) => secret.length > 8), 'there are secrets to look for');
  for (const thing of things) {
    const printed = [
      typeof thing === 'string' ? thing : inspect(thing, { depth: 8, maxArrayLength: null, maxStringLength: null }),
      thing instanceof Error ? `${thing.stack} ${String(thing)} ${JSON.stringify(thing)}` : '',
    ].join('\n');
    for (const secret of secrets) {
      for (const form of new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])) {
        assert.ok(!printed.includes(form), `a secret shows in ${printed.replaceAll(form, '<secret>').slice(0, 500)}`);
      }
    }
  }
}
