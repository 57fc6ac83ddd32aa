/** Parameters that are files: given as bytes, they go to the component beside the JSON of the others. */

/** What a file could not be read for. */
export class NotRead extends Error {
  /** @param {string} parameter The name of the parameter. */
  constructor(parameter, reason) {
    super(reason);
    this.parameter = parameter;
  }
}

/** Whether a value is bytes, in any of the forms that a platform has them in: also those of another realm. */
export function isBytes(value) {
  return ArrayBuffer.isView(value) || isBlob(value) || kindOf(value) === 'ArrayBuffer';
}

/**
 * Parts files from the other parameters.
 *
 * @param {object} [action] Its entry in the manifest.
 * @returns {{ files: { parameter: string, content: ArrayBufferView | ArrayBuffer | Blob }[], rest: unknown }}
 */
export function partFiles(action, parameters) {
  const found = { files: [], rest: parameters };
  const names = action ? fileParametersOf(action) : [];
  if (names.length === 0 || typeof parameters !== 'object' || parameters === null) return found;
  try {
    const own = Object.getOwnPropertyDescriptors(parameters);
    for (const name of names) {
      if (!isBytes(own[name]?.value)) continue;
      found.files.push({ parameter: name, content: own[name].value });
      delete own[name];
    }
    // A copy by descriptors calls no getter: that one throws is told by its own name.
    if (found.files.length > 0) found.rest = Object.defineProperties({}, own);
    return found;
  } catch {
    // What cannot be read is named where it becomes JSON.
    return { files: [], rest: parameters };
  }
}

/** By the action's entry, the names of its parameters that are files: most have none. */
const fileParameters = new WeakMap();

function fileParametersOf(action) {
  if (!fileParameters.has(action)) {
    const entries = Object.entries(action.parameters.properties ?? {});
    const names = entries.filter(([, { 'x-ui': ui }]) => ui?.widget === 'file').map(([name]) => name);
    fileParameters.set(action, names);
  }
  return fileParameters.get(action);
}

/** The files as the component takes them. */
export function contentsOf(files) {
  return Promise.all(
    files.map(async ({ parameter, content }) => {
      if (!isBlob(content)) return { parameter, content: bytesIn(content) };
      try {
        return { parameter, content: bytesIn(await content.arrayBuffer()) };
      } catch (error) {
        throw new NotRead(parameter, String(error?.message ?? error));
      }
    }),
  );
}

/** The bytes of a value that is some. */
export function bytesIn(content) {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(content) ? content : new DataView(content);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function isBlob(value) {
  return ['Blob', 'File'].includes(kindOf(value)) && typeof value.arrayBuffer === 'function';
}

function kindOf(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}
