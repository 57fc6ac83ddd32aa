/** Fields that hang on something else: on the connection, on what is there already, on a file of this computer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { catalog, languages } from '../../src/editor/catalog.js';
import { connectionNode } from '../support/flows.js';
import { Simulator } from '../support/shared.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

/** The smallest picture there is. */
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC',
  'base64',
);

let simulator;
let browser;
let nodeRed;
before(async () => {
  simulator = await Simulator.start();
  browser = await launchBrowser();
  nodeRed = await NodeRed.start();
});
after(async () => {
  await nodeRed?.stop();
  await browser?.close();
  await simulator?.stop();
});

/** Deploys connections alone, and opens the editor. */
async function opened(t, connections, tag = 'en-US') {
  const nodes = Object.entries(connections).map(([id, connection]) => connectionNode(id, connection));
  const configurations = nodes.map(({ node, credentials }) => ({ ...node, credentials }));
  await nodeRed.deploy([{ id: 'tab', type: 'tab', label: 'fields' }, ...configurations]);
  const editor = await Editor.open(browser, nodeRed, { locale: tag });
  t.after(() => editor.close());
  return editor;
}

for (const speech of languages) {
  test(`an application ID that the connection lacks is demanded in the form, in ${speech.tag}`, async (t) => {
    const { agent_id, ...bare } = simulator.connection('application');
    const editor = await opened(t, { app: bare }, speech.tag);
    const words = catalog(manifest, speech);
    const { title } = words.actions['push-text-message'].parameters.agent_id;
    await editor.steps(`agent-${speech.tag}`)('agent', async () => {
      const id = await editor.drag('wecom-push-text-message', 400, 120);
      await editor.edit(id);
      const row = editor.field('agent_id');
      assert.equal(await row.locator('.wecom-required').isVisible(), true, 'it is starred, and not folded away');
      assert.equal(await row.locator('.wecom-problem').isVisible(), false, 'nobody has come to it yet');
      await editor.fillField('content', { type: 'string' }, 'a');
      await editor.fillField('to_user', { type: 'array' }, ['zhangsan']);
      await editor.done();
      const rule = words.ui.rule.notInConnection;
      const named = words.ui.rule.named.replace('__field__', title).replace('__rule__', rule);
      assert.deepEqual(await editor.problems(id), [named]);
      await editor.edit(id);
      assert.equal(await row.locator('.wecom-problem').textContent(), rule);
      await editor.screenshot(`agent-missing-${speech.tag}`);

      // Filled in where it belongs: the form and the node follow.
      await editor.page.locator('#node-input-btn-connection-edit').click();
      await editor.field('corp_id').waitFor();
      await editor.fillConnection({ agent_id });
      await editor.closeConnection();
      assert.equal(await row.locator('.wecom-problem').isVisible(), false);
      assert.equal(await row.locator('.wecom-required').isVisible(), false);
      const placeholder = await row.locator('.red-ui-typedInput-input').getAttribute('placeholder');
      assert.ok(placeholder.includes(String(agent_id)), placeholder);
      await editor.done();
      assert.deepEqual(await editor.problems(id), []);
    });
  });
}

test('the oldest Node-RED that this is for has the forms, and chooses the only connection, too', async (t) => {
  const oldest = await NodeRed.start({ module: 'node-red-oldest' });
  t.after(() => oldest.stop());
  const { node, credentials } = connectionNode('bot', simulator.connection('chatbot'));
  await oldest.deploy([
    { id: 'tab', type: 'tab', label: 'oldest' },
    { ...node, credentials },
  ]);
  const editor = await Editor.open(browser, oldest);
  t.after(() => editor.close());
  await editor.steps('oldest')('oldest', async () => {
    const inject = await editor.drag('inject', 160, 120);
    const id = await editor.drag('wecom-push-text-message-by-chatbot', 400, 120);
    await editor.wire(inject, id);
    await editor.edit(id);
    assert.equal(await editor.page.locator('#node-input-connection').inputValue(), 'bot');
    await editor.fillField('content', { type: 'string' }, 'from the oldest');
    await editor.screenshot('oldest');
    await editor.done();
    assert.deepEqual(await editor.problems(id), []);
    await simulator.clear();
    await editor.deploy();
    await editor.inject(inject);
    const [{ body }] = await simulator.at('webhook/send');
    assert.equal(body.text.content, 'from the oldest');
  });
});

