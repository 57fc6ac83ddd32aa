/** Fields that hold records: the action and the component are made up, all else is as a person has it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { catalog, languages } from '../../src/editor/catalog.js';
import { generate } from '../../src/editor/generate.js';
import { EXAMPLE, manifestWithExample } from '../support/example.js';
import { connectionNode } from '../support/flows.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const manifest = manifestWithExample();
const schema = manifest.actions.find(({ id }) => id === EXAMPLE).parameters;
/** A component that answers with the parameters that it was called with. */
const echo = `export const instantiate = () => ({
  stepwise: { begin: ({ val }) => ({ tag: 'done', val: { tag: 'json', val: val.parameters } }) },
});`;

let browser;
let nodeRed;
before(async () => {
  browser = await launchBrowser();
  const generated = Object.entries(generate(manifest)).map(([path, content]) => [`dist/${path}`, content]);
  const files = {
    'dist/manifest.js': `export default ${JSON.stringify(manifest)};`,
    'dist/component/connector.js': echo,
  };
  nodeRed = await NodeRed.start({ files: { ...Object.fromEntries(generated), ...files } });
});
after(async () => {
  await nodeRed?.stop();
  await browser?.close();
});

/** What the node sends for a message with that payload. */
async function send(payload) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL('example', nodeRed.url), {
    method: 'POST',
    headers,
    body: JSON.stringify(payload),
  });
  return answer.json();
}

