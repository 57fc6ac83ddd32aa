/** The example flows: imported from the menu, given a connection, and run. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Connector } from 'wecom-connector';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { Simulator, sleep, startWecom } from '../support/shared.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const folder = new URL('../../examples/', import.meta.url);
const examples = readdirSync(folder).flatMap((language) =>
  readdirSync(new URL(`${language}/`, folder)).map((file) => ({ language, name: file.replace('.json', '') })),
);
const read = ({ language, name }) => JSON.parse(readFileSync(new URL(`${language}/${name}.json`, folder), 'utf8'));

/** What each is to do at WeCom, by the requests that arrive; by the first action in it. */
const stories = {
  'wecom-push-text-message-by-chatbot': async (payload) => {
    const [sent] = await simulator.at('webhook/send');
    assert.deepEqual(sent.body, { msgtype: 'text', text: { content: payload, mentioned_list: ['@all'] } });
  },
  'wecom-create-department': async (payload) => {
    const hire = JSON.parse(payload);
    const [department] = await simulator.at('department/create');
    assert.deepEqual(department.body, { name: hire.department, parentid: 1 });
    const [member] = await simulator.at('user/create');
    const [place] = member.body.department;
    const { user_id: userid, name, mobile, leader } = hire;
    assert.deepEqual(member.body, { userid, name, mobile, department: [place] });
    assert.ok(place > 1, 'the department that was created');
    const [chat] = await simulator.at('appchat/create');
    assert.deepEqual([chat.body.owner, chat.body.userlist], [leader, [leader, userid]]);
    assert.ok(chat.body.name.includes(name), chat.body.name);
    const [welcome] = await simulator.at('appchat/send');
    for (const word of [name, hire.department]) assert.ok(welcome.body.text.content.includes(word), word);
    assert.ok(welcome.body.chatid.length > 0);
  },
  'wecom-upload-media': async () => {
    const [sent] = await simulator.at('message/send');
    const { media_id } = sent.body.file;
    const output = await new Connector().downloadMedia(simulator.connection('application'), { media_id });
    assert.ok(output.file_name.endsWith('.xlsx'), output.file_name);
    assert.deepEqual(Buffer.from(output.content, 'base64'), report);
  },
  'wecom-push-text-message': async () => {
    const [sent] = await simulator.at('message/send');
    assert.equal(sent.body.touser, 'zhangsan');
    const [withdrawn] = await simulator.at('message/recall');
    assert.match(withdrawn.body.msgid, /^SIM-MSGID-/);
  },
};

/** What stands in the file of the example that sends one. */
const report = Buffer.from('销量\0\xff');

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

test('the examples of both languages are the same flows, each in one language', () => {
  const of = (language) => examples.filter((example) => example.language === language).map(read);
  const shape = (nodes) => {
    const places = new Map(nodes.map(({ id }, index) => [id, index]));
    const wired = ({ type, wires = [], scope = [] }) => [type, [wires, scope].flat(2).map((id) => places.get(id))];
    return nodes.filter(({ type }) => type !== 'comment').map(wired);
  };
  const sorted = (flows) => flows.map((nodes) => JSON.stringify(shape(nodes))).sort();
  assert.deepEqual(sorted(of('English')), sorted(of('中文')));
  assert.doesNotMatch(JSON.stringify(of('English')), /\p{Script=Han}/u);
  for (const nodes of of('中文')) {
    for (const { type, label, name } of nodes.filter((node) => node.type !== 'change' && node.type !== 'switch')) {
      for (const text of [label, name].filter(Boolean)) assert.match(text, /\p{Script=Han}/u, type);
    }
  }
});

/** What WeCom begins is run in callbacks.test.js. */
const begunHere = examples.filter((example) => !read(example).some(({ type }) => type === 'wecom-event'));

for (const example of begunHere) {
  test(`${example.name} is imported, and does what it says, with the connection that is there or is made`, async (t) => {
    const nodes = read(example);
    const flow = nodes.find(({ type }) => type === 'tab').id;
    const actions = nodes.filter(({ fields }) => fields);
    const type = actions[0].type.endsWith('chatbot') ? 'chatbot' : 'application';
    assert.deepEqual(
      nodes.filter((node) => node.type === `wecom-${type}`),
      [],
      'it brings no connection',
    );
    assert.ok(nodes.filter((node) => node.type === 'comment').length >= 3, 'the steps stand on the canvas');

    const locale = example.language === '中文' ? 'zh-CN' : 'en-US';
    const editor = await Editor.open(browser, nodeRed, { locale });
    t.after(() => editor.close());
    await editor.steps(example.name)('example', async () => {
      // What is there of other examples.
      const before = await editor.connections(type);
      await editor.importExample(example.language, example.name);
      await editor.showFlow(flow);
      const unknown = await editor.page.evaluate(() => RED.nodes.filterNodes({ type: 'unknown' }).length);
      assert.equal(unknown, 0);
      if (before.length === 0) {
        for (const { id } of actions) assert.equal((await editor.problems(id)).length, 1, 'the connection is missing');
        await editor.edit(actions[0].id);
        await editor.page.locator('#node-input-btn-connection-add').click();
        await editor.page.locator('#node-config-dialog-edit-form').waitFor();
        await editor.fillConnection(simulator.connection(type));
        await editor.closeConnection();
        await editor.done();
      }
      const connections = await editor.connections(type);
      assert.equal(connections.length, 1);
      for (const { id } of actions) {
        assert.deepEqual(await editor.problems(id), [], id);
        assert.equal(await editor.page.evaluate((node) => RED.nodes.node(node).connection, id), connections[0]);
      }

      for (const { id } of nodes.filter((node) => node.type === 'file in')) {
        const path = join(nodeRed.userDir, 'report.xlsx');
        await writeFile(path, report);
        await editor.page.evaluate(
          ([node, file]) => Object.assign(RED.nodes.node(node), { filename: file, filenameType: 'str', changed: true }),
          [id, path],
        );
      }
      simulator.clear();
      await editor.deploy();
      const inject = nodes.find((node) => node.type === 'inject');
      await editor.inject(inject.id);
      await (await editor.debugMessages()).first().waitFor();
      await stories[actions[0].type](inject.payload);
      const refused = (await simulator.settled()).filter(({ status, errcode }) => status !== 200 || errcode);
      assert.deepEqual(refused, []);
      await editor.screenshot(`example-${locale}-${type}-${actions.length}`);
    });
  });
}

test('an alert that fails takes the way of its class', async (t) => {
  const turns = [];
  const wecom = await startWecom(t, (_, response) => turns.shift()(response));
  const key = 'SLOW-WECOM-chatbot-key-not-real';
  const [alert] = examples.filter(({ name }) => name === '群告警').map(read);
  const connection = { id: 'group', type: 'wecom-chatbot', base_url: wecom.connection.base_url };
  const nodes = [...alert, { ...connection, credentials: { chatbot_key: key } }].map((node) => {
    // What the debug sidebar shows goes into the log, too.
    if (node.type === 'debug') return { ...node, console: true };
    if (node.type === 'delay') return { ...node, timeoutUnits: 'seconds' };
    return node.fields ? { ...node, connection: connection.id } : node;
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
  await expect('处理办法', 1);
  turns.push((response) => response.destroy());
  await expect('请先确认', 1);
  turns.push(
    (response) => void response.writeHead(429).end(),
    () => ({ errcode: 0, errmsg: 'ok' }),
  );
  await expect('已发送', 2);
  assert.ok(!nodeRed.log.includes(key));
});
