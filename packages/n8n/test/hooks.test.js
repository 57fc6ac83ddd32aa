/** Where a run broke off with its process, the saved error says that WeCom may have its messages. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { manifest } from 'wecom-connector/palette';
import { bench } from './support/bench.js';
import { PACKAGE, TYPE } from './support/n8n.js';

const it = bench();
const require = createRequire(import.meta.url);
const { LoggerProxy } = require('n8n-workflow');

const SILENT = 'This execution failed to be processed too many times and will no longer retry.';
const CRASHED = 'Workflow did not finish, possible out-of-memory issue';
const LOOK = /Look in WeCom before you run it again/;

/** As n8n saves it: a list of values, which name each other by their place. Another value has the same text. */
const saved = (message) =>
  JSON.stringify([
    { version: 1, resultData: '1' },
    { error: '2', runData: '3' },
    { level: '4', message: '5', stack: '6' },
    { Note: '7' },
    'warning',
    message,
    `Error: ${message}\n    at here`,
    { text: '5' },
  ]);

/** The table of n8n's that has it, as far as the hook needs it. */
function database(data) {
  const rows = new Map(data === undefined ? [] : [['7', { executionId: '7', data }]]);
  const find = (entity, { executionId, data: wanted }) => {
    assert.equal(entity, 'ExecutionData');
    const row = rows.get(executionId);
    return row && (wanted === undefined || wanted === row.data) ? row : null;
  };
  const manager = {
    findOneBy: async (entity, where) => structuredClone(find(entity, where)),
    update: async (entity, where, change) => {
      const row = find(entity, where);
      if (row) Object.assign(row, change);
      return { affected: row ? 1 : 0 };
    },
  };
  return { manager, data: () => rows.get('7')?.data };
}

const sender = (parameters = {}, fields = {}) => ({
  name: 'Tell them',
  type: TYPE,
  parameters: { resource: 'app-message', operation: 'push-text-message', ...parameters },
  ...fields,
});
const runOf = (message, status = 'error') => ({ status, data: { resultData: { error: { message }, runData: {} } } });

/** Calls the hook as n8n does; what it has logged. */
async function call(context, run, nodes) {
  const warnings = [];
  LoggerProxy.init({ warn: (text) => warnings.push(text) });
  const [hook] = require(join(it.folder, 'dist/hooks.js')).workflow.postExecute;
  await hook.call(context, run, { nodes }, '7');
  return warnings;
}
const contextOf = ({ manager }) => ({ dbCollections: { Workflow: { manager } } });

/** What is saved then, too. */
async function warned(nodes, { message = SILENT, status, base = database(saved(message)) } = {}) {
  const warnings = await call(contextOf(base), runOf(message, status), nodes);
  const values = JSON.parse(base.data());
  return { values, text: values[values[2].message], warnings };
}

test('the file has nothing but the hook, since n8n takes all in it for hooks', () => {
  const { workflow, ...others } = require(join(it.folder, 'dist/hooks.js'));
  assert.deepEqual([Object.keys(workflow), others], [['postExecute'], {}]);
});

test('a lost worker: the text names the node, tells to look in WeCom, and ends with n8n’s own', async () => {
  const { values, text, warnings } = await warned([sender()]);
  assert.match(text, LOOK);
  assert.match(text, /“Tell them”/);
  assert.ok(text.endsWith(SILENT), text);
  assert.deepEqual(warnings, []);
  // Nothing else is another, not even a value with the same text.
  const before = JSON.parse(saved(SILENT));
  const { message, ...error } = values[2];
  assert.deepEqual({ ...error, message: before[2].message }, before[2]);
  assert.deepEqual(values.toSpliced(2, 1, before[2]).slice(0, before.length), before);
});

test('a process that starts again finds a run that crashed', async () => {
  const { text } = await warned([sender()], { message: CRASHED, status: 'crashed' });
  assert.match(text, LOOK);
  assert.ok(text.endsWith(CRASHED), text);
});

test('other errors, and success, keep what n8n has saved', async () => {
  const refused = 'Push a text message: 81013';
  assert.equal((await warned([sender()], { message: refused })).text, refused);
  const success = { status: 'success', data: { resultData: { runData: {} } } };
  // Without a word, and without a database.
  for (const run of [success, { status: 'success' }]) assert.deepEqual(await call({}, run, [sender()]), []);
});

test('only what may have changed something counts', async () => {
  const quiet = [
    sender({ resource: 'member', operation: 'get-member' }),
    // It may be repeated: the same once more.
    sender({ resource: 'media', operation: 'upload-media' }),
    sender({}, { disabled: true }),
    sender({}, { type: 'n8n-nodes-base.httpRequest' }),
    sender({}, { type: `${PACKAGE}.weComTrigger` }),
    sender({}, { type: 'n8n-nodes-of-somebody-else.weCom' }),
    sender({}, { type: 'n8n-nodes-of-somebody-else.weComTool' }),
    sender({ operation: 'from-another-version' }),
  ];
  for (const node of quiet) assert.equal((await warned([node])).text, SILENT, JSON.stringify(node));
  const loud = [
    sender({ resource: 'group-chat', operation: 'create-group-chat' }),
    sender({ resource: 'any-api', operation: 'call-api' }),
    sender({}, { type: `${TYPE}Tool` }),
  ];
  for (const node of loud)
    assert.match((await warned([node])).text, /“Tell them”.*Look in WeCom/, JSON.stringify(node));
});