for (const speech of languages) {
  test(`articles are added, moved, counted and sent, in ${speech.tag}`, async (t) => {
    const { node, credentials } = connectionNode('bot', { type: 'chatbot', chatbot_key: 'a-key-that-is-not-real' });
    await nodeRed.deploy([
      { id: 'tab', type: 'tab', label: 'records' },
      { id: 'in', type: 'http in', z: 'tab', x: 160, y: 120, url: '/example', method: 'post', wires: [[]] },
      { id: 'out', type: 'http response', z: 'tab', x: 700, y: 120, wires: [] },
      { ...node, credentials },
    ]);
    const editor = await Editor.open(browser, nodeRed, { locale: speech.tag });
    t.after(() => editor.close());
    const words = catalog(manifest, speech);
    const fields = words.actions[EXAMPLE].parameters;
    const fill = (text, values) => text.replace(/__(\w+?)__/g, (_, name) => values[name]);

    await editor.steps(`records-${speech.tag}`)('records', async () => {
      const id = await editor.drag(`wecom-${EXAMPLE}`, 400, 120);
      await editor.wire('in', id);
      await editor.wire(id, 'out');
      await editor.edit(id);
      const list = editor.field('articles');
      const entry = (index) => list.locator('li').nth(index);
      const inside = (index, name) => entry(index).locator(`.wecom-field[data-field="${name}"]`);
      const add = list.locator('.red-ui-editableList-addButton');
      const { properties } = schema;
      const type = (index, record) => editor.fillRecord(entry(index), properties.articles.items, record);
      const label = (number) => fill(words.ui.rule.numbered, { field: fields.articles.title, number });
      const counter = list.locator('> .wecom-field-head > .wecom-counter');
      const count = (number) => fill(words.ui.form.entries, { count: number, limit: 8 });

      await editor.fillField('to_user', properties.to_user, ['zhangsan']);
      assert.equal(
        await entry(0).locator('.wecom-entry-label').textContent(),
        label(1),
        'one is there: it is required',
      );
      await type(0, { title: 'first', url: 'a.cn' });
      await add.click();
      await type(1, { title: 'second', url: 'https://b.cn', tags: ['1，2'] });
      assert.equal(await counter.textContent(), count(2));

      // Wrong beside the field, at its entry, and where the dialog is closed.
      assert.equal(await inside(0, 'url').locator('> .wecom-problem').isVisible(), true);
      assert.equal(await entry(0).locator('.wecom-entry-bad').count(), 1);
      assert.equal(await list.locator('> .wecom-problem').isVisible(), false, 'it is told once');
      await list.evaluate((row) => row.scrollIntoView());
      await editor.screenshot(`records-wrong-${speech.tag}`);
      await editor.done();
      const place = fill(words.ui.rule.inside, { outer: label(1), inner: fields.articles.properties.url.title });
      const problems = await editor.problems(id);
      assert.equal(problems.length, 1);
      assert.ok(problems[0].startsWith(place), problems[0]);

      // Opened again, the wrong one is unfolded; corrected, moved down, and up to the limit and back.
      await editor.edit(id);
      assert.equal(await inside(0, 'url').isVisible(), true);
      assert.equal(await inside(1, 'url').isVisible(), false);
      await type(0, { url: 'https://a.cn' });
      assert.equal(await entry(0).locator('.wecom-entry-bad').count(), 0);
      await entry(0).locator('.wecom-arrow-down').click();
      assert.deepEqual(await list.locator('.wecom-entry-summary').allTextContents(), ['second', 'first']);
      assert.deepEqual(await list.locator('.wecom-entry-label').allTextContents(), [label(1), label(2)]);
      for (let number = 3; number <= 8; number += 1) {
        await add.click();
        await type(number - 1, { title: String(number), url: 'https://c.cn' });
        assert.equal(await list.locator('.wecom-entry-body:visible').count(), 1, 'those that are done fold up');
      }
      assert.equal(await counter.textContent(), count(8));
      assert.equal(await add.isDisabled(), true);
      await list.evaluate((row) => row.scrollIntoView());
      await editor.screenshot(`records-full-${speech.tag}`);
      for (let number = 8; number > 2; number -= 1) {
        await entry(number - 1)
          .locator('.red-ui-editableList-item-remove')
          .click();
        // Without waiting until it has faded away.
        assert.equal(await counter.textContent(), count(number - 1));
      }
      assert.equal(await add.isEnabled(), true);
      await editor.done();
      assert.deepEqual(await editor.problems(id), []);

      await nodeRed.restarted(() => editor.deploy());
      const saved = (await nodeRed.flows()).find((candidate) => candidate.id === id).fields;
      assert.equal(saved.source, undefined, 'a record that is left alone is left out');
      assert.deepEqual(await send({}), {
        to_user: ['zhangsan'],
        articles: [
          { title: 'second', url: 'https://b.cn', tags: [1, 2] },
          { title: 'first', url: 'https://a.cn' },
        ],
      });

      // The other record, and the whole list as JSON, then from the message.
      await editor.edit(id);
      await editor.fillField('source', properties.source, { description: '监控' });
      await editor.chooseType('articles', 'json');
      assert.equal(await counter.textContent(), '');
      assert.equal(await entry(0).isVisible(), false);
      await list
        .locator('> .wecom-control > .red-ui-typedInput-container .red-ui-typedInput-input')
        .fill('[{"title": "x"}]');
      const missing = fill(words.ui.rule.named, { field: place, rule: words.ui.rule.required });
      assert.equal(await list.locator('> .wecom-problem').textContent(), missing);
      await editor.chooseType('articles', 'msg');
      await list
        .locator('> .wecom-control > .red-ui-typedInput-container .red-ui-typedInput-input')
        .fill('payload.news');
      assert.equal(await list.locator('> .wecom-problem').isVisible(), false);
      await list.evaluate((row) => row.previousElementSibling.scrollIntoView());
      await editor.screenshot(`records-message-${speech.tag}`);
      await editor.done();
      assert.deepEqual(await editor.problems(id), []);
      await nodeRed.restarted(() => editor.deploy());
      const news = [{ title: 'third', url: 'https://c.cn' }];
      assert.deepEqual(await send({ news }), {
        to_user: ['zhangsan'],
        source: { description: '监控' },
        articles: news,
      });
    });
  });
}
