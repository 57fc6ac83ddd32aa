import { readFileSync } from 'node:fs';

/** What the simulator has, by action, where the sample names something else: see host-test/src/simulator/seed.rs. */
const inTheSimulator = JSON.parse(readFileSync(new URL('samples.json', import.meta.url), 'utf8'));

/** The sample with IDs that exist: those of the simulator, and of what earlier actions brought forth. */
export function runnable({ id, sample_parameters: sample }, known) {
  const { msg_id = sample.msg_id } = known;
  return { ...sample, ...('msg_id' in sample && { msg_id }), ...inTheSimulator[id] };
}

/**
 * Runs actions until none is left. A sample may need what another brings forth, or must take away first: what is refused
 * comes again after the others, for as long as that changes anything.
 *
 * @param {(action: object, known: { msg_id?: string }) => Promise<object | undefined>} run The output, where it ended well.
 * @returns {Promise<object[]>} The actions that never ended well.
 */
export async function runAll(actions, run) {
  const known = {};
  // What one takes away others may need.
  const isLast = ({ effect }) => effect === 'delete';
  let waiting = [...actions.filter((action) => !isLast(action)), ...actions.filter(isLast)];
  for (let before = Number.POSITIVE_INFINITY; waiting.length > 0 && waiting.length < before; ) {
    before = waiting.length;
    const refused = [];
    for (const action of waiting) {
      const output = await run(action, known);
      if (!output) refused.push(action);
      if (output?.msg_id) known.msg_id = output.msg_id;
    }
    waiting = refused;
  }
  return waiting;
}
