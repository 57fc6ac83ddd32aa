/**
 * The way of a person who draws a flow, in both languages: from the palette to the request that reaches WeCom. Texts are
 * read from the manifest, so that what is checked is that the editor shows them, not what they say.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { catalog, languages } from '../../src/editor/catalog.js';
import { answers, assertNoSecret, Simulator, startWecom } from '../support/shared.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const hintOf = (code) => manifest.error_codes.find((entry) => entry.code === code).hint;
const content = '请于今天 18:00 前填写周报。';

/** Labels of the palette, in its order: what WeCom begins, and the actions. */
function labelsOf({ callback, actions }) {
  return [...Object.values(callback.nodes), ...manifest.actions.map(({ id }) => actions[id].short)];
}

let simulator;
let browser;
before(async () => {
  simulator = await Simulator.start();
  browser = await launchBrowser();
});
after(async () => {
  await browser?.close();
  await simulator?.stop();
});

for (const speech of languages) {
  test(`from the palette to WeCom, in ${speech.tag}`, async (t) => {
    const { language } = speech;
    const texts = catalog(manifest, speech);
    const { parameters, label } = texts.actions['push-text-message'];
    const nodeRed = await NodeRed.start();
    t.after(() => nodeRed.stop());
    const editor = await Editor.open(browser, nodeRed, { locale: speech.tag });
    t.after(() => editor.close());
    const { page } = editor;
    const step = editor.steps(speech.tag);
    const ids = {};
    simulator.clear();

    await step('the palette has the actions in groups, as the manifest has them', async () => {
      const category = page.locator('#red-ui-palette-container-wecom');
      assert.equal(await category.locator('.red-ui-palette-header').textContent(), manifest.title[language]);
      const headings = await category.locator('.wecom-palette-heading').allInnerTexts();
      assert.deepEqual(headings, [texts.callback.heading, ...manifest.groups.map((group) => group.title[language])]);
      const labels = await category.locator('.red-ui-palette-node .red-ui-palette-label').allInnerTexts();
      assert.deepEqual(labels, labelsOf(texts));
      const categories = page.locator('#red-ui-palette-container > .red-ui-palette-category:visible');
      const order = await categories.evaluateAll((elements) => elements.map(({ id }) => id));
      assert.equal(order[1], 'red-ui-palette-container-wecom', 'behind the first of Node-RED, not behind all');
      const search = page.locator('#red-ui-palette-search input');
      await search.pressSequentially(texts.actions[manifest.actions[0].id].label);
      const heading = category.locator('.wecom-palette-heading');
      await heading.first().waitFor({ state: 'hidden' });
      assert.equal(await heading.nth(1).isVisible(), true, 'a heading goes when nothing under it fits the filter');
      // Node-RED does not bring back a category that is still on its way out.
      await page.locator('#red-ui-palette-container-common').waitFor({ state: 'hidden' });
      await search.press('Escape');
      await heading.first().waitFor();
      // Whoever looks for the product finds all of it.
      await search.pressSequentially(manifest.title[language]);
      // Node-RED waits for a key, which characters of an input method do not press here.
      await search.press('End');
      await page.locator('#red-ui-palette-container-common').waitFor({ state: 'hidden' });
      assert.equal(await category.locator('.red-ui-palette-node:visible').count(), labelsOf(texts).length);
      await search.press('Escape');
      await page.locator('#red-ui-palette-container-common').waitFor();
      // As far up as it goes.
      await category.evaluate((element) => element.scrollIntoView());
      await editor.screenshot(`palette-${speech.tag}`);
    });

    await step('nodes are dragged onto the canvas and wired', async () => {
      ids.inject = await editor.drag('inject', 160, 120);
      ids.push = await editor.drag('wecom-push-text-message', 400, 120);
      ids.debug = await editor.drag('debug', 700, 120);
      await editor.wire(ids.inject, ids.push);
      await editor.wire(ids.push, ids.debug);
      assert.equal(await page.locator(`[id="${ids.push}"] .red-ui-flow-node-label`).textContent(), label);
      assert.ok((await editor.problems(ids.push)).length >= 3, 'nothing is filled in');
    });

    await step('the form has the labels, hints and limits of the schema', async () => {
      await editor.edit(ids.push);
      for (const [name, words] of Object.entries(parameters)) {
        const text = await editor.field(name).textContent();
        for (const expected of [words.title, words.description, words.hint]) {
          if (expected) assert.ok(text.includes(expected), `${name}: ${expected}`);
        }
      }
      assert.equal(await editor.field('content').locator('.wecom-required').count(), 1);
      assert.equal(await editor.field('content').locator('.wecom-counter').textContent(), '');
      assert.equal(await editor.field('safe').isVisible(), false, 'advanced fields are folded away');
    });

    await step('the connection is created and tested from the form', async () => {
      await page.locator('#node-input-btn-connection-add').click();
      await editor.field('corp_id').waitFor();
      await editor.fillConnection(simulator.connection('application', { app_secret: 'WRONG-secret-not-real' }));
      const failure = await editor.testConnection();
      const secret = texts.connections.application.properties;
      // Which one is wrong stands at that field, with what to do; what is right is not lost.
      const wrong = editor.field('app_secret').locator('.wecom-found');
      assert.ok((await wrong.textContent()).includes(hintOf(40001)[language]));
      const found = await failure.textContent();
      assert.ok(
        found.includes(texts.ui.test.wrong.replace('__field__', secret.app_secret.title).replace('__code__', 40001)),
        found,
      );
      assert.equal(await editor.field('contacts_secret').locator('.wecom-found-proved').count(), 1);
      assert.equal(await failure.locator('.wecom-proved').count(), 1);
      await editor.screenshot(`wrong-secret-${speech.tag}`);

      await editor.fillConnection(simulator.connection('application'));
      assert.equal(
        await page.locator('.wecom-result, .wecom-found').count(),
        0,
        'what was found is not of what is typed',
      );
      const success = await editor.testConnection();
      const lines = await success.locator('.wecom-check').allTextContents();
      assert.deepEqual(
        lines,
        ['app_secret', 'contacts_secret'].map((name) =>
          texts.ui.rule.named.replace('__field__', secret[name].title).replace('__rule__', texts.ui.test.proved),
        ),
      );
      const details = await success.locator('.wecom-check-detail').allTextContents();
      assert.deepEqual(details, [...new Set(details)], 'nothing is said twice');
      assert.ok(await success.evaluate((element) => element.classList.contains('wecom-success')));
      await editor.screenshot(`connection-${speech.tag}`);
      await editor.closeConnection();
    });

    await step('receivers are chosen from what WeCom returns, and typed', async () => {
      const receivers = editor.field('to_user');
      await receivers.locator('.wecom-pick').click();
      const department = receivers.locator('select.wecom-within');
      await department.locator('option', { hasText: '研发部 (2)' }).waitFor({ state: 'attached' });
      await department.selectOption({ label: '研发部 (2)' });
      const option = receivers.locator('.wecom-option', { hasText: 'LiSi' });
      assert.equal(await option.locator('.wecom-option-value').textContent(), '李四 (LiSi)');
      await editor.screenshot(`names-${speech.tag}`);
      await option.click();
      await receivers.locator('.wecom-panel-head button').click();
      await receivers.locator('.wecom-list-input').fill('wangwu');
      await page.keyboard.press('Enter');
      assert.deepEqual(await receivers.locator('.wecom-entry > span').allInnerTexts(), ['LiSi', 'wangwu']);
    });

    await step('what is wrong shows while it is typed', async () => {
      const departments = editor.field('to_party');
      await departments.locator('.wecom-list-input').fill('２，第三');
      await page.keyboard.press('Enter');
      const problem = departments.locator('.wecom-problem');
      assert.ok((await problem.textContent()).includes(texts.ui.rule.type.integer));
      await departments.locator('.wecom-entry button').last().click();
      assert.equal(await problem.isVisible(), false);

      const text = editor.field('content');
      await text.locator('textarea').fill('字'.repeat(683));
      assert.match(await text.locator('.wecom-counter').textContent(), /^2049 \/ 2048 /);
      const warning = texts.ui.rule.cutBytes.replace('__limit__', 2048);
      assert.equal(await text.locator('.wecom-problem').textContent(), warning);
      await editor.screenshot(`too-long-${speech.tag}`);
      await text.locator('textarea').fill(content);
      assert.equal(await text.locator('.wecom-problem').isVisible(), false);
      await editor.screenshot(`form-${speech.tag}`);
      await editor.done();
      assert.deepEqual(await editor.problems(ids.push), []);
    });

    await step('the flow is deployed, and the exact request arrives', async () => {
      await editor.deploy();
      assert.equal(await (await editor.debugMessages()).count(), 0);
      await editor.inject(ids.inject);
      const message = (await editor.debugMessages()).first();
      await message.waitFor();
      assert.match(await message.textContent(), /msg_id/);
      const sent = await simulator.at('message/send');
      assert.equal(sent.length, 1);
      assert.deepEqual(sent[0].body, {
        touser: 'LiSi|wangwu',
        toparty: '2',
        msgtype: 'text',
        agentid: 1000002,
        text: { content },
      });
      await editor.screenshot(`run-${speech.tag}`);
    });

    await step('a secret never returns: not to a page, not to a flow file, not to a log', async () => {
      await editor.reload();
      await editor.edit(ids.push);
      await page.locator('#node-input-btn-connection-edit').click();
      await editor.field('corp_id').waitFor();
      assert.equal(await page.locator('#node-config-input-app_secret').inputValue(), '__PWRD__');
      const again = await editor.testConnection();
      assert.equal(await again.locator('.wecom-proved').count(), 2, 'the stored secrets still serve');
      const values = await page.locator('input, textarea').evaluateAll((inputs) => inputs.map(({ value }) => value));
      const storage = await page.evaluate(
        () => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }),
      );
      const responses = await Promise.all(editor.responses.map(async ({ url, text }) => `${url}\n${await text}`));
      assert.ok(
        responses.some((response) => response.includes('has_app_secret')),
        'the answers were recorded',
      );
      const files = await nodeRed.files();
      assert.ok(files['flows.json'].includes('wecom-application') && files['flows_cred.json'], 'the flow was saved');
      const secrets = [...simulator.secrets(), 'WRONG-secret-not-real'];
      assertNoSecret(secrets, await page.content(), values.join('\n'), storage, files, nodeRed.log);
      for (const response of responses) assertNoSecret(secrets, response);
      // Closed without a change.
      await page.locator('#node-config-dialog-cancel').click();
      await page.waitForTimeout(400);
      await editor.cancel();
    });

    await step('an address that is not trusted shows its hint where the flow ran', async () => {
      const untrusted = await startWecom(t, () => answers.untrusted);
      await editor.edit(ids.push);
      await page.locator('#node-input-btn-connection-edit').click();
      await editor.field('corp_id').waitFor();
      await editor.fillConnection({ base_url: untrusted.connection.base_url });
      await editor.closeConnection();
      await editor.done();
      await editor.deploy();
      await editor.inject(ids.inject);
      const message = (await editor.debugMessages()).first();
      await message.waitFor();
      // It is a text, of which Node-RED shows the beginning; a click shows all of it.
      await message.locator('.red-ui-debug-msg-object-handle').first().click();
      const text = await message.textContent();
      const place = text.indexOf(hintOf(60020)[language]);
      assert.ok(place >= 0 && place < text.indexOf('60020'), `what to do comes before what WeCom said: ${text}`);
      assert.doesNotMatch(text, /stack|at .*\.js/);
      assert.ok(text.includes('203.0.113.7'), text);
      assert.match(await editor.status(ids.push).textContent(), /60020/);
      assertNoSecret([...untrusted.secrets, ...simulator.secrets()], text, nodeRed.log);
      await editor.screenshot(`untrusted-${speech.tag}`);
    });

    await step(
      'a text that is refused for its length is named before deploying, and when a message brings it',
      async () => {
        const refused = texts.actions['push-markdown-message'];
        ids.markdown = await editor.drag('wecom-push-markdown-message', 400, 260);
        await editor.edit(ids.markdown);
        const chosen = page.locator('#node-input-connection option:checked');
        assert.notEqual(await chosen.getAttribute('value'), '_ADD_', 'the only connection is chosen by itself');
        const receivers = editor.field('to_user').locator('.wecom-list-input');
        await receivers.fill('zhangsan');
        await editor.field('content').locator('textarea').fill('字'.repeat(683));
        const rule = texts.ui.rule.maxBytes.replace('__limit__', 2048);
        assert.equal(await editor.field('content').locator('.wecom-problem').textContent(), rule);
        await editor.done();
        const problems = await editor.problems(ids.markdown);
        assert.equal(problems.length, 1, problems.join());
        assert.ok(problems[0].includes(refused.parameters.content.title) && problems[0].includes(rule), problems[0]);
        await page.locator(`[id="${ids.markdown}"] .red-ui-flow-node-error`).waitFor();
        await editor.screenshot(`triangle-${speech.tag}`);

        // The same text from an expression is not known before; the connector refuses it then.
        await editor.edit(ids.markdown);
        await editor.chooseType('content', 'jsonata');
        await editor.field('content').locator('.red-ui-typedInput-input').fill('$pad("", 683, "字")');
        await editor.done();
        assert.deepEqual(await editor.problems(ids.markdown), []);
        await editor.wire(ids.inject, ids.markdown);
        await editor.deploy();
        await editor.clearDebug();
        await editor.inject(ids.inject);
        const message = (await editor.debugMessages()).filter({ hasText: refused.label });
        await message.waitFor();
        assert.match(await message.textContent(), /2048/);
      },
    );
  });
}

