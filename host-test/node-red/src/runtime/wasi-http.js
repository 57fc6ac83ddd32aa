/**
 * `wasi:http` of the component: jco's shim, corrected where it would have the connector tell that a message was not sent
 * which was. The build points the component here.
 */
import { outgoingHandler as shimHandler, types as shimTypes } from '@bytecodealliance/preview2-shim/http';

/**
 * The shim takes the connect timeout for the time that the socket may be idle, and reports a slow answer as
 * `connection-timeout`: nothing was sent, the flow may repeat it. The connector watches the clock itself, and knows that
 * a request without an answer may have arrived.
 */
class RequestOptions extends shimTypes.RequestOptions {
  connectTimeout() {
    return undefined;
  }
}

export const types = { ...shimTypes, RequestOptions };

export const outgoingHandler = {
  ...shimHandler,
  handle(request, options) {
    const future = shimHandler.handle(request, options);
    const get = future.get.bind(future);
    future.get = () => corrected(get());
    return future;
  },
};

/** The shim reports a connection that was reset as an answer that is not HTTP. */
function corrected(result) {
  const answer = result?.val;
  if (answer?.tag === 'err' && answer.val?.tag === 'HTTP-protocol-error') answer.val = { tag: 'connection-terminated' };
  return result;
}
