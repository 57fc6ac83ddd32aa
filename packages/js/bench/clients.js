/** Two ways to push a text message: with the connector, and with `fetch` by hand. */

const content = '部署完成，请验收。';

export function connectionTo(base) {
  const connection = { type: 'application', corp_id: 'ww0000000000000000', app_secret: 'BENCH-secret-not-real' };
  return { ...connection, agent_id: 1000002, base_url: base };
}

export const clients = {
  async connector(base) {
    const { Connector } = await import('wecom-connector');
    const wecom = new Connector();
    const connection = connectionTo(base);
    return async () => (await wecom.pushTextMessage(connection, { to_user: ['zhangsan'], content })).msg_id;
  },

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
