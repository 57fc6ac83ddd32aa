/** The example flows: imported from the menu, given a connection, and run. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { Simulator } from '../support/simulator.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const folder = new URL('../../examples/', import.meta.url);
const names = readdirSync(folder).map((file) => file.replace('.json', ''));

/** What each is to do at WeCom, by the requests that arrive. */
const stories = {
  'alert-to-group-by-chatbot': async () => {
    const [sent] = await simulator.at('webhook/send');
    assert.deepEqual(sent.body, {
      msgtype: 'text',
      text: { content: 'nightly build 1287 失败，请查看。', mentioned_list: ['@all'] },
    });
  },
  'new-hire': async () => {
    const [department] = await simulator.at('department/create');
    assert.deepEqual(department.body, { name: '2026届新员工', parentid: 1 });
    const [member] = await simulator.at('user/create');
    const [place] = member.body.department;
    assert.deepEqual(member.body, { userid: 'zhaoyun', name: '赵云', mobile: '13900001111', department: [place] });
    assert.ok(place > 1, 'the department that was created');
    const [chat] = await simulator.at('appchat/create');
    assert.deepEqual(chat.body, { name: '赵云的入职群', owner: 'zhangsan', userlist: ['zhangsan', 'zhaoyun'] });
    const [welcome] = await simulator.at('appchat/send');
    assert.equal(welcome.body.text.content, '欢迎赵云加入2026届新员工！');
    assert.ok(welcome.body.chatid.length > 0);
  },
  'withdraw-on-error': async () => {
    const [sent] = await simulator.at('message/send');
    assert.equal(sent.body.touser, 'zhangsan');
    const [withdrawn] = await simulator.at('message/recall');
    assert.match(withdrawn.body.msgid, /^SIM-MSGID-/);
  },
};

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

for (const name of names) {
  test(`${name} is imported, given a connection, and does what it says`, async (t) => {
    const nodes = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
    const flow = nodes.find(({ type }) => type === 'tab').id;
    const actions = nodes.filter(({ fields }) => fields);
    const connectionNode = nodes.find(({ type }) => /^wecom-(application|chatbot)$/.test(type));
    const comments = nodes.filter(({ type }) => type === 'comment').map(({ info }) => info);
    assert.equal(comments.length, 2, 'one comment for each language');
    assert.ok(!/\p{Script=Han}/u.test(comments[0]) && /\p{Script=Han}/u.test(comments[1]));

    const editor = await Editor.open(browser, nodeRed);
    t.after(() => editor.close());
    await editor.steps(name)('example', async () => {
      await editor.importExample(name);
      await editor.showFlow(flow);
      const unknown = await editor.page.evaluate(() => RED.nodes.filterNodes({ type: 'unknown' }).length);
      assert.equal(unknown, 0);
      for (const { id } of actions) {
        assert.deepEqual(await editor.problems(id), ['Connection: invalid configuration node']);
      }

      await editor.edit(actions[0].id);
      await editor.page.locator('#node-input-btn-connection-edit').click();
      await editor.page.locator('#node-config-dialog-edit-form').waitFor();
      await editor.fillConnection(simulator.connection(connectionNode.type.replace('wecom-', '')));
      await editor.closeConnection();
      await editor.done();
      for (const { id } of actions) assert.deepEqual(await editor.problems(id), [], id);

      simulator.clear();
      await editor.deploy();
      await editor.inject(nodes.find(({ type }) => type === 'inject').id);
      await (await editor.debugMessages()).first().waitFor();
      await stories[name]();
      const refused = (await simulator.settled()).filter(({ errcode }) => errcode !== 0);
      assert.deepEqual(refused, []);
      await editor.screenshot(`example-${name}`);
    });
  });
}
