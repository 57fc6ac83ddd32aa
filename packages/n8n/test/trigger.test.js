/** The node that WeCom's callbacks begin at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Caller, newConnection, secretsOf } from '../../js/test/support/callbacks.js';
import { assertNoSecret } from '../../js/test/support/secrets.js';
import { bench } from './support/bench.js';
import { REPLY, TRIGGER } from './support/n8n.js';
import { serve } from './support/webhook.js';

const it = bench();

async function listen(t, { events = [], connection = newConnection(), reply, isAnswered = !!reply, ...options } = {}) {
  const engine = it.engineWith({}, {}, connection);
  const ended = [];
  const workflow = async (items) => {
    await options.before?.();
    const result = await engine.runAnswering(flowWith(reply), 'Trigger', items);
    ended.push(result);
    return result.answer;
  };
  const place = await serve(t, engine, { events, isAnswered }, { ...options, workflow });
  const caller = new Caller(connection);
  return {
    ...place,
    connection,
    caller,
    engine,
    ended,
    get: (query) => fetch(`${place.url}?${query}`),
    post: ({ query, body }) => fetch(`${place.url}?${query}`, { method: 'POST', body }),
  };
}

/** A flow that changes what came in, and then answers. */
function flowWith(parameters) {
  const node = (name, type, fields = {}) => ({
    id: name,
    name,
    type,
    typeVersion: 1,
    position: [0, 0],
    parameters: fields,
  });
  const to = (name) => ({ main: [[{ node: name, type: 'main', index: 0 }]] });
  const assignments = { assignments: [{ name: 'words', value: '收到' }] };
  return {
    nodes: [
      node('Trigger', TRIGGER),
      node('Set', 'n8n-nodes-base.set', { assignments }),
      node('Reply', REPLY, parameters),
    ],
    connections: { Trigger: to('Set'), Set: to('Reply') },
  };
}

test('the URL is verified when it is saved', async (t) => {
  const { get, caller, results } = await listen(t);
  const response = await get(caller.get('4158237645823'));
  assert.equal(response.status, 200);
  assert.equal(await response.text(), '4158237645823');
  // No workflow begins by that, and n8n adds nothing to the answer.
  assert.deepEqual(results, [{ noWebhookResponse: true }]);
});

for (const isParsed of [false, true]) {
  test(`a message begins the workflow, where n8n has ${isParsed ? '' : 'not '}read the body`, async (t) => {
    const { post, caller, begun } = await listen(t, { isParsed });
    const response = await post(caller.post(caller.text('你好 <b>')));
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '');
    assert.equal(begun.length, 1);
    const [event] = begun;
    assert.equal(event.topic, 'text');
    assert.equal(event.msg_type, 'text');
    assert.equal(event.from_user, 'zhangsan');
    assert.equal(event.agent_id, 1000002);
    assert.equal(event.fields.content, '你好 <b>');
    assert.deepEqual(
      Object.keys(event).filter((name) => /[A-Z]/.test(name) || ['format', 'nonce'].includes(name)),
      [],
    );
  });
}

test('what WeCom repeats begins it once', async (t) => {
  const { post, caller, begun } = await listen(t);
  const message = caller.text('x');
  for (let time = 0; time < 3; time += 1) assert.equal((await post(caller.post(message))).status, 200);
  assert.equal(begun.length, 1);
  await post(caller.post(caller.text('x')));
  assert.equal(begun.length, 2);
});

test('only what was chosen begins it; the rest has its answer, too', async (t) => {
  const { post, caller, begun } = await listen(t, { events: ['event/enter_agent'] });
  assert.equal((await post(caller.post(caller.text('x')))).status, 200);
  assert.equal((await post(caller.post(caller.event('enter_agent')))).status, 200);
  assert.deepEqual(
    begun.map(({ topic }) => topic),
    ['event/enter_agent'],
  );
});

