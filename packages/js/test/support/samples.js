/** What no sample can know: media that the simulator has, see host-test/src/simulator/seed.rs. */
const media = {
  image: 'SIM-MEDIA-corp-image-3_Kx9wQe7RtYuIoP1aSdFg',
  file: 'SIM-MEDIA-corp-file-5_Zm2nBvCxLkJhGfDsAqWe',
  chatbot: 'SIM-MEDIA-robot-file-8_Pl0okMijNuhBygVtfCrd',
};

function mediaFor({ id, connection_type }) {
  if (connection_type === 'chatbot') return media.chatbot;
  return id.includes('file') ? media.file : media.image;
}

/** The sample with IDs that exist: of media, and of what earlier actions brought forth. */
export function runnable(action, known) {
  const entries = Object.entries(action.sample_parameters).map(([name, value]) => {
    if (name.endsWith('media_id')) return [name, mediaFor(action)];
    return [name, name === 'msg_id' ? (known.msg_id ?? value) : value];
  });
  return Object.fromEntries(entries);
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
  let waiting = actions;
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
