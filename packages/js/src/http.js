/** One request by `fetch`, and what became of it in the words of the contract: see `answer` in wit/stepwise.wit. */

/** In a browser, which writes answers of a GET to its disk: that to gettoken holds a token. */
const caching = typeof globalThis.location === 'object' ? { cache: 'no-store' } : {};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** What says that no connection came about: the address of a proxy may be none. */
const notSent = ['ENOTFOUND', 'EAI_AGAIN', 'ERR_INVALID_URL', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_INVALID_ARG'];
/** What says so of connecting alone: reading and writing fail with these, too, when a router gives up on a connection. */
const notConnected = ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];
/** What says that a proxy opened no way to the host: undici names it as it names a request that was aborted. */
const noTunnel = /^Proxy response \(\d+\)/;
/** What says that the certificate was not trusted: Node.js says why in OpenSSL's words. */
const notTrusted =
  /^(CERT_|CRL_|DEPTH_ZERO_|ERROR_IN_|ERR_TLS_|SELF_SIGNED_|UNABLE_TO_|(HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UNSPECIFIED)$)/;
/** What says that TLS was not agreed on, or is not spoken there: other codes of this kind come when it has been. */
const noTls =
  /^ERR_SSL_(WRONG_VERSION_NUMBER|UNSUPPORTED_PROTOCOL|PACKET_LENGTH_TOO_LONG|\w+_ALERT_(HANDSHAKE_FAILURE|PROTOCOL_VERSION)|TLSV1_UNRECOGNIZED_NAME)$/;

/** Whether the request only fetches an access token. */
export function isForToken({ url }) {
  return url.split('?', 1)[0].endsWith('/gettoken');
}

/**
 * Sends the request, once. Resolves to the answer, whatever that is; rejects only with what `call.interrupt` is given.
 *
 * @param {object} request The `request` of a step.
 * @param {typeof globalThis.fetch} fetch
 * @param {{ interrupt?: (error: Error) => void }} call Gets the function that ends the request before its time.
 */
export function exchange(request, fetch, call) {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    let timer;
    const stop = () => {
      clearTimeout(timer);
      controller.abort();
    };
    // A `fetch` that does not heed the signal must not keep the call.
    const limit = (milliseconds) => {
      clearTimeout(timer);
      const left = Math.min(milliseconds, Number(request.deadline) - performance.now());
      timer = setTimeout(() => {
        stop();
        resolve({ tag: 'lost', val: `no answer within ${milliseconds / 1000} s` });
      }, left);
    };
    call.interrupt = (error) => {
      stop();
      reject(error);
    };
    // `fetch` does not tell when it has connected.
    limit(2 * request.timeoutMs);
    answered(request, fetch, controller, () => limit(request.timeoutMs))
      .catch(classify)
      .then((answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
  });
}

async function answered({ method, url, headers, body, maxBodyBytes }, fetch, controller, begins) {
  const { signal } = controller;
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers,
    ...(body && { body: isJson(headers) ? decoder.decode(body) : body }),
    signal,
    // A redirect of a POST would be a GET, or the message sent again.
    redirect: 'manual',
    ...caching,
  });
  if (!signal.aborted) begins();
  const bytes = await read(response, maxBodyBytes);
  if (!bytes) {
    controller.abort();
    return { tag: 'too-long' };
  }
  // A browser hides which redirect it was.
  const status = response.type === 'opaqueredirect' ? 302 : Number(response.status);
  // A `fetch` that is not the platform's may answer with anything. What the component cannot take would end all calls.
  if (!Number.isInteger(status) || status < 0 || status > 0xffff)
    throw new TypeError('fetch answered without a status');
  return {
    tag: 'response',
    val: {
      status,
      retryAfter: header(response, 'retry-after'),
      contentDisposition: inUtf8(header(response, 'content-disposition')),
      body: bytes,
    },
  };
}

function header({ headers }, name) {
  const value = headers.get(name) ?? undefined;
  return value === undefined ? undefined : String(value);
}

/** `fetch` takes each byte of a header for a letter; WeCom writes names of files in UTF-8. */
function inUtf8(value) {
  // A `fetch` that is not the platform's may have done that.
  if (!value || /[\u0100-\uffff]/.test(value)) return value;
  try {
    return decoder.decode(Uint8Array.from(value, (letter) => letter.charCodeAt(0)));
  } catch {
    return value;
  }
}

/** Whether the body is a text. `fetch` of Node.js takes longer to send the same bytes as an array. */
function isJson(headers) {
  return headers.some(([name, value]) => name === 'content-type' && value.startsWith('application/json'));
}

/** The body; none where it is longer than that. */
async function read({ body }, most) {
  if (!body) return new Uint8Array();
  const chunks = [];
  let length = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (!ArrayBuffer.isView(value) || value.BYTES_PER_ELEMENT !== 1)
      throw new TypeError('fetch answered with no bytes');
    length += value.length;
    if (length > most) return undefined;
    chunks.push(value);
  }
  if (chunks.length === 1) return chunks[0];
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What became of a request for which `fetch` rejected. */
export function classify(error) {
  try {
    const cause = rootOf(error);
    const words = String(cause?.message || cause?.code || error?.message || cause);
    if (neverSent(cause)) return { tag: 'not-sent', val: words };
    if ([notTrusted, noTls].some((codes) => codes.test(cause?.code ?? ''))) return { tag: 'not-trusted', val: words };
    return { tag: 'lost', val: words };
  } catch {
    // A `fetch` that is not the platform's may reject with anything, also with what cannot be read.
    return { tag: 'lost', val: 'fetch failed' };
  }
}

/** The last of an error's causes: those before only say that something failed. */
export function rootOf(error) {
  const seen = new Set();
  let root = error;
  while (root?.cause && !seen.has(root)) {
    seen.add(root);
    root = root.cause;
  }
  return root;
}

function neverSent(cause) {
  // One for each address of the host. Node.js moves on to the next where one does not answer in time.
  if (Array.isArray(cause?.errors) && cause.errors.length > 0) {
    return cause.errors.every(
      (error) => neverSent(error) || (error?.code === 'ETIMEDOUT' && error.syscall === 'connect'),
    );
  }
  if (cause?.code === 'UND_ERR_ABORTED' && noTunnel.test(cause.message)) return true;
  return notSent.includes(cause?.code) || (notConnected.includes(cause?.code) && cause.syscall === 'connect');
}