test('what a form begins with counts, though n8n does not save it', async () => {
  const { properties } = it.description;
  const resource = properties.find(({ name }) => name === 'resource');
  const seen = new Set();
  for (const { value } of resource.options) {
    const isOperation = ({ name, displayOptions }) =>
      name === 'operation' && displayOptions.show.resource.includes(value);
    const operation = properties.find(isOperation).default;
    const { kept } = it.engine.parametersOf(sender({ resource: value, operation }));
    assert.equal(kept.operation, undefined);
    assert.equal(kept.resource, value === resource.default ? undefined : value);
    const { idempotent } = manifest.actions.find(({ id }) => id === operation);
    const { text } = await warned([sender({}, { parameters: kept })]);
    assert.equal(LOOK.test(text), !idempotent, operation);
    seen.add(idempotent);
  }
  assert.equal(seen.size, 2);
});

test('with Duplicate Check it may be run again, where that is seen', async () => {
  const checked = (seconds, more = {}) => ({ additionalFields: { duplicate_check_interval: seconds, ...more } });
  const { text } = await warned([sender(checked(1800)), sender(checked(600), { name: 'And them' })]);
  assert.match(text, /“Tell them”, “And them”\. Within 600 seconds of the first run/);
  assert.doesNotMatch(text, /is not known/);
  const both = await warned([sender(checked(1800)), sender({}, { name: 'And them' })]);
  assert.match(both.text, /not known: “And them”\. Look in WeCom.*With Duplicate Check: “Tell them”\. Within/);
  const unseen = [
    checked('={{ $json.seconds }}'),
    checked(1800, { parametersAsJson: '={{ $json }}' }),
    checked(0),
    // An action that does not know it.
    { resource: 'chatbot-message', operation: 'push-text-message-by-chatbot', ...checked(1800) },
  ];
  for (const parameters of unseen) assert.match((await warned([sender(parameters)])).text, LOOK);
});

test('called twice, it says it once', async () => {
  const base = database(saved(SILENT));
  const { text } = await warned([sender()], { base });
  for (const message of [SILENT, text]) {
    const again = await warned([sender()], { base, message });
    assert.deepEqual([again.text, again.warnings], [text, []]);
  }
});

test('where it cannot say so, nothing is changed, n8n goes on, and one line is in the log', async () => {
  const changing = database(saved(SILENT));
  const { findOneBy } = changing.manager;
  changing.manager.findOneBy = async (...args) => {
    const row = await findOneBy(...args);
    // Another process saves in between.
    await changing.manager.update('ExecutionData', { executionId: '7' }, { data: saved('another') });
    return row;
  };
  const failing = database(saved(SILENT));
  failing.manager.findOneBy = async () => {
    throw new Error('No metadata for "ExecutionData" was found.');
  };
  const cases = [
    [database(), /not in the database/, undefined],
    [database('{}'), /form/, '{}'],
    [database('[]'), /form/, '[]'],
    [database('not JSON'), /JSON/, 'not JSON'],
    [database(saved('another')), /form/, saved('another')],
    [changing, /changed by another/, saved('another')],
    [failing, /No metadata/, saved(SILENT)],
  ];
  for (const [base, why, left] of cases) {
    const warnings = await call(contextOf(base), runOf(SILENT), [sender()]);
    assert.equal(base.data(), left);
    assert.equal(warnings.length, 1, String(why));
    assert.match(warnings[0], /^Execution 7 broke off, and WeCom may have its messages/);
    assert.match(warnings[0], why);
  }
  assert.equal((await call(undefined, runOf(SILENT), [sender()])).length, 1);
});

test('in Chinese where n8n is told to speak Chinese', async () => {
  const program = `
    const [hook] = require(process.argv[1] + '/dist/hooks.js').workflow.postExecute;
    let data = process.argv[2];
    const manager = { findOneBy: async () => ({ data }), update: async (_, __, change) => { data = change.data; return { affected: 1 }; } };
    hook.call({ dbCollections: { Workflow: { manager } } }, JSON.parse(process.argv[3]), JSON.parse(process.argv[4]), '7')
      .then(() => console.log(data));`;
  const run = [saved(SILENT), JSON.stringify(runOf(SILENT)), JSON.stringify({ nodes: [sender()] })];
  const { stdout } = await promisify(execFile)(process.execPath, ['--eval', program, it.folder, ...run], {
    env: { ...process.env, N8N_DEFAULT_LOCALE: 'zh-CN' },
  });
  const values = JSON.parse(stdout);
  const text = values[values[2].message];
  assert.match(text, /“Tell them”。再次运行前，请先到企业微信确认。/);
  assert.ok(text.endsWith(SILENT), text);
});
