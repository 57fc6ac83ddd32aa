/** “Retry On Fail” repeats a whole node: what was sent is not sent again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep, startWecom } from '../../js/test/support/wecom.js';
import { Outcomes } from '../src/nodes/outcomes.js';
import { bench } from './support/bench.js';
import { TYPE } from './support/n8n.js';

const it = bench();
const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const items = (...users) => users.map((user) => ({ json: { user } }));
/** Each item has its own receiver. */
const push = () => ({ ...it.form('push-text-message', { content: 'x' }), to_user: '={{ $json.user }}' });

/** Who got how many messages, and how often WeCom was asked. */
async function sent() {
  const asked = await it.simulator.at('message/send');
  return { asked: asked.length, delivered: asked.filter(({ errcode }) => errcode === 0).length };
}

test('three receivers, one of them refused, three tries: each is asked for once', async () => {
  await it.simulator.clear();
  const { status, error } = await it.engine.run(push(), {
    items: items('zhangsan', 'lisi', 'nobody'),
    settings: retry,
  });
  assert.equal(status, 'error');
  assert.match(error.message, /81013/);
  assert.equal(error.context.itemIndex, 2);
  assert.deepEqual(await sent(), { asked: 3, delivered: 2 });
});

test('the same where the node goes on, with the refused one first', async () => {
  await it.simulator.clear();
  const settings = { ...retry, onError: 'continueRegularOutput' };
  const result = await it.engine.run(push(), { items: items('nobody', 'zhangsan', 'lisi'), settings });
  assert.equal(result.status, 'success');
  assert.deepEqual(
    result.items.map(({ json, pairedItem }) => [json.error?.code, typeof json.msg_id, pairedItem.item]),
    [
      [81013, 'undefined', 0],
      [undefined, 'string', 1],
      [undefined, 'string', 2],
    ],
  );
  assert.deepEqual(await sent(), { asked: 3, delivered: 2 });
});

test('and where the refused ones take the error branch', async () => {
  await it.simulator.clear();
  const settings = { ...retry, onError: 'continueErrorOutput' };
  const { good, bad } = await it.engine.run(push(), { items: items('nobody', 'zhangsan', 'lisi'), settings });
  assert.equal(good.length, 2);
  assert.equal(bad.length, 1);
  assert.equal(bad[0].json.error.class, 'permanent-rejected');
  assert.equal(bad[0].json.error.code, 81013);
  assert.match(bad[0].json.error.hint, /\w/);
  assert.deepEqual(await sent(), { asked: 3, delivered: 2 });
});

test('what is retryable is called again, and only that', async (t) => {
  const busy = { errcode: 45009, errmsg: 'api freq out of limit' };
  const asked = [];
  const wecom = await startWecom(t, (_path, _, { touser }) => {
    asked.push(touser);
    const isFirst = asked.filter((user) => user === touser).length === 1;
    return touser === 'b' && isFirst ? busy : { errcode: 0, errmsg: 'ok', msgid: touser };
  });
  const engine = it.engineWith(wecom.connection);
  const result = await engine.run(push(), { items: items('a', 'b', 'c'), settings: retry });
  assert.equal(result.status, 'success');
  assert.deepEqual(
    result.items.map(({ json }) => json.msg_id),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(asked, ['a', 'b', 'b', 'c']);
});

test('a lost answer is not asked for again: the message may be there', async (t) => {
  let asked = 0;
  const wecom = await startWecom(t, (_path, response) => {
    asked += 1;
    response.destroy();
  });
  const engine = it.engineWith(wecom.connection);
  const { status, error } = await engine.run(push(), { items: items('a'), settings: retry });
  assert.equal(status, 'error');
  assert.match(`${error.message} ${error.description}`, /look in WeCom/);
  assert.equal(error.context.data.class, 'permanent-outcome-unknown');
  assert.equal(asked, 1);
});

test('a try that n8n gives up after the node has ended sends nothing twice', async (t) => {
  await it.simulator.clear();
  const type = it.engine.nodeTypes.getByNameAndVersion(TYPE);
  const { execute } = type;
  let tries = 0;
  type.execute = async function () {
    const output = await execute.call(this);
    tries += 1;
    // As where n8n cannot store a file of the output.
    if (tries === 1) throw new Error('no space left on device');
    return output;
  };
  t.after(() => {
    type.execute = execute;
  });
  const { status } = await it.engine.run(push(), { items: items('zhangsan', 'lisi'), settings: retry });
  assert.deepEqual([status, tries], ['success', 2]);
  assert.deepEqual(await sent(), { asked: 2, delivered: 2 });
});

test('another execution sends again', async () => {
  await it.simulator.clear();
  for (let run = 0; run < 2; run += 1) await it.engine.run(push(), { items: items('zhangsan'), settings: retry });
  assert.deepEqual(await sent(), { asked: 2, delivered: 2 });
});

test('so does another run of the node in the same execution', async () => {
  await it.simulator.clear();
  const { runData } = await it.engine.run(push(), {
    items: items('zhangsan'),
    settings: retry,
    by: ['First', 'Second'],
  });
  assert.equal(runData.WeCom.length, 2);
  assert.deepEqual(await sent(), { asked: 2, delivered: 2 });
});

test('an item that is refused in two runs is asked for in each', async () => {
  await it.simulator.clear();
  const settings = { ...retry, onError: 'continueRegularOutput' };
  await it.engine.run(push(), { items: items('nobody', 'zhangsan'), settings, by: ['First', 'Second'] });
  assert.deepEqual(await sent(), { asked: 4, delivered: 2 });
});

test('executions at the same time do not know of each other', async () => {
  await it.simulator.clear();
  const runs = Array.from({ length: 8 }, () => it.engine.run(push(), { items: items('zhangsan'), settings: retry }));
  await Promise.all(runs);
  await sleep(0);
  assert.deepEqual(await sent(), { asked: 8, delivered: 8 });
});

test('outcomes are forgotten with the run', async () => {
  const place = {};
  let calls = 0;
  const call = async () => ({ call: ++calls });
  const first = new Outcomes(place, 0);
  assert.deepEqual(await first.of(0, call), { call: 1 });
  // The next try of the same run.
  assert.deepEqual(await new Outcomes(place, 0).of(0, call), { call: 1 });
  assert.deepEqual(await new Outcomes(place, 1).of(0, call), { call: 2 });
  assert.deepEqual(await new Outcomes(place, 0).of(0, call), { call: 3 });
});
