/**
 * `wasi:http` of the component: jco's shim, corrected where it would have the connector tell that a message was not sent
 * which was, and where it would leave connections open. The build points the component here.
 */
import { outgoingHandler as shimHandler, types as shimTypes } from '@bytecodealliance/preview2-shim/http';

/**
 * The shim takes the connect timeout for the time that the socket may be idle, and reports a slow answer as
 * `connection-timeout`: nothing was sent, the flow may repeat it. The connector watches the clock itself, and knows that
 * a request without an answer may have arrived; it waits for twice the timeout, to connect and for the first byte. Later
 * than that the timeout only ends a request that nobody waits for.
 */
class RequestOptions extends shimTypes.RequestOptions {
  connectTimeout() {
    const timeout = super.connectTimeout();
    return timeout === undefined ? undefined : 3n * timeout;
  }
}

export const types = { ...shimTypes, RequestOptions };

export const outgoingHandler = {
  ...shimHandler,
  handle(request, options) {
    const unused = bodyOf(request);
    const future = shimHandler.handle(request, options);
    if (unused) shimTypes.OutgoingBody.finish(unused, undefined);
    const get = future.get.bind(future);
    future.get = () => corrected(get());
    return future;
  },
};

/**
 * The body of a request that has none, for which the guest did not ask. The shim does not end such a request, and keeps
 * its connection open for as long as the server does.
 */
function bodyOf(request) {
  try {
    return request.body();
  } catch {
    // The guest has it, and ends it.
    return undefined;
  }
}

/** The shim reports a connection that was reset as an answer that is not HTTP. */
function corrected(result) {
  const answer = result?.val;
  if (answer?.tag === 'err' && answer.val?.tag === 'HTTP-protocol-error') answer.val = { tag: 'connection-terminated' };
  return result;
}
