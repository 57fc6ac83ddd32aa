/**
 * n8n on its queue, with a main process and two workers that are ended: what reaches WeCom, and how often.
 *
 *     node queue.js [--runs 1000] <n8n-nodes-wecom-connector-….tgz>
 *
 * README.md says what it needs.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { newConnection } from '../../../packages/js/test/support/callbacks.js';
import { Simulator } from '../../../packages/js/test/support/simulator.js';
import { argumentsOf, example, rowOf, run, sleep, TYPE, until } from './whole.js';

/** Runs that are begun in a second while workers are killed. */
const PACE = 10;

const { tarball, runs } = argumentsOf({ runs: 1000 });

/** Stands before WeCom: it hands a request on at once, and the answer back as late as it is told to. */
async function slow(target) {
  const it = { delay: 0 };
  const server = createServer(async (request, response) => {
    const { method, url, headers } = request;
    const body = Buffer.concat(await request.toArray());
    const type = headers['content-type'];
    const answer = await fetch(target + url, {
      method,
      headers: type ? { 'content-type': type } : {},
      ...(body.length > 0 && { body }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (url.includes('/message/send')) await sleep(it.delay);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' });
    response.end(bytes);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  it.url = `http://127.0.0.1:${server.address().port}`;
  it.stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return it;
}

await run({ tarball, hasQueue: true }, async (n8n) => {
  await n8n.main();
  const workers = await Promise.all(['worker-1', 'worker-2'].map((name) => n8n.worker(name)));
  const taken = () => workers.map(({ log }) => log().match(/Worker started execution/g)?.length ?? 0);
  /** Which worker has the run that was begun last. */
  const busy = (before) => taken().findIndex((count, index) => count > before[index]);
  let started = workers.length;
  const again = async (index) => {
    started += 1;
    workers[index] = await n8n.worker(`worker-${started}`);
  };

  const simulator = await Simulator.start();
  const proxy = await slow(simulator.baseUrl);
  /** Texts that members got: what WeCom dropped as a duplicate is not among them. */
  const delivered = async (about) => {
    const answer = await fetch(`${simulator.baseUrl}/simulator/messages`);
    const messages = await answer.json();
    return messages.map(({ body }) => body.text.content).filter((text) => text.includes(about));
  };

  /** Ends the worker that has a run while WeCom has its message and has not answered; every run of the flow then. */
  const endBusyWorker = async (flow, text, signal) => {
    const count = n8n.executions(flow.id).length + 1;
    proxy.delay = 8000;
    const before = taken();
    await flow.begin(text);
    await until('WeCom has the message', async () => (await delivered(text)).length > 0);
    const index = busy(before);
    workers[index].child.kill(signal);
    await workers[index].ended;
    proxy.delay = 0;
    const all = await n8n.ended(flow.id, count);
    await again(index);
    return all;
  };
  /** The error that the page of an execution shows, when the package has said what n8n does not know. */
  const saidOf = (id) =>
    until(`the error of ${id} speaks of WeCom`, async () => {
      const message = (await n8n.resultOf(id)).error?.message;
      return message?.includes('WeCom') && message;
    });

  const application = simulator.connection('application', { base_url: proxy.url });
  const credentials = await n8n.credential('WeCom', application);
  const node = (fields) => ({
    name: 'WeCom',
    type: TYPE,
    typeVersion: 1,
    credentials,
    retryOnFail: true,
    parameters: {
      resource: 'app-message',
      operation: 'push-text-message',
      to_user: ['zhangsan'],
      content: '={{ $json.body.text }}',
      ...fields,
    },
  });

  try {
    const spread = await n8n.flow('spread', [node()]);
    let left = 40;
    const caller = async () => {
      while (left > 0) {
        left -= 1;
        await spread.begin(`message ${left}.`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, caller));
    const forty = await n8n.ended(spread.id, 40);
    assert.deepEqual([...new Set(forty.map(({ status }) => status))], ['success']);
    const sent = await delivered('message');
    assert.equal(new Set(sent).size, 40);
    assert.equal(sent.length, 40);
    const counts = taken();
    assert.ok(
      counts.every((count) => count > 0),
      `runs by worker: ${counts}`,
    );
    const tokens = (await simulator.settled()).filter(({ path }) => path.endsWith('/gettoken')).length;
    assert.ok(tokens <= workers.length, `${tokens} tokens`);
    console.log(`40 runs: ${counts.join(' and ')} by worker, 40 messages, ${tokens} tokens`);

    // WeCom asks the main process, and a worker answers: in time, and then too late.
    const { corp_id: receive_id, agent_id } = application;
    const callback = newConnection({ receive_id });
    const placed = { typeVersion: 1, credentials: await n8n.credential('WeCom', callback) };
    const answering = async (name, between) => {
      const nodes = [
        { ...placed, name: 'WeCom Trigger', type: `${TYPE}Trigger`, webhookId: name, parameters: { isAnswered: true } },
        ...between,
        {
          ...{ ...placed, name: 'WeCom Reply', type: `${TYPE}Reply` },
          parameters: { msg_type: 'text', content: '=You wrote: {{ $json.fields.content }}' },
        },
      ];
      const { id } = await n8n.workflow({ name, ...rowOf(nodes) });
      const { token, encoding_aes_key } = callback;
      const url = `${n8n.url}/webhook/${name}/wecom`;
      const set = await simulator.act('callback', { agent_id, url, token, encoding_aes_key });
      assert.equal(set.errcode, 0, JSON.stringify(set));
      const { callback: wrote } = await simulator.act('write', { user_id: 'zhangsan', agent_id, content: 'hello' });
      const delivery = await simulator.delivered(wrote);
      const [execution] = await n8n.ended(id, 1);
      return { ...delivery, execution };
    };
    const inTime = await answering('in-time', []);
    assert.equal(inTime.reply?.Content, 'You wrote: hello', inTime.reply_error);
    assert.equal(inTime.execution.status, 'success');
    const wait = {
      name: 'Wait',
      type: 'n8n-nodes-base.wait',
      typeVersion: 1.1,
      parameters: { amount: 6, unit: 'seconds' },
    };
    const tooLate = await answering('too-late', [wait]);
    assert.deepEqual([tooLate.state, tooLate.reply, tooLate.attempts.length], ['delivered', null, 1]);
    assert.match((await n8n.resultOf(tooLate.execution.id)).error.message, /too late/);
    console.log(
      'a member writes: a worker answers while WeCom waits; where it is too late, WeCom has had an empty answer',
    );

    // What tells a person: the flow that comes with the package for it.
    const telling = example('English', 'Say that a flow has failed');
    for (const each of telling.nodes) if (each.type === TYPE) each.credentials = credentials;
    const { id: errorWorkflow } = await n8n.workflow(telling);
    const settings = { errorWorkflow };
    const warnings = () => delivered('look in WeCom');

    const late = await n8n.flow('late', [node()], { settings });
    const [lost] = await endBusyWorker(late, 'killed', 'SIGKILL');
    assert.equal(lost.status, 'error');
    await until('a person is told', async () => (await warnings()).length > 0);
    // Whatever would send it again would have done so.
    await sleep(5000);
    assert.equal((await delivered('killed')).length, 1);
    const [warning] = await warnings();
    assert.match(warning, /“late”/);
    const message = await saidOf(lost.id);
    assert.match(message, /“WeCom”\. Look in WeCom before you run it again\..*failed to be processed too many times/);
    console.log(`a worker killed while WeCom had the message: delivered once, the execution is an error, “${message}”`);
    console.log(`and the error workflow tells: ${JSON.stringify(warning)}`);

    const both = await endBusyWorker(late, 'ended', 'SIGTERM');
    assert.deepEqual(both.map(({ status }) => status).sort(), ['error', 'success']);
    assert.equal((await delivered('ended')).length, 1);
    console.log('a worker told to end: it finished the call first, delivered once');

    const checked = await n8n.flow('checked', [node({ additionalFields: { duplicate_check_interval: 1800 } })]);
    const [broken] = await endBusyWorker(checked, 'checked', 'SIGKILL');
    assert.equal(broken.status, 'error');
    const repeatable = await saidOf(broken.id);
    assert.match(repeatable, /“WeCom”\. Within 1800 seconds of the first run/);
    await checked.begin('checked');
    const two = await n8n.ended(checked.id, 2);
    assert.deepEqual(two.map(({ status }) => status).sort(), ['error', 'success']);
    const asks = (await simulator.at('message/send')).filter(({ body }) => body.text.content === 'checked');
    assert.deepEqual([asks.length, (await delivered('checked')).length], [2, 1]);
    console.log(`with Duplicate Check: “${repeatable}”`);
    console.log('and the flow is run again after that: sent twice, delivered once');

    const many = await n8n.flow('many', [node({ content: '=run {{ $execution.id }}: {{ $json.body.text }}.' })], {
      settings,
    });
    proxy.delay = 400;
    const begun = [];
    let isOver = false;
    let kills = 0;
    const killer = (async () => {
      for (; !isOver; kills += 1) {
        await sleep(2000);
        const { child, ended } = workers[kills % 2];
        child.kill('SIGKILL');
        await ended;
        await again(kills % 2);
      }
    })();
    const beginning = Date.now();
    // So many, and as many more as it takes until both have been killed.
    for (let number = 0; number < runs || kills < 2; number += 1) {
      const call = many.begin(`order ${number}`);
      // Whatever is wrong with it is said below, when all have been begun.
      call.catch(() => {});
      begun.push(call);
      await sleep(beginning + ((number + 1) * 1000) / PACE - Date.now());
    }
    await Promise.all(begun);
    isOver = true;
    await killer;
    const count = begun.length;
    const all = await n8n.ended(many.id, count, 300);
    assert.equal(all.length, count);
    const texts = await delivered('order');
    const times = new Map();
    for (const text of texts) {
      const [, id] = /^run (\d+):/.exec(text);
      times.set(id, (times.get(id) ?? 0) + 1);
    }
    const of = (...wanted) => all.filter(({ status }) => wanted.includes(status)).map(({ id }) => id);
    // n8n calls it a crash where a worker that starts again finds what it left.
    const [good, bad] = [of('success'), of('error', 'crashed')];
    // Nothing but these: none that ended in no way, or in one that nobody sees.
    assert.equal(good.length + bad.length, count);
    assert.equal(new Set(texts.map((text) => text.replace(/^.*: /, ''))).size, texts.length, 'none is doubled');
    assert.deepEqual([...new Set(good.map((id) => times.get(id)))], [1], 'each success is one message');
    const arrived = bad.filter((id) => times.has(id));
    assert.equal(texts.length, good.length + arrived.length);
    assert.ok(arrived.length > 0, 'no worker was killed with a message on its way: nothing is shown');
    // A warning may be killed, too, with the worker that has it; n8n may warn twice.
    const brokenOff = () => n8n.executions(errorWorkflow).filter(({ status }) => status !== 'success').length;
    const told = async () => {
      const ids = (await warnings()).map((text) => /executions\/(\d+)/.exec(text)[1]);
      return bad.filter((id) => ids.includes(id)).length;
    };
    await until('a person is told of each', async () => (await told()) + brokenOff() >= bad.length, 60);
    console.log(
      `${count} runs, ${kills} workers killed in turn: ${good.length} succeeded, ${bad.length} ended as errors, ` +
        `${arrived.length} of which had arrived; ${texts.length} messages, none twice; ` +
        `of ${await told()} of the errors a person is told, and all of them are in n8n's list`,
    );
    for (const id of bad) assert.match(await saidOf(id), /Look in WeCom before you run it again/);
    console.log('and the text of each of the errors says to look in WeCom');

    // A worker that was forgotten when the nodes were installed.
    proxy.delay = 0;
    for (const { child, ended } of workers.splice(0)) {
      child.kill('SIGTERM');
      await ended;
    }
    const withoutNodes = { N8N_USER_FOLDER: mkdtempSync(join(n8n.folder, 'without-')), EXTERNAL_HOOK_FILES: '' };
    await n8n.worker('worker-without', withoutNodes);
    const without = await n8n.flow('without', [node()]);
    await without.begin('to a worker that lacks the nodes');
    const [unknown] = await n8n.ended(without.id, 1);
    assert.equal(unknown.status, 'error');
    assert.deepEqual(await delivered('to a worker'), []);
    const { error } = await n8n.resultOf(unknown.id);
    assert.match(error.message, /n8n-nodes-wecom-connector/);
    console.log(`a worker without the nodes: nothing is sent, the execution is an error, “${error.message}”`);
  } finally {
    await simulator.stop();
    proxy.stop();
  }
});
