import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { WecomError } from 'wecom-connector';

/** The error of a call; fails where there is none. */
export async function errorOf(call) {
  const error = await call.then(
    (output) => assert.fail(`succeeded: ${inspect(output)}`),
    (reason) => reason,
  );
  assert.ok(error instanceof WecomError, inspect(error));
  return error;
}
