/**
 * A server that answers as WeCom has been seen to answer, where the simulator cannot be told to: it is slow, refuses the
 * caller's address, or hangs up.
 */
import { createServer } from 'node:http';

/** What WeCom answered, in its own words. */
export const answers = {
  token: { errcode: 0, errmsg: 'ok', access_token: 'SLOW-WECOM-access-token-not-real', expires_in: 7200 },
  sent: { errcode: 0, errmsg: 'ok', msgid: 'SLOW-WECOM-message' },
  untrusted: {
    errcode: 60020,
    errmsg:
      'not allow to access from your ip, hint: [1795219200000000000000001], from ip: 203.0.113.7, more info at https://open.work.weixin.qq.com/devtool/query?e=60020',
  },
};

/**
 * Starts a server on loopback that stops after the test.
 *
 * @param {import('node:test').TestContext} t
 * @param {(path: string, response: import('node:http').ServerResponse, body: object | undefined) => unknown} answer
 *   What to answer at a path (`message/send`), other than `gettoken`, or a promise of it; nothing where it has answered
 *   by itself.
 */
export async function startWecom(t, answer) {
  const received = [];
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname.replace('/cgi-bin/', '');
    received.push(path);
    const sent = Buffer.concat(await request.toArray()).toString();
    const body = path === 'gettoken' ? answers.token : await answer(path, response, sent && JSON.parse(sent));
    if (response.destroyed || !body) return;
    const text = JSON.stringify(body);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  });
  // A server that keeps connections for longer than the test shows those that the client forgets.
  server.keepAliveTimeout = 0;
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  t.after(stop);
  const connection = {
    type: 'application',
    corp_id: 'ww0000000000000000',
    app_secret: 'SLOW-WECOM-secret-not-real',
    agent_id: 1000002,
    base_url: `http://127.0.0.1:${server.address().port}`,
  };
  return {
    connection,
    received,
    secrets: [connection.app_secret, answers.token.access_token],
    stop,
    /** How many connections are open. */
    connections: () => new Promise((resolve) => server.getConnections((_, count) => resolve(count))),
  };
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
