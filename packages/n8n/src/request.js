/** `fetch` by n8n's own helpers, so that its proxy, its certificates and its rules on addresses hold. */

/** @param {(options: object) => Promise<object>} httpRequest The helper of a node that runs, or offers options. */
export function fetchBy(httpRequest) {
  return async (url, { method, headers, body, signal }) => {
    const response = await httpRequest({
      url,
      method,
      headers: Object.fromEntries(headers),
      ...(body !== undefined && { body: bytes(body) }),
      // Read as it comes: a limit of the connector ends it where it is too long.
      encoding: 'stream',
      json: false,
      returnFullResponse: true,
      ignoreHttpStatusErrors: true,
      disableFollowRedirect: true,
      // The connector has limits of its own, and ends the request by the signal.
      timeout: 0,
      abortSignal: signal,
    });
    signal.addEventListener('abort', () => response.body.destroy?.(), { once: true });
    return answer(response);
  };
}

/** @param {(options: object) => Promise<object>} request The helper that a test of credentials has: an older one. */
export function fetchByLegacy(request) {
  return async (url, { method, headers, body }) =>
    answer(
      await request({
        uri: url,
        method,
        headers: Object.fromEntries(headers),
        ...(body !== undefined && { body: bytes(body) }),
        encoding: null,
        resolveWithFullResponse: true,
        simple: false,
        followRedirect: false,
      }),
    );
}

function bytes(body) {
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function answer({ statusCode, headers, body }) {
  return {
    status: statusCode,
    type: 'basic',
    headers: {
      get(name) {
        const value = headers[name];
        return value === undefined ? null : String(value);
      },
    },
    body: { getReader: () => reader(body) },
  };
}

/** What reads a stream, or all that came at once. */
function reader(body) {
  const chunks =
    typeof body?.[Symbol.asyncIterator] === 'function'
      ? body[Symbol.asyncIterator]()
      : [Buffer.from(body ?? '')].values();
  return { read: async () => chunks.next() };
}
