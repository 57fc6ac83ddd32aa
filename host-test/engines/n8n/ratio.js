/**
 * What the node costs: webhook, node and server, against the same flow with n8n's own HTTP Request node, which is given the
 * token, the address and the body by hand. Both take turns, so that whatever else the machine does meets both.
 *
 *     node ratio.js [--slices 20] [--calls 100] <n8n-nodes-wecom-connector-….tgz>
 *
 * README.md says what it needs. It fails below a ratio of 0.9.
 */
import assert from 'node:assert/strict';
import { Simulator } from '../../../packages/js/test/support/simulator.js';
import { argumentsOf, run, TYPE } from './whole.js';

const GOAL = 0.9;
/** Callers at the same time. */
const CALLERS = 8;

const { tarball, slices, calls } = argumentsOf({ slices: 20, calls: 100 });

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

await run({ tarball }, async (n8n) => {
  await n8n.main();
  const simulator = await Simulator.start();
  try {
    const application = simulator.connection('application');
    const { base_url, corp_id, app_secret, agent_id } = application;
    const webhook = { responseMode: 'lastNode' };
    const ours = await n8n.flow(
      'ours',
      [
        {
          name: 'WeCom',
          type: TYPE,
          typeVersion: 1,
          credentials: await n8n.credential('WeCom', application),
          parameters: {
            resource: 'app-message',
            operation: 'push-text-message',
            to_user: ['zhangsan'],
            content: '={{ $json.body.text }}',
          },
        },
      ],
      { webhook },
    );
    const answer = await fetch(`${base_url}/cgi-bin/gettoken?corpid=${corp_id}&corpsecret=${app_secret}`);
    const { access_token } = await answer.json();
    const body = `{ touser: 'zhangsan', msgtype: 'text', agentid: ${agent_id}, text: { content: $json.body.text } }`;
    const byHand = await n8n.flow(
      'by-hand',
      [
        {
          name: 'HTTP Request',
          type: 'n8n-nodes-base.httpRequest',
          typeVersion: 4.2,
          parameters: {
            method: 'POST',
            url: `${base_url}/cgi-bin/message/send?access_token=${access_token}`,
            sendBody: true,
            specifyBody: 'json',
            jsonBody: `={{ JSON.stringify(${body}) }}`,
            options: {},
          },
        },
      ],
      { webhook },
    );

    /** Runs of that flow in a second. */
    const throughput = async ({ begin }, count) => {
      let left = count;
      const caller = async () => {
        while (left > 0) {
          left -= 1;
          await begin('a message');
        }
      };
      const start = performance.now();
      await Promise.all(Array.from({ length: CALLERS }, caller));
      return (count / (performance.now() - start)) * 1000;
    };
    await throughput(ours, calls);
    await throughput(byHand, calls);
    await simulator.clear();
    const pairs = [];
    for (let slice = 0; slice < slices; slice += 1) {
      // Who comes first changes, too.
      const [first, second] = slice % 2 === 0 ? [ours, byHand] : [byHand, ours];
      const speeds = new Map([[first, await throughput(first, calls)]]);
      speeds.set(second, await throughput(second, calls));
      pairs.push([speeds.get(ours), speeds.get(byHand)]);
    }
    const sent = await simulator.at('message/send');
    assert.deepEqual([sent.length, new Set(sent.map(({ errcode }) => errcode)).size], [2 * slices * calls, 1]);
    const ratio = median(pairs.map(([one, other]) => one / other));
    const [one, other] = [0, 1].map((index) => median(pairs.map((pair) => pair[index])).toFixed(1));
    console.log(`${one} runs a second with the node, ${other} by hand: ratio ${ratio.toFixed(2)}`);
    assert.ok(ratio >= GOAL, `below ${GOAL}`);
  } finally {
    await simulator.stop();
  }
});