test('the only connection of a type is chosen, one of two is not', async (t) => {
  const app = simulator.connection('application');
  const editor = await opened(t, { app, bot: simulator.connection('chatbot') });
  const chosen = (id) => editor.page.evaluate((node) => RED.nodes.node(node).connection, id);
  const first = await editor.drag('wecom-list-department-ids', 400, 120);
  assert.equal(await chosen(first), 'app');
  assert.deepEqual(await editor.problems(first), []);
  await editor.deploy();

  await editor.close();
  const other = await opened(t, { app, second: app });
  const id = await other.drag('wecom-list-department-ids', 400, 120);
  assert.equal(await other.page.evaluate((node) => RED.nodes.node(node).connection, id), '');
  await other.edit(id);
  assert.equal(await other.page.locator('#node-input-connection').inputValue(), '_ADD_');
  await other.cancel();
});

test('what was deployed without a connection is not changed by looking at it', async (t) => {
  const { node, credentials } = connectionNode('app', simulator.connection('application'));
  const bare = { id: 'bare', type: 'wecom-list-department-ids', z: 'tab', x: 200, y: 80, connection: '', fields: {} };
  await nodeRed.deploy([
    { id: 'tab', type: 'tab', label: 'fields' },
    { ...node, credentials },
    { ...bare, wires: [[]] },
  ]);
  const editor = await Editor.open(browser, nodeRed);
  t.after(() => editor.close());
  assert.equal(await editor.page.evaluate(() => RED.nodes.node('bare').connection), '');
  assert.equal(await editor.page.evaluate(() => RED.nodes.dirty()), false);
});

test('a field of an update is cleared where a person chooses that, and only where WeCom can', async (t) => {
  const editor = await opened(t, { app: simulator.connection('application') });
  await editor.steps('clear')('clear', async () => {
    const inject = await editor.drag('inject', 160, 120);
    const id = await editor.drag('wecom-update-member', 400, 120);
    const debug = await editor.drag('debug', 700, 120);
    await editor.wire(inject, id);
    await editor.wire(id, debug);
    await editor.edit(id);
    await editor.fillField('user_id', { type: 'string' }, 'zhangsan');
    await editor.unfold();
    await editor.chooseType('alias', 'clear');
    await editor.chooseType('direct_leader', 'clear');
    assert.equal((await editor.offeredTypes('name')).includes('clear'), false);
    await editor.field('alias').scrollIntoViewIfNeeded();
    await editor.screenshot('clear');
    await editor.done();
    assert.deepEqual(await editor.problems(id), []);
    // Opened again, it is still chosen.
    await editor.edit(id);
    await editor.done();
    await simulator.clear();
    await editor.deploy();
    await editor.inject(inject);
    await (await editor.debugMessages()).first().waitFor();
    const [{ body }] = await simulator.at('user/update');
    assert.deepEqual(body, { userid: 'zhangsan', alias: '', direct_leader: [] });
  });
});

for (const speech of languages) {
  test(`how many messages a node sends at once is in its form, in ${speech.tag}`, async (t) => {
    const editor = await opened(t, { app: simulator.connection('application') }, speech.tag);
    const { form, rule } = catalog(manifest, speech).ui;
    const saved = (id) => editor.page.evaluate((node) => RED.nodes.node(node).concurrency, id);
    await editor.steps(`concurrency-${speech.tag}`)('concurrency', async () => {
      // It has no fields of its own, and none that are folded away.
      const id = await editor.drag('wecom-list-department-ids', 400, 120);
      await editor.edit(id);
      const row = editor.field('concurrency');
      assert.equal(await row.isVisible(), false, 'what is rarely needed is folded away');
      await editor.unfold();
      assert.equal(await row.locator('.wecom-label').textContent(), `${form.concurrency}*`, 'the star is hidden');
      assert.equal(await row.locator('.wecom-required').isVisible(), false);
      assert.equal(await row.locator('.wecom-notes').textContent(), form.concurrencyMeaning);
      const input = row.locator('input');
      assert.equal(await input.inputValue(), '1');
      const tooMany = rule.maximum.replace('__limit__', '100');
      await input.fill('101');
      assert.equal(await row.locator('.wecom-problem').textContent(), tooMany);
      await editor.screenshot(`concurrency-${speech.tag}`);
      await editor.done();
      const named = rule.named.replace('__field__', form.concurrency).replace('__rule__', tooMany);
      assert.deepEqual(await editor.problems(id), [named]);

      await editor.edit(id);
      await input.fill('３');
      assert.equal(await row.locator('.wecom-problem').isVisible(), false);
      await editor.done();
      assert.deepEqual([await editor.problems(id), await saved(id)], [[], '３']);
      await editor.edit(id);
      assert.equal(await row.isVisible(), true, 'what is not as usual shows');
      await editor.cancel();
    });
  });
}

