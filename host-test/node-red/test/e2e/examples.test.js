/** The example flows: imported from the menu, given a connection, and run. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launchBrowser } from '../support/browser.js';
import { Simulator } from '../support/simulator.js';
import { sleep, startWecom } from '../support/wecom.js';
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

test('an alert that fails takes the way of its class', async (t) => {
  const turns = [];
  const wecom = await startWecom(t, (_, response) => turns.shift()(response));
  const key = 'SLOW-WECOM-chatbot-key-not-real';
  const nodes = JSON.parse(readFileSync(new URL('alert-to-group-by-chatbot.json', folder), 'utf8')).map((node) => {
    // What the debug sidebar shows goes into the log, too.
    if (node.type === 'debug') return { ...node, console: true };
    if (node.type === 'delay') return { ...node, timeoutUnits: 'seconds' };
    if (node.type !== 'wecom-chatbot') return node;
    return { ...node, base_url: wecom.connection.base_url, credentials: { chatbot_key: key } };
  });
  await nodeRed.deploy(nodes);
  const said = (name) => nodeRed.log.split(`[debug:${name}]`).length - 1;
  const expect = async (name, requests) => {
    const [before, already] = [said(name), wecom.received.length];
    await nodeRed.inject(nodes.find(({ type }) => type === 'inject').id);
    for (let waited = 0; said(name) === before && waited < 10_000; waited += 50) await sleep(50);
    assert.equal(said(name), before + 1, nodeRed.log.slice(-1000));
    assert.equal(wecom.received.length - already, requests);
  };

  turns.push(() => ({ errcode: 93000, errmsg: 'invalid webhook url' }));
  await expect('What to do 处理办法', 1);
  turns.push((response) => response.destroy());
  await expect('Look first 请先确认', 1);
  turns.push(
    (response) => void response.writeHead(429).end(),
    () => ({ errcode: 0, errmsg: 'ok' }),
  );
  await expect('Sent 已发送', 2);
  assert.ok(!nodeRed.log.includes(key));
});
