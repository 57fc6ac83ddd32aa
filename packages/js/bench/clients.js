/** Ways to push a text message: with the connector, by `fetch` and by node:http, and with `fetch` by hand. */
import { Agent, request as send } from 'node:http';

const content = '部署完成，请验收。';

export function connectionTo(base) {
  const connection = { type: 'application', corp_id: 'ww0000000000000000', app_secret: 'BENCH-secret-not-real' };
  return { ...connection, agent_id: 1000002, base_url: base };
}

/** What the connector takes in place of `fetch`, by node:http: no more than a push over plain HTTP needs. */
function byNodeHttp() {
  const agent = new Agent({ keepAlive: true });
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const bytes = body === undefined ? [] : [Buffer.from(body)];
      const length = bytes.map(({ length }) => ['content-length', length]);
      const request = send(url, { agent, method, headers: Object.fromEntries([...headers, ...length]) }, (response) => {
        const chunks = response[Symbol.asyncIterator]();
        resolve({
          status: response.statusCode,
          headers: { get: (name) => response.headers[name] ?? null },
          body: { getReader: () => ({ read: () => chunks.next() }) },
        });
      });
      request.on('error', reject);
      signal.addEventListener('abort', () => request.destroy(signal.reason), { once: true });
      request.end(...bytes);
    });
}

async function byConnector(base, options) {
  const { Connector } = await import('wecom-connector');
  const wecom = new Connector(options);
  const connection = connectionTo(base);
  return async () => (await wecom.pushTextMessage(connection, { to_user: ['zhangsan'], content })).msg_id;
}

export const clients = {
  connector: (base) => byConnector(base),
  nodeHttp: (base) => byConnector(base, { fetch: byNodeHttp() }),

  /** What a programmer writes in ten lines: a token once, the message, a look at `errcode`. */
  async hand(base) {
    const { corp_id, app_secret, agent_id } = connectionTo(base);
    const call = async (path, init) => {
      const answer = await (await fetch(`${base}/cgi-bin/${path}`, init)).json();
      if (answer.errcode !== 0) throw new Error(`${answer.errcode} ${answer.errmsg}`);
      return answer;
    };
    let token;
    return async () => {
      token ??= call(`gettoken?corpid=${corp_id}&corpsecret=${app_secret}`);
      const { access_token } = await token;
      const body = JSON.stringify({ touser: 'zhangsan', msgtype: 'text', agentid: agent_id, text: { content } });
      const headers = { 'content-type': 'application/json' };
      return (await call(`message/send?access_token=${access_token}`, { method: 'POST', headers, body })).msgid;
    };
  },
};
