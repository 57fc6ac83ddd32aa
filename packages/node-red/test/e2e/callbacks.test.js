/** The way of a person who lets WeCom begin a flow, in both languages: from the example to a card that says who pressed it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { catalog, languages } from '../../src/editor/catalog.js';
import { assertNoSecret, newConnection, Simulator } from '../support/shared.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

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

const examples = {
  en: ['English', 'Approve by card', 'Approve', 'Approved'],
  zh: ['中文', '卡片审批', '同意', '已同意'],
};
const topic = 'event/template_card_event';

for (const speech of languages) {
  test(`a button of a card begins a flow, which updates the card, in ${speech.tag}`, async (t) => {
    const { language } = speech;
    const texts = catalog(manifest, speech);
    const { ui, callback } = texts;
    const [folder, name, , approved] = examples[language];
    const nodeRed = await NodeRed.start();
    t.after(() => nodeRed.stop());
    const editor = await Editor.open(browser, nodeRed, { locale: speech.tag });
    t.after(() => editor.close());
    const { page } = editor;
    const step = editor.steps(`callback-${speech.tag}`);
    const { corp_id, agent_id } = simulator.connection('application');
    const connection = newConnection({ receive_id: corp_id });
    const setting = {
      agent_id,
      url: `${nodeRed.url}wecom`,
      token: connection.token,
      encoding_aes_key: connection.encoding_aes_key,
    };
    const ids = {};
    await simulator.clear();

    await step('the example is imported, and asks for two connections', async () => {
      await editor.importExample(folder, name);
      const found = await page.evaluate(() => RED.nodes.filterNodes({}).map(({ id, type, z }) => [type, id, z]));
      for (const [type, id, flow] of found) Object.assign(ids, { [type]: id, flow });
      await editor.showFlow(ids.flow);
      for (const type of ['wecom-push-button-card', 'wecom-event', 'wecom-update-card']) {
        assert.equal((await editor.problems(ids[type])).length, 1, `${type}: the connection is missing`);
      }
      await editor.edit(ids['wecom-push-button-card']);
      await page.locator('#node-input-btn-connection-add').click();
      await editor.field('corp_id').waitFor();
      await editor.fillConnection(simulator.connection('application'));
      await editor.closeConnection();
      await editor.done();
      assert.deepEqual(await editor.problems(ids['wecom-update-card']), [], 'the only connection is chosen there, too');
    });

    await step('the form of the trigger shows the URL, and what can be received', async () => {
      await editor.edit(ids['wecom-event']);
      const path = editor.field('path');
      assert.equal(await path.locator('.wecom-url').textContent(), ui.callback.url.replace('__url__', setting.url));
      await path.locator('input').fill('/a b');
      assert.equal(await path.locator('.wecom-problem').textContent(), ui.callback.pathRule);
      await path.locator('input').fill('/wecom');
      assert.equal(await path.locator('.wecom-problem').isVisible(), false);

      const topics = editor.field('topics');
      const { title } = callback.events[`application/${topic}`];
      assert.deepEqual(
        await topics.locator('.wecom-topics-heading').allTextContents(),
        Object.values(callback.sources),
      );
      assert.equal(await topics.locator('.wecom-option').count(), manifest.callback.events.length);
      assert.equal(
        await topics.locator('.wecom-counter').textContent(),
        ui.callback.eventsChosen.replace('__count__', 1),
      );
      const filter = topics.locator('.wecom-panel-head input');
      await filter.fill(title.slice(0, 6));
      const option = topics.locator('.wecom-option:visible', { hasText: title }).first();
      assert.equal(await option.locator('input').isChecked(), true);
      assert.equal(await topics.locator('.wecom-option:visible', { hasText: 'create_user' }).count(), 0);
      await filter.fill('');
    });

    await step('the connection is made in its own form, where nothing is to be tested', async () => {
      await page.locator('#node-input-btn-connection-add').click();
      await editor.field('token').waitFor();
      const words = texts.connections.callback.properties;
      for (const field of ['token', 'encoding_aes_key', 'receive_id']) {
        const text = await editor.field(field).textContent();
        for (const expected of [words[field].title, words[field].description, words[field].hint]) {
          assert.ok(text.includes(expected), `${field}: ${expected}`);
        }
      }
      assert.equal(await page.locator('.wecom-test').count(), 0);
      await editor.fillConnection(connection);
      await editor.screenshot(`callback-connection-${speech.tag}`);
      await editor.closeConnection();
      await editor.screenshot(`callback-form-${speech.tag}`);
      await editor.done();
      assert.deepEqual(await editor.problems(ids['wecom-event']), []);
      await editor.deploy();
    });

    await step('WeCom verifies the URL when it is saved there; with another token it does not', async () => {
      const refused = await simulator.act('callback', { ...setting, token: 'anothertoken' });
      assert.notEqual(refused.errcode, 0);
      const status = editor.status(ids['wecom-event']);
      await status.filter({ hasText: '403' }).waitFor();
      const saved = await simulator.act('callback', setting);
      assert.equal(saved.errcode, 0, JSON.stringify(saved));
      await status.filter({ hasText: language === 'zh' ? 'URL已验证' : 'URL verified' }).waitFor();
      assert.match(nodeRed.log, /\[wecom-event:.*403（?.*signature/);
      const browsed = await fetch(setting.url);
      assert.equal(browsed.status, 400);
    });

    await step('a card is sent, its button is pressed, and the flow updates the card', async () => {
      await editor.inject(ids.inject);
      const [sent] = await simulator.at('message/send');
      assert.equal(sent.body.template_card.button_list[0].text, examples[language][2]);
      const pressed = await simulator.act('press', { user_id: 'zhangsan', key: 'approve' });
      assert.equal(pressed.errcode, 0, JSON.stringify(pressed));
      await (await editor.debugMessages()).first().waitFor();
      const [updated] = await simulator.at('message/update_template_card');
      assert.deepEqual(
        [updated.errcode, updated.body.userids, updated.body.button.replace_name],
        [0, ['zhangsan'], approved],
      );
      assert.match(
        await editor.status(ids['wecom-event']).textContent(),
        new RegExp(callback.events[`application/${topic}`].title.slice(0, 4)),
      );
      const { attempts } = await simulator.delivered(pressed.callback);
      assert.deepEqual(
        attempts.map(({ status }) => status),
        [200],
      );
      await editor.screenshot(`callback-run-${speech.tag}`);
    });

    await step('a reply node answers what a member writes', async () => {
      ids.reply = await editor.drag('wecom-reply', 620, 480);
      await editor.wire(ids['wecom-event'], ids.reply);
      await editor.edit(ids.reply);
      assert.ok((await page.locator('#dialog-form').textContent()).includes(ui.callback.replyFromPayload));
      const { properties } = manifest.callback.reply;
      await editor.fillField('msg_type', properties.msg_type, 'text');
      const rule = editor.field('content').locator('.wecom-problem');
      await editor.fillField('content', properties.content, '收到');
      assert.equal(await rule.isVisible(), false);
      await editor.screenshot(`callback-reply-${speech.tag}`);
      await editor.done();
      assert.deepEqual(await editor.problems(ids.reply), []);
      await editor.edit(ids['wecom-event']);
      await editor.field('topics').locator(`input[data-topic="${topic}"]`).first().uncheck();
      assert.equal(await editor.field('topics').locator('.wecom-counter').textContent(), ui.callback.eventsAll);
      await editor.field('reply').locator('input').check();
      await editor.done();
      await editor.deploy();
      const wrote = await simulator.act('write', { user_id: 'zhangsan', agent_id, content: '在吗' });
      const { attempts, reply, reply_error } = await simulator.delivered(wrote.callback);
      assert.deepEqual([attempts.length, reply_error], [1, null]);
      assert.equal(reply.Content, '收到', JSON.stringify(reply));
    });

    await step('a second node with the same path is marked before it is deployed', async () => {
      ids.second = await editor.drag('wecom-event', 160, 520);
      const problems = await editor.problems(ids.second);
      assert.equal(problems.length, 1, problems.join());
      const rule = ui.callback.pathTwice.replace('__node__', callback.nodes.event);
      assert.ok(problems[0].includes(rule), problems[0]);
    });

    await step('no secret is in a page, a file or the log', async () => {
      await editor.reload();
      await editor.showFlow(ids.flow);
      await editor.edit(ids['wecom-event']);
      await page.locator('#node-input-btn-connection-edit').click();
      await editor.field('token').waitFor();
      for (const secret of ['token', 'encoding_aes_key']) {
        assert.equal(await page.locator(`#node-config-input-${secret}`).inputValue(), '__PWRD__');
      }
      await page.locator('#node-config-dialog-cancel').click();
      await page.waitForTimeout(400);
      await editor.cancel();
      const responses = await Promise.all(editor.responses.map(async ({ url, text }) => `${url}\n${await text}`));
      assert.ok(
        responses.some((response) => response.includes('has_token')),
        'the answers were recorded',
      );
      const files = await nodeRed.files();
      assert.ok(files['flows.json'].includes('wecom-callback') && files['flows_cred.json'], 'the flow was saved');
      const secrets = [connection.token, connection.encoding_aes_key, ...simulator.secrets()];
      assertNoSecret(secrets, await page.content(), files, nodeRed.log, ...responses);
    });
  });
}
