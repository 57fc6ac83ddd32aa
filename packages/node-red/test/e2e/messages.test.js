/** Messages that are made of records: filled in as a person does, and read at WeCom. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { languages } from '../../src/editor/catalog.js';
import { connectionNode } from '../support/flows.js';
import { Simulator } from '../support/shared.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

const buttons = [
  { text: '同意', key: 'approve-17' },
  { text: '查看详情', type: 1, url: 'https://erp.example.com/17' },
];
const mainTitle = { title: '采购单17号', desc: '金额1200元' };

/** By action: what is filled in, and what WeCom gets of it. It takes the ID of a task only once. */
const messages = (tag) => ({
  'push-button-card': {
    values: { to_user: ['zhangsan'], main_title: mainTitle, task_id: `order-17-${tag}`, button_list: buttons },
    sent: {
      touser: 'zhangsan',
      msgtype: 'template_card',
      template_card: {
        card_type: 'button_interaction',
        main_title: mainTitle,
        task_id: `order-17-${tag}`,
        button_list: buttons,
      },
    },
  },
  'push-news-message': {
    values: {
      to_user: ['zhangsan'],
      articles: [
        { title: '第29周销售报表', url: 'https://bi.example.com/29' },
        { title: '第30周销售报表', description: '环比增长4%', url: 'https://bi.example.com/30' },
      ],
    },
    sent: {
      touser: 'zhangsan',
      msgtype: 'news',
      news: {
        articles: [
          { title: '第29周销售报表', url: 'https://bi.example.com/29' },
          { title: '第30周销售报表', description: '环比增长4%', url: 'https://bi.example.com/30' },
        ],
      },
    },
  },
});

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

for (const { tag } of languages) {
  for (const [action, { values, sent }] of Object.entries(messages(tag))) {
    test(`${action} is filled in, saved and sent, in ${tag}`, async (t) => {
      const { node, credentials } = connectionNode('app', simulator.connection('application'));
      await nodeRed.deploy([
        { id: 'tab', type: 'tab', label: 'messages' },
        { ...node, credentials },
      ]);
      const editor = await Editor.open(browser, nodeRed, { locale: tag });
      t.after(() => editor.close());
      const { properties } = manifest.actions.find(({ id }) => id === action).parameters;
      await editor.steps(`${action}-${tag}`)(action, async () => {
        const inject = await editor.drag('inject', 160, 120);
        const id = await editor.drag(`wecom-${action}`, 400, 120);
        await editor.wire(inject, id);
        await editor.edit(id);
        for (const [name, value] of Object.entries(values)) await editor.fillField(name, properties[name], value);
        await editor.screenshot(`${action}-${tag}`);
        await editor.done();
        assert.deepEqual(await editor.problems(id), []);
        await simulator.clear();
        await nodeRed.restarted(() => editor.deploy());
        await editor.inject(inject);
        const [{ body }] = await simulator.at('message/send');
        const { agentid, ...rest } = body;
        assert.equal(agentid, simulator.connection('application').agent_id);
        assert.deepEqual(rest, sent);
      });
    });
  }
}
