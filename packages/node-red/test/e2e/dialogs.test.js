/**
 * Every action from the palette to WeCom: dragged, its dialog filled in by hand with the sample of the manifest, deployed,
 * and run against the simulator.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifest, titleIn } from 'wecom-connector/palette';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { valuesOf } from '../../src/editor/browser/values.js';
import { languages } from '../../src/editor/catalog.js';
import { languageOf } from '../../src/nodes/texts.js';
import { connectionNode } from '../support/flows.js';
import { runAll, runnable, Simulator } from '../support/shared.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const types = [...new Set(manifest.actions.map(({ connection_type }) => connection_type))];

/** What the manifest says of an action in a language. */
function wordsOf(action, tag) {
  const translated = manifest.locales['zh-CN'].actions[action.id].parameters;
  const label = (name, value) => {
    const { title } = action.parameters.properties[name].oneOf.find((choice) => choice.const === value);
    return languageOf(tag) === 'zh' ? translated[name].choices[value] : title;
  };
  const title = (name) => titleIn(action.parameters, translated, name, languageOf(tag));
  return { action: action.title[languageOf(tag)], label, title };
}

/** How an action looks before anybody opens it: icon and help. */
async function assertPresented(editor, nodeRed, action, id, tag) {
  const icon = await editor.paletteIcon(`wecom-${action.id}`);
  const svg = await (await fetch(new URL(icon, nodeRed.url))).text();
  const dataUrl = manifest.icons?.[action.icon] ?? manifest.icon;
  assert.equal(svg, decodeURIComponent(dataUrl.slice(dataUrl.indexOf(',') + 1)));

  const words = wordsOf(action, tag);
  const help = await editor.help(id);
  for (const name of Object.keys(action.parameters.properties)) {
    assert.ok(help.includes(words.title(name)), `${words.title(name)} is not in the help: ${help}`);
  }
  assert.equal(/\p{Script=Han}{8}/u.test(help), languageOf(tag) === 'zh', help);
}

/** Where the value of a field can come from, but for the literal. */
function sources({ properties, items, 'x-ui': ui }) {
  const clear = ui?.clear ? ['clear'] : [];
  // Records are never in the environment, but they can be written as JSON.
  if (properties ?? items?.properties) return ['json', 'msg', 'flow', 'global', 'jsonata', ...clear];
  return ['msg', 'flow', 'global', 'env', 'jsonata', ...clear];
}

/**
 * Fills the dialog that is open; every field takes every kind of expression, and choices have their labels.
 *
 * @param {Set<string>} seen Kinds of fields whose menu was opened already: the others of that kind are asked for theirs.
 */
async function fillDialog(editor, action, parameters, tag, seen) {
  const words = wordsOf(action, tag);
  for (const [name, value] of Object.entries(parameters)) {
    const schema = action.parameters.properties[name];
    await editor.fillField(name, schema, value);
    if (schema.oneOf) assert.equal(await editor.chosen(name), words.label(name, value));
  }
  await editor.unfold();
  for (const [name, schema] of Object.entries(action.parameters.properties)) {
    const wanted = sources(schema);
    assert.deepEqual((await editor.types(name)).slice(1), wanted, name);
    const kind = [schema.type, schema.items?.type, schema.oneOf !== undefined, schema['x-ui']?.widget, wanted].join();
    if (seen.has(kind)) continue;
    seen.add(kind);
    const offered = await editor.offeredTypes(name);
    assert.deepEqual(offered.slice(1), wanted, name);
  }
}

/** A flow that answers HTTP for each of the nodes: with its output, or with why there is none. */
function served(nodes) {
  return nodes.flatMap((node) => {
    const placed = { z: node.z, x: 10, y: 10 };
    const [begin, fail, end] = ['begin', 'fail', 'end'].map((part) => `${part}-${node.id}`);
    return [
      { ...placed, id: begin, type: 'http in', url: `/run/${node.type}`, method: 'get', wires: [[node.id]] },
      { ...node, wires: [[end]] },
      { ...placed, id: fail, type: 'catch', scope: [node.id], wires: [[`change-${node.id}`]] },
      {
        ...placed,
        id: `change-${node.id}`,
        type: 'change',
        rules: [
          { t: 'set', p: 'statusCode', pt: 'msg', to: '500', tot: 'num' },
          { t: 'set', p: 'payload', pt: 'msg', to: 'error.message', tot: 'msg' },
        ],
        wires: [[end]],
      },
      { ...placed, id: end, type: 'http response', wires: [] },
    ];
  });
}

