/**
 * What the node costs: webhook, node and server, against the same flow with n8n's own HTTP Request node, which is given
 * address, body and token by hand: the token as n8n keeps secrets, in a credential; and, for comparison, in plain in the
 * flow. All take turns, in short slices, so that whatever else the machine does meets all of them.
 *
 *     node ratio.js [--slices 60] [--calls 24] <n8n-nodes-wecom-connector-….tgz>
 *
 * README.md says what it needs. It fails below a ratio of 0.9.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Simulator } from '../../../packages/js/test/support/simulator.js';
import { argumentsOf, run, TYPE } from './whole.js';

const GOAL = 0.9;
/** Callers at the same time. */
const CALLERS = 8;

const { tarball, slices, calls } = argumentsOf({ slices: 60, calls: 24 });

const TICKS = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
/** Milliseconds that a process has computed, by all its threads. */
function cpuOf({ pid }) {
  // Behind the name, which may have anything in it.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user, system] = fields.slice(11, 13).map(Number);
  return ((user + system) * 1000) / TICKS;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];

await run({ tarball }, async (n8n) => {
  const { child } = await n8n.main();
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
    const byHand = async (name, fields, { credentials } = {}) => {
      const parameters = {
        method: 'POST',
        url: `${base_url}/cgi-bin/message/send`,
        sendBody: true,
        specifyBody: 'json',
        jsonBody: `={{ JSON.stringify(${body}) }}`,
        options: {},
        ...fields,
      };
      const type = 'n8n-nodes-base.httpRequest';
      const node = { name: 'HTTP Request', type, typeVersion: 4.2, parameters, ...(credentials && { credentials }) };
      return n8n.flow(name, [node], { webhook });
    };
    const genericAuthType = 'httpQueryAuth';
    const kept = await byHand(
      'kept',
      { authentication: 'genericCredentialType', genericAuthType },
      { credentials: await n8n.keep('Token', genericAuthType, { name: 'access_token', value: access_token }) },
    );
    const plain = await byHand('plain', { url: `${base_url}/cgi-bin/message/send?access_token=${access_token}` });

    /** Runs of that flow in a second, and the milliseconds that n8n has computed for each. */
    const measured = async ({ begin }, count) => {
      let left = count;
      const caller = async () => {
        while (left > 0) {
          left -= 1;
          await begin('a message');
        }
      };
      const [start, before] = [performance.now(), cpuOf(child)];
      await Promise.all(Array.from({ length: CALLERS }, caller));
      const seconds = (performance.now() - start) / 1000;
      return { speed: count / seconds, cpu: (cpuOf(child) - before) / count };
    };
    const flows = [ours, kept, plain];
    // What n8n compiles as it goes is compiled then.
    for (const flow of flows) await measured(flow, 10 * CALLERS);
    await simulator.clear();
    const rounds = [];
    for (let slice = 0; slice < slices; slice += 1) {
      // Who comes first changes, too.
      const found = [];
      for (let turn = 0; turn < flows.length; turn += 1) {
        const index = (slice + turn) % flows.length;
        found[index] = await measured(flows[index], calls);
      }
      rounds.push(found);
    }
    const sent = await simulator.at('message/send');
    const codes = new Set(sent.map(({ errcode }) => errcode));
    assert.deepEqual([sent.length, ...codes], [flows.length * slices * calls, 0]);
    // A short slice is only a few ticks of the clock that counts what is computed: of these the mean.
    const mean = (numbers) => numbers.reduce((sum, number) => sum + number) / numbers.length;
    const told = ['the node', 'by hand', 'by hand, the token in plain'].map((name, index) => {
      const speed = median(rounds.map((round) => round[index].speed));
      const cpu = mean(rounds.map((round) => round[index].cpu));
      const ratio = median(rounds.map((round) => round[0].speed / round[index].speed));
      console.log(
        `${name}: ${speed.toFixed(1)} runs a second, ${cpu.toFixed(1)} ms of n8n's CPU each; the node to it ${ratio.toFixed(2)}`,
      );
      return ratio;
    });
    assert.ok(Math.min(...told) >= GOAL, `below ${GOAL}`);
  } finally {
    await simulator.stop();
  }
});
