/** `fetch` by n8n's own helpers, so that its proxy, its certificates and its rules on addresses hold. */

/** @param {(options: object) => Promise<object>} httpRequest The helper of a node that runs, or offers options. */
export function fetchBy(httpRequest) {
  return async (url, { method, headers, body, signal }) => {
    const response = await unlessBlocked(
      httpRequest({
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
      }),
    );
    signal.addEventListener('abort', () => response.body.destroy?.(), { once: true });
    return answer(response);
  };
}

/** @param {(options: object) => Promise<object>} request The helper that a test of credentials has: an older one. */
export function fetchByLegacy(request) {
  return async (url, { method, headers, body }) =>
    answer(
      await unlessBlocked(
        request({
          uri: url,
          method,
          headers: Object.fromEntries(headers),
          ...(body !== undefined && { body: bytes(body) }),
          encoding: null,
          resolveWithFullResponse: true,
          simple: false,
          followRedirect: false,
        }),
      ),
    );
}

/** n8n forbids addresses before it connects, and gives these errors no code: nothing was sent. */
async function unlessBlocked(request) {
  try {
    return await request;
  } catch (error) {
    const blocked = [error, error?.cause].find((candidate) => /^SsrfBlocked/.test(candidate?.name));
    if (!blocked) throw error;
    const words = [blocked.message, blocked.description].filter(Boolean).join('. ');
    throw Object.assign(new Error(words), { code: 'ENOTFOUND' });
  }
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