test('all actions are dragged, take their sample without a complaint, and run', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const browser = await launchBrowser();
  t.after(() => browser.close());

  const connections = types.map((type) => connectionNode(`connection-${type}`, simulator.connection(type)));
  // Each language gets its share of the work, on a tab of its own: that is as many as a person sees without scrolling.
  const shares = languages.map(({ tag }, index) => ({
    tag,
    actions: manifest.actions.filter((_, position) => position % languages.length === index),
  }));
  const tabs = shares.map(({ tag }) => ({ id: `tab-${tag}`, type: 'tab', label: tag }));
  const seen = new Set();
  // Most of a dialog's time is its sliding in and out: one of each language can be open at once.
  const work = shares.map(async ({ tag, actions }) => {
    const nodeRed = await NodeRed.start();
    t.after(() => nodeRed.stop());
    await nodeRed.deploy([...tabs, ...connections.map(({ node, credentials }) => ({ ...node, credentials }))]);
    const editor = await Editor.open(browser, nodeRed, { locale: tag });
    await editor.showFlow(`tab-${tag}`);
    const step = editor.steps(`dialogs-${tag}`);
    const troubles = [];
    editor.page.on('pageerror', (error) => troubles.push(error.message));
    editor.page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    for (const [position, action] of actions.entries()) {
      await step(action.id, async () => {
        const parameters = runnable(action, {});
        const [x, y] = [160 + (position % 3) * 300, 40 + Math.floor(position / 3) * 45];
        const id = await editor.drag(`wecom-${action.id}`, x, y);
        await assertPresented(editor, nodeRed, action, id, tag);
        await editor.edit(id);
        await editor.chooseConnection(`connection-${action.connection_type}`);
        await fillDialog(editor, action, parameters, tag, seen);
        const wrong = await editor.page
          .locator('.wecom-wrong, .wecom-warned')
          .evaluateAll((rows) => rows.map((row) => row.textContent));
        assert.deepEqual(wrong, []);
        const summaries = await editor.page.locator('.wecom-entry-summary').allTextContents();
        assert.deepEqual(
          summaries.filter((text) => /^\d+$/.test(text)),
          [],
          'what tells entries apart is words',
        );
        const width = await editor.page.locator('#dialog-form').evaluate((form) => form.scrollWidth - form.clientWidth);
        assert.equal(width, 0, 'nothing is wider than the dialog');
        if (Object.keys(parameters).length > 7) await editor.screenshot(`dialog-${action.id}-${tag}`);
        await editor.done();
        const saved = () =>
          editor.page.evaluate((nodeId) => {
            const { fields, lang } = RED.nodes.node(nodeId);
            return { fields, lang };
          }, id);
        const node = await saved();
        assert.deepEqual(valuesOf(node.fields).values, parameters);
        assert.equal(node.lang, tag);
        assert.deepEqual(await editor.problems(id), []);

        // Opened again and closed, it is what it was.
        await editor.edit(id);
        await editor.done();
        assert.deepEqual(await saved(), node);
      });
    }
    await step('deploy', () => editor.deploy());
    assert.deepEqual(troubles, []);
    await editor.close();
    return { nodeRed, flows: await nodeRed.flows() };
  });
  const done = await Promise.all(work);

  const [{ nodeRed, flows }] = done;
  const placed = done.flatMap((share) => share.flows.filter(({ fields }) => fields));
  assert.deepEqual(
    placed.map(({ type }) => type).sort(),
    manifest.actions.map(({ id }) => `wecom-${id}`).sort(),
    'every action is deployed',
  );
  // What is withdrawn is known only when it was sent.
  for (const { fields } of placed.filter((node) => node.fields.msg_id)) {
    fields.msg_id = { type: 'msg', value: 'req.query.msg_id' };
  }
  const rest = flows.filter(({ fields }) => !fields);
  await nodeRed.deploy([...rest, ...served(placed)]);
  await simulator.clear();
  const reasons = new Map();
  const refused = await runAll(manifest.actions, async ({ id }, { msg_id = '' }) => {
    const answer = await fetch(new URL(`run/wecom-${id}?msg_id=${msg_id}`, nodeRed.url));
    const text = await answer.text();
    reasons.set(id, text);
    return answer.ok ? JSON.parse(text) : undefined;
  });
  assert.deepEqual(
    refused.map(({ id }) => `${id}: ${reasons.get(id)}`),
    [],
  );
  // A file that is downloaded comes without a code.
  const taken = (await simulator.settled()).filter(
    ({ path, status, errcode }) => status === 200 && !errcode && !path.endsWith('/gettoken'),
  );
  assert.equal(taken.length, manifest.actions.length);
});
