/** The node as the tool of an agent: n8n tries a call again, and a model calls again; only one of them is meant. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWecom } from '../../js/test/support/wecom.js';
import { bench } from './support/bench.js';

const it = bench();
const retry = { retryOnFail: true, maxTries: 3, waitBetweenTries: 1 };
const goingOn = { ...retry, onError: 'continueRegularOutput' };
const push = (parameters = {}) => ({
  ...it.form('push-text-message', { to_user: ['zhangsan'], content: 'x', ...parameters }),
  content: "={{ $fromAI('content') }}",
});
const sent = { errcode: 0, errmsg: 'ok', msgid: 'sent' };

/** A WeCom that answers each message in its turn; what the model got, and what it had asked WeCom for. */
async function called(t, agent, answer, calls, settings = retry) {
  const asked = [];
  const wecom = await startWecom(t, (_, response, { text }) => {
    asked.push(text.content);
    return answer(asked.length, response);
  });
  const answers = await it.engineWith(wecom.connection).callTool(agent, push(), calls, settings);
  return { asked, answers };
}
const lose = (_, response) => {
  response.destroy();
};

for (const [agent, way] of [
  ['agent', 'the agent calls its tool'],
  ['askingAgent', 'the agent has the engine call its tool'],
]) {
  test(`${way}: what the model says is sent, and it has what WeCom answered`, async (t) => {
    const { asked, answers } = await called(t, agent, () => sent, [{ content: 'one' }, { content: 'two' }]);
    assert.deepEqual(asked, ['one', 'two']);
    for (const answer of answers) assert.equal(JSON.parse(answer)[0].msg_id, 'sent');
  });

  test(`${way}: a lost answer is not asked for again by “Retry On Fail”: the message may be there`, async (t) => {
    for (const settings of [retry, goingOn]) {
      const { asked, answers } = await called(t, agent, lose, [{ content: 'one' }], settings);
      assert.deepEqual(asked, ['one']);
      assert.match(answers[0], /look in WeCom/);
    }
  });

  test(`${way}: nor what was refused`, async (t) => {
    const refuse = () => ({ errcode: 81013, errmsg: 'all invalid' });
    for (const settings of [retry, goingOn]) {
      const { asked, answers } = await called(t, agent, refuse, [{ content: 'one' }], settings);
      assert.deepEqual(asked, ['one']);
      assert.match(answers[0], /81013/);
    }
  });

  test(`${way}: what is retryable is`, async (t) => {
    const busy = { errcode: 45009, errmsg: 'api freq out of limit' };
    const { asked, answers } = await called(t, agent, (times) => (times < 3 ? busy : sent), [{ content: 'one' }]);
    assert.deepEqual(asked, ['one', 'one', 'one']);
    assert.equal(JSON.parse(answers[0])[0].msg_id, 'sent');
  });

  test(`${way}: a model that calls again means it, with the same words, too`, async (t) => {
    const calls = [{ content: 'one' }, { content: 'one' }];
    const good = await called(t, agent, () => sent, calls);
    assert.deepEqual(good.asked, ['one', 'one']);
    const lost = await called(t, agent, lose, calls, goingOn);
    assert.deepEqual(lost.asked, ['one', 'one']);
  });
}