test('a browser that asks for another Chinese gets the Chinese there is, any other language gets English', async (t) => {
  const nodeRed = await NodeRed.start();
  t.after(() => nodeRed.stop());
  for (const [locale, language] of [
    ['zh-TW', 'zh'],
    ['zh', 'zh'],
    ['de-DE', 'en'],
  ]) {
    const editor = await Editor.open(browser, nodeRed, { locale });
    const words = catalog(
      manifest,
      languages.find((speech) => speech.language === language),
    );
    const category = editor.page.locator('#red-ui-palette-container-wecom');
    const labels = await category.locator('.red-ui-palette-node .red-ui-palette-label').allTextContents();
    assert.deepEqual(labels, labelsOf(words), locale);
    const id = await editor.drag('wecom-push-text-message', 400, 200);
    const spoken = await editor.page.evaluate((node) => RED.nodes.node(node).lang, id);
    assert.ok(spoken.startsWith(language), `${locale}: ${spoken}`);
    await editor.edit(id);
    assert.equal(await editor.page.locator('.wecom-advanced > summary').textContent(), words.ui.form.advanced);
    await editor.cancel();
    await editor.close();
  }
});

for (const speech of languages) {
  test(`a chatbot is tested by a message, when a person asks for it, in ${speech.tag}`, async (t) => {
    const texts = catalog(manifest, speech);
    const nodeRed = await NodeRed.start();
    t.after(() => nodeRed.stop());
    const editor = await Editor.open(browser, nodeRed, { locale: speech.tag });
    t.after(() => editor.close());
    const { page } = editor;
    await editor.steps(`chatbot-${speech.tag}`)('chatbot', async () => {
      await simulator.clear();
      const id = await editor.drag('wecom-push-text-message-by-chatbot', 400, 120);
      await editor.edit(id);
      await page.locator('#node-input-btn-connection-add').click();
      await editor.field('chatbot_key').waitFor();

      // Nothing is filled in: WeCom is not asked, and that is what is said.
      const nothing = await editor.testConnection();
      assert.equal(await nothing.textContent(), texts.ui.test.notAsked);
      assert.equal(await editor.field('chatbot_key').locator('.wecom-problem').textContent(), texts.ui.rule.required);
      await editor.screenshot(`chatbot-nothing-${speech.tag}`);

      await editor.fillConnection(simulator.connection('chatbot'));
      const result = await editor.testConnection();
      assert.equal(await result.evaluate((element) => element.className), 'wecom-result wecom-neutral');
      assert.equal((await simulator.settled()).length, 0, 'a test sends no message');
      await editor.screenshot(`chatbot-${speech.tag}`);

      await page.locator('.wecom-send').click();
      assert.ok((await result.textContent()).includes(texts.ui.test.sendConfirm));
      await page.locator('.wecom-offer button', { hasText: texts.ui.test.cancel }).click();
      assert.equal((await simulator.settled()).length, 0, 'nothing is sent before it is confirmed');
      await page.locator('.wecom-send').click();
      await editor.screenshot(`chatbot-confirm-${speech.tag}`);
      await page.locator('.wecom-send-now').click();
      await page.locator('.wecom-success').waitFor();
      const [sent, ...others] = await simulator.at('webhook/send');
      assert.deepEqual([sent.body.msgtype, others.length], ['text', 0]);
      assert.equal(/\p{Script=Han}/u.test(sent.body.text.content), speech.language === 'zh');
      await editor.screenshot(`chatbot-sent-${speech.tag}`);
    });
  });
}