test('a stranger is refused, and learns nothing', async (t) => {
  const { post, get, begun, warnings, connection } = await listen(t);
  const stranger = new Caller(newConnection());
  const refused = await post(stranger.post(stranger.text('x')));
  assert.equal(refused.status, 403);
  assert.equal(await refused.text(), '');
  assert.equal((await get(stranger.get('1'))).status, 403);
  // A person with a browser.
  const browser = await get('');
  assert.equal(browser.status, 400);
  assert.match(await browser.text(), /for WeCom to call/);
  assert.equal(begun.length, 0);
  assert.equal(warnings.length, 3);
  assertNoSecret(secretsOf(connection), warnings);
});

test('with a key that is none, WeCom is told to come again, and the log says which field', async (t) => {
  const connection = newConnection({ encoding_aes_key: 'too-short' });
  const engine = it.engineWith({}, {}, connection);
  const { url, warnings } = await serve(t, engine, { events: [] });
  const caller = new Caller(newConnection());
  const { query, body } = caller.post(caller.text('x'));
  assert.equal((await fetch(`${url}?${query}`, { method: 'POST', body })).status, 500);
  assert.match(warnings[0], /EncodingAESKey/);
});

test('the workflow answers while WeCom waits, signed and encrypted', async (t) => {
  const reply = { msg_type: 'text', content: '={{ $json.words }}：{{ $("Trigger").first().json.fields.content }}' };
  const { post, caller, ended, begun } = await listen(t, { reply });
  const response = await post(caller.post(caller.text('请假一天')));
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type'), /xml/);
  const message = caller.answered(await response.text());
  assert.match(message, /<ToUserName><!\[CDATA\[zhangsan\]\]>/);
  assert.match(message, /收到：请假一天/);
  assert.equal(ended[0].status, 'success');
  assert.equal(begun.length, 1);
});

test('the card that was pressed gets another text', async (t) => {
  const reply = { msg_type: 'update_button', replace_name: '已同意' };
  const { post, caller } = await listen(t, { reply });
  const pressed = caller.event('template_card_event', { more: '<EventKey>approve</EventKey>' });
  assert.match(caller.answered(await (await post(caller.post(pressed))).text()), /已同意/);
});

test('what WeCom repeats has an empty answer, and begins nothing again', async (t) => {
  const { post, caller, begun } = await listen(t, { reply: { msg_type: 'text', content: 'x' } });
  const message = caller.text('x');
  assert.notEqual(await (await post(caller.post(message))).text(), '');
  const again = await post(caller.post(message));
  assert.deepEqual([again.status, await again.text(), begun.length], [200, '', 1]);
});

test('a reply that breaks rules is an error that names the field; the node gives no answer', async (t) => {
  const { post, caller, ended, connection } = await listen(t, { reply: { msg_type: 'text' } });
  const response = await post(caller.post(caller.text('x')));
  assert.deepEqual([response.status, await response.text()], [200, '']);
  assert.match(ended[0].error.message, /content/);
  assertNoSecret(secretsOf(connection), [JSON.stringify(ended[0])]);
});

test('a reply that comes too late is an error; WeCom had an empty answer in time', async (t) => {
  const before = () => new Promise((resolve) => setTimeout(resolve, 5200));
  const { post, caller, ended, engine, begun } = await listen(t, { reply: { msg_type: 'text', content: 'x' }, before });
  // The wait begins with the request, not with the credentials.
  const callback = engine.credentials.weComCallbackApi;
  Object.defineProperty(engine.credentials, 'weComCallbackApi', {
    get: () => new Promise((resolve) => setTimeout(resolve, 600, callback)),
  });
  const began = Date.now();
  const start = performance.now();
  const response = await post(caller.post(caller.text('x')));
  assert.deepEqual([response.status, await response.text()], [200, '']);
  const waited = performance.now() - start;
  assert.ok(waited > 4000 && waited < 5000, `${waited} ms`);
  // A worker refuses before the answer is given.
  const { until } = begun[0].reply_to;
  assert.ok(until - began >= 4200 && until - began < 4500, `${until - began} ms`);
  for (let time = 0; time < 50 && ended.length === 0; time += 1) await new Promise((r) => setTimeout(r, 100));
  assert.match(ended[0].error.message, /too late/);
});

