/** What a person, a flow and a model are told where something fails. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { assertNoSecret } from '../../js/test/support/secrets.js';
import { startWecom } from '../../js/test/support/wecom.js';
import { failureOf } from '../src/nodes/failure.js';
import { bench } from './support/bench.js';
import { Engine, installed, TYPE, version } from './support/n8n.js';

const it = bench();
const push = (parameters = {}) => it.form('push-text-message', { to_user: ['nobody'], content: 'x', ...parameters });

test('a refusal: title and code in the message, what to do below it', async () => {
  const { status, error } = await it.engine.run(push());
  assert.equal(status, 'error');
  assert.equal(error.name, 'NodeApiError');
  assert.match(error.message, /^Push a text message: WeCom's answer 81013/);
  assert.match(error.description, /^Nobody received this message: compare Receiver ID/);
  assert.match(error.description, /More: https:\/\/open\.work\.weixin\.qq\.com/);
  // n8n would show WeCom's code as one of HTTP.
  assert.equal(error.httpCode, null);
  assert.equal(error.context.itemIndex, 0);
  assert.equal(error.context.data.class, 'permanent-rejected');
  assertNoSecret(it.simulator.secrets(), error, error.description);
});

test('rules that were broken: every field by its name, and WeCom was not asked', async () => {
  await it.simulator.clear();
  const { error } = await it.engine.run(push({ content: "={{ '' }}", duplicate_check_interval: 99999 }));
  assert.equal(error.name, 'NodeOperationError');
  assert.match(error.message, /Content \(content\)/);
  assert.match(error.message, /Duplicate Check \(duplicate_check_interval\)/);
  assert.equal(error.context.data.class, 'permanent-invalid-parameters');
  assert.deepEqual(await it.simulator.settled(), []);
});

test('values of other types, as expressions bring them', async () => {
  await it.simulator.clear();
  const given = { ...push(), to_user: '={{ { a: 1 } }}', content: '={{ [1, 2] }}' };
  const { error } = await it.engine.run(given);
  assert.equal(error.name, 'NodeOperationError');
  assert.match(error.message, /Receiver ID \(to_user\)/);
  assert.match(error.message, /Content \(content\)/);
  assert.deepEqual(await it.simulator.settled(), []);
});

test('lists of records that an expression brings', async () => {
  const form = it.form('push-news-message', { to_user: ['zhangsan'] });
  const run = (parametersAsJson) => it.engine.run({ ...form, additionalFields: { parametersAsJson } });
  const wrong = await run(
    "={{ { articles: [{ title: 'a', url: 'https://example.com' }, { title: 'b', url: 'no' }] } }}",
  );
  assert.match(wrong.error.message, /Articles 2: Redirection URL \(articles\/1\/url\)/);
  const right = await run('{"articles": [{"title": "a", "url": "https://example.com"}]}');
  assert.equal(right.status, 'success');
  for (const given of ['{"articles":', '[]', '={{ 7 }}']) {
    const { error } = await run(given);
    assert.match(error.message, /Push articles with links: Parameters as JSON \(parametersAsJson\) must be/);
  }
});

test('one item of a thousand: it is named, and the others go on if the node says so', async () => {
  const items = Array.from({ length: 1000 }, (_, index) => ({ json: { id: index === 700 ? 0 : 1 } }));
  const parameters = { ...it.form('get-department', {}), id: '={{ $json.id }}' };
  const stopped = await it.engine.run(parameters, { items });
  assert.equal(stopped.error.context.itemIndex, 700);
  const { items: results } = await it.engine.run(parameters, { items, settings: { onError: 'continueRegularOutput' } });
  assert.equal(results.length, 1000);
  assert.deepEqual(
    results.flatMap(({ json }, index) => (json.error ? [index] : [])),
    [700],
  );
});

test('an address where nobody listens: nothing was sent, n8n may try again', async () => {
  const { error } = await it.engineWith({ base_url: 'http://127.0.0.1:9' }).run(push());
  assert.equal(error.context.data.class, 'retryable');
  // In the connector's words, not in n8n's.
  assert.match(error.message, /Push a text message/);
  assert.deepEqual(error.failure, { cause: 'temporarily-unavailable' });
});

test('a wrong secret is a credential that is invalid', async () => {
  const { error } = await it.engineWith({ app_secret: 'not-the-secret-at-all' }).run(push());
  assert.match(error.message, /40001/);
  assert.deepEqual(error.failure, { cause: 'credential-invalid' });
  assertNoSecret(['not-the-secret-at-all'], error, error.description);
});

test('the causes of n8n from 2.41 on', () => {
  const rejected = { class: 'permanent-rejected' };
  const retryable = { class: 'retryable' };
  const cases = [
    [
      { ...retryable, category: 'limit', retryAfterSeconds: 60 },
      { cause: 'rate-limited', retryAfterMs: 60_000 },
    ],
    [{ ...rejected, category: 'limit' }, { cause: 'quota-exhausted' }],
    [{ ...rejected, category: 'permission' }, { cause: 'configuration-invalid' }],
    [{ ...rejected, category: 'not-found' }, { cause: 'configuration-invalid' }],
    [{ ...retryable, category: 'service' }, { cause: 'temporarily-unavailable' }],
    // Neither a wait nor a correction helps: a person has to look.
    [{ class: 'permanent-outcome-unknown', category: 'network' }, undefined],
    [{ ...rejected, category: 'content' }, undefined],
  ];
  for (const [error, failure] of cases) assert.deepEqual(failureOf(error), failure);
});

test('as a tool the message alone says what to do', async () => {
  const { error } = await it.engine.run(push(), { settings: { type: `${TYPE}Tool` } });
  assert.match(error.message, /81013/);
  assert.match(error.message, /Receiver ID/);
});

test('without credentials n8n says so by itself', async () => {
  const { error } = await it.engine.run(push(), { settings: { credentials: {} } });
  assert.match(error.message, /credentials/);
});

test('with credentials of another type it says which are wanted', async () => {
  const credentials = { weComChatbotApi: { id: 'weComChatbotApi', name: 'Group' } };
  const { error, status } = await it.engine.run(push(), { settings: { credentials } });
  assert.equal(status, 'error');
  assert.match(error.message, /weComApplicationApi/);
});

test('credentials whose values are of another type: each field by its name, and WeCom is not asked', async () => {
  await it.simulator.clear();
  const engine = it.engineWith({ agent_id: 'one million', corp_id: 17, timeout_seconds: 'soon' });
  const { error, good, bad } = await engine.run(push(), { settings: { onError: 'continueErrorOutput' } });
  assert.ifError(error);
  assert.deepEqual([good.length, bad.length], [0, 1]);
  const { class: kind, message } = bad[0].json.error;
  assert.equal(kind, 'permanent-invalid-parameters');
  for (const name of ['agent_id', 'timeout_seconds']) assert.ok(message.includes(name), message);
  assert.deepEqual(await it.simulator.settled(), []);
});

test('an operation of another version of the package', async () => {
  const { error } = await it.engine.run({ ...push(), operation: 'push-fax' });
  assert.match(error.message, /push-fax/);
});

test('without the component, or with another one: what to do, and nothing was sent', async (t) => {
  const cases = [
    [(path) => rm(path), /the component is missing.*Install the package again/],
    // A module that exports nothing.
    [(path) => writeFile(path, Buffer.from('0061736d01000000', 'hex')), /the component is no connector.*Install/],
  ];
  for (const [harm, words] of cases) {
    const { folder, loader } = await installed(t);
    await harm(join(folder, 'dist/component/connector.core.wasm'));
    const { status, error } = await new Engine(loader, it.engine.credentials).run(push());
    assert.equal(status, 'error');
    assert.match(error.message, words);
    assert.equal(error.context.data.class, 'permanent-rejected');
  }
});

test('where a run is stopped, the call is, and says what may have happened', async (t) => {
  let cancel;
  const wecom = await startWecom(t, () => {
    cancel();
    return undefined;
  });
  const engine = it.engineWith(wecom.connection);
  const run = engine.begin(push());
  cancel = () => run.cancel();
  const { error } = await run;
  assert.match(`${error?.message} ${error?.description}`, /look in WeCom/);
});

test('in Chinese where n8n is told to speak Chinese', async () => {
  const program = `
    const { WeCom, WeComApplicationApi } = require(process.argv[1] + '/dist/wecom.js');
    const { description } = new WeCom();
    console.log(JSON.stringify({ description, credential: new WeComApplicationApi() }));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program, it.folder], {
    env: { ...process.env, N8N_DEFAULT_LOCALE: 'zh-CN' },
    maxBuffer: 1e8,
  });
  const { description, credential } = JSON.parse(stdout);
  assert.equal(description.displayName, '企业微信');
  assert.equal(credential.displayName, '企业微信应用');
  const [resource] = description.properties;
  assert.ok(resource.options.some(({ name }) => name === '应用消息'));
  const words = (entries) =>
    entries.flatMap(({ displayName, options = [], values = [], placeholder }) => [
      displayName,
      ...(placeholder ? [placeholder] : []),
      ...words(options.filter((option) => option.displayName)),
      ...options.filter((option) => !option.displayName).map(({ name }) => name),
      ...words(values),
    ]);
  // Some names are Latin in Chinese, too: AppSecret, GET.
  const latin = new Set(words(description.properties).filter((word) => !/\p{Script=Han}/u.test(word)));
  assert.deepEqual(
    [...latin].filter((word) => /\s[a-z]/.test(word)),
    [],
  );
});

test(`n8n-core ${version} is among those that this package is made for`, () => {
  assert.match(version, /^2\./);
});
