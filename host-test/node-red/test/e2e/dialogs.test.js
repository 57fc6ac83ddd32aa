/** Every dialog, filled in by hand with the sample of the manifest. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { valuesOf } from '../../src/editor/browser/values.js';
import { languages } from '../../src/editor/catalog.js';
import { launchBrowser } from '../support/browser.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const manifest = JSON.parse(readFileSync(new URL('../../dist/manifest.json', import.meta.url), 'utf8'));

test('all dialogs open, take their sample and find nothing wrong with it', async (t) => {
  const nodeRed = await NodeRed.start();
  t.after(() => nodeRed.stop());
  const browser = await launchBrowser();
  t.after(() => browser.close());
  // Each language gets its share of the work.
  const shares = languages.map(({ tag }, index) => ({
    tag,
    actions: manifest.actions.filter((_, position) => position % languages.length === index),
  }));
  let seen = 0;
  for (const { tag, actions } of shares) {
    const editor = await Editor.open(browser, nodeRed, { locale: tag });
    const step = editor.steps(`dialogs-${tag}`);
    const troubles = [];
    editor.page.on('pageerror', (error) => troubles.push(error.message));
    editor.page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
    for (const action of actions) {
      await step(action.id, async () => {
        const id = await editor.drag(`wecom-${action.id}`, 450, 300);
        await editor.edit(id);
        for (const [name, value] of Object.entries(action.sample_parameters)) {
          await editor.fillField(name, action.parameters.properties[name], value);
        }
        await editor.unfold();
        const wrong = await editor.page
          .locator('.wecom-wrong, .wecom-warned')
          .evaluateAll((rows) => rows.map((row) => row.textContent));
        assert.deepEqual(wrong, []);
        const width = await editor.page.locator('#dialog-form').evaluate((form) => form.scrollWidth - form.clientWidth);
        assert.equal(width, 0, 'nothing is wider than the dialog');
        if (Object.keys(action.sample_parameters).length > 7) await editor.screenshot(`dialog-${action.id}-${tag}`);
        await editor.done();
        const node = await editor.page.evaluate((nodeId) => {
          const { fields, lang, validationErrors } = RED.nodes.node(nodeId);
          return { fields, lang, validationErrors };
        }, id);
        assert.deepEqual(valuesOf(node.fields).values, action.sample_parameters);
        assert.equal(node.lang, tag);
        assert.equal(node.validationErrors.length, 1, 'only the connection is missing');

        // Opened again and closed, it is what it was.
        await editor.edit(id);
        await editor.done();
        const again = await editor.page.evaluate((nodeId) => RED.nodes.node(nodeId).fields, id);
        assert.deepEqual(again, node.fields);
        await editor.page.keyboard.press('Delete');
      });
      seen += 1;
    }
    assert.deepEqual(troubles, []);
    await editor.close();
  }
  assert.equal(seen, manifest.actions.length);
});