test('a reply to an event that waits for none is an error that says what to switch on', async (t) => {
  const { post, caller, engine, begun } = await listen(t);
  await post(caller.post(caller.text('x')));
  const flow = flowWith({ msg_type: 'text', content: 'x' });
  const { error, answer } = await engine.runAnswering(flow, 'Trigger', [{ json: begun[0] }]);
  assert.match(error.message, /Answer From the Workflow/);
  assert.equal(answer, undefined);
});

test('the form of a reply shows what its kind has', () => {
  const shown = (parameters) => {
    const { kept } = it.engine.parametersOf({ type: REPLY, typeVersion: 1, parameters });
    return Object.keys(kept);
  };
  const all = { content: 'x', media_id: 'm', replace_name: 'r' };
  // n8n keeps no default.
  assert.deepEqual(shown({ msg_type: 'text', ...all }), ['content']);
  assert.deepEqual(shown({ msg_type: 'image', ...all }), ['msg_type', 'media_id']);
  assert.deepEqual(shown({ msg_type: 'update_button', ...all }), ['msg_type', 'replace_name']);
});

test('the test of the credentials holds the values against their rules', async () => {
  const right = await it.engine.testCredential('testCallback', newConnection(), TRIGGER);
  assert.equal(right.status, 'OK');
  assert.match(right.message, /verifies/);
  const wrong = await it.engine.testCredential('testCallback', newConnection({ encoding_aes_key: 'x' }), TRIGGER);
  assert.equal(wrong.status, 'Error');
  assert.match(wrong.message, /EncodingAESKey \(encoding_aes_key\)/);
});

test('by card: the simulator verifies the URL, a button is pressed, the card is updated', async (t) => {
  const { corp_id, agent_id } = it.simulator.connection('application');
  const connection = newConnection({ receive_id: corp_id });
  const place = await listen(t, { connection, events: ['event/template_card_event'] });
  const { token, encoding_aes_key } = connection;
  const act = async (path, body) => {
    const response = await fetch(`${it.simulator.baseUrl}/simulator/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const refused = await act('callback', { agent_id, url: place.url, token: 'another', encoding_aes_key });
  assert.notEqual(refused.errcode, 0);
  const set = await act('callback', { agent_id, url: place.url, token, encoding_aes_key });
  assert.equal(set.errcode, 0, JSON.stringify(set));

  const card = {
    to_user: ['zhangsan'],
    main_title: { title: '采购单17号' },
    task_id: `order-${Date.now()}`,
    button_list: [{ text: '同意', key: 'approve' }],
  };
  const sent = await it.engine.run(it.form('push-button-card', card));
  assert.ifError(sent.error);
  const pressed = await act('press', { user_id: 'zhangsan', key: 'approve', task_id: card.task_id });
  assert.equal(pressed.errcode ?? 0, 0, JSON.stringify(pressed));
  for (let time = 0; time < 50 && place.begun.length === 0; time += 1) await new Promise((r) => setTimeout(r, 100));
  const [event] = place.begun;
  assert.equal(event.topic, 'event/template_card_event');
  assert.equal(event.from_user, 'zhangsan');

  // As the example has it: by expressions on what came in.
  const values = { response_code: '={{ $json.fields.response_code }}', replace_name: '已同意' };
  const form = { ...it.form('update-card', values), user_ids: '={{ [$json.from_user] }}' };
  const { error, status } = await it.engine.run(form, { items: [{ json: event }] });
  assert.ifError(error);
  assert.equal(status, 'success');
  assert.equal((await it.simulator.at('message/update_template_card')).at(-1).errcode, 0);
});