for (const speech of languages) {
  test(`where WeCom tells no names there are IDs, and the reason, in ${speech.tag}`, async (t) => {
    const connection = simulator.connection('application');
    const editor = await opened(t, { app: { ...connection, app_secret: connection.contacts_secret } }, speech.tag);
    const { hint } = manifest.error_codes.find(({ code }) => code === 48009);
    const reason = `${catalog(manifest, speech).ui.pick.noNames} ${hint[speech.language]}`;
    await editor.steps(`nameless-${speech.tag}`)('nameless', async () => {
      const id = await editor.drag('wecom-push-text-message', 400, 120);
      await editor.edit(id);
      for (const [name, value] of [
        ['to_user', 'LiSi'],
        ['to_party', '2'],
      ]) {
        const row = editor.field(name);
        await row.locator('.wecom-pick').click();
        const values = row.locator('.wecom-option-value');
        await values.filter({ hasText: new RegExp(`^${value}$`) }).click();
        assert.equal(await row.locator('.wecom-panel-reason').textContent(), reason);
        await editor.screenshot(`nameless-${name}-${speech.tag}`);
        await row.locator('.wecom-panel-head button').click();
        assert.deepEqual(await row.locator('.wecom-entry > span').allInnerTexts(), [value]);
      }
      await editor.cancel();
    });
  });
}

test('a picture of this computer is put into the field, and one that is too large is not', async (t) => {
  const editor = await opened(t, { bot: simulator.connection('chatbot') });
  await editor.steps('file')('file', async () => {
    const inject = await editor.drag('inject', 160, 120);
    const id = await editor.drag('wecom-push-image-message-by-chatbot', 400, 120);
    const debug = await editor.drag('debug', 700, 120);
    await editor.wire(inject, id);
    await editor.wire(id, debug);
    await editor.edit(id);
    const row = editor.field('base64');
    const chooser = row.locator('input[type="file"]');
    assert.equal(await chooser.isVisible(), false, 'the button stands for it');
    await chooser.setInputFiles({ name: 'huge.png', mimeType: 'image/png', buffer: Buffer.alloc(3 * 1024 * 1024) });
    await row.locator('.wecom-note', { hasText: 'huge.png' }).waitFor();
    assert.equal(await row.locator('.red-ui-typedInput-input').inputValue(), '');
    await chooser.setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: png });
    await row.locator('.wecom-note', { hasText: 'dot.png' }).waitFor();
    assert.equal(await row.locator('.wecom-problem').isVisible(), false);
    await editor.screenshot('file');
    await editor.done();
    assert.deepEqual(await editor.problems(id), []);
    await simulator.clear();
    await editor.deploy();
    await editor.inject(inject);
    await (await editor.debugMessages()).first().waitFor();
    const [{ body }] = await simulator.at('webhook/send');
    assert.equal(body.image.base64, png.toString('base64'));
  });
});

test('the dialogs of all actions have the same width', async (t) => {
  const editor = await opened(t, {
    app: simulator.connection('application'),
    bot: simulator.connection('chatbot'),
  });
  const widths = {};
  for (const type of ['list-department-ids', 'create-member', 'push-text-message', 'push-image-message-by-chatbot']) {
    const id = await editor.drag(`wecom-${type}`, 400, 100 + 50 * Object.keys(widths).length);
    await editor.edit(id);
    widths[type] = await editor.page
      .locator('.red-ui-tray')
      .last()
      .evaluate((tray) => tray.offsetWidth);
    await editor.cancel();
  }
  assert.equal(new Set(Object.values(widths)).size, 1, JSON.stringify(widths));
});
