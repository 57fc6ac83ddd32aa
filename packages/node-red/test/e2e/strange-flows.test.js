/** Flows that nobody made in the editor: written by hand, or cut out of others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchBrowser } from '../../../js/test/support/browser.js';
import { Editor } from './support/editor.js';
import { NodeRed } from './support/node-red.js';

test('the editor says what is wrong with a flow that is pasted, and opens its dialogs', async (t) => {
  const nodeRed = await NodeRed.start();
  t.after(() => nodeRed.stop());
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const editor = await Editor.open(browser, nodeRed);
  const troubles = [];
  editor.page.on('pageerror', (error) => troubles.push(error.message));
  editor.page.on('console', (message) => message.type() === 'error' && troubles.push(message.text()));
  const fields = { content: { type: 'str', value: 'a' }, to_user: { type: 'list', value: ['zhangsan'] } };
  const node = (id, y, rest) => ({ id, type: 'wecom-push-text-message', z: 'tab', x: 300, y, wires: [[]], ...rest });
  const nodes = {
    gone: [{ connection: 'nowhere', fields }, ['Connection: missing configuration node']],
    other: [{ connection: 'chatbot', fields }, ['Connection: Must be of the type WeCom Application']],
    empty: [{ fields: null }, 2],
    text: [
      { connection: 'application', fields: { ...fields, to_user: { type: 'list', value: 'a|b' } } },
      // The connector takes it.
      [],
    ],
    json: [{ connection: 'application', fields: { ...fields, to_party: { type: 'json', value: '[1,' } } }, 1],
    surplus: [
      { connection: 'application', fields: { ...fields, fish: { type: 'str', value: 'cod' }, safe: null } },
      ['fish: There is no such field'],
    ],
    expression: [{ connection: 'application', fields: { ...fields, content: { type: 'jsonata', value: '$sum(' } } }, 1],
    // What the editor cannot know is not held against it.
    good: [{ connection: 'application', fields: { ...fields, content: { type: 'msg', value: 'payload.text' } } }, []],
  };
  await editor.importText([
    { id: 'tab', type: 'tab', label: 'Pasted' },
    {
      id: 'application',
      type: 'wecom-application',
      corp_id: 'ww5f2c8a9b1d3e4f60',
      agent_id: '1000002',
      credentials: { app_secret: 'a' },
    },
    { id: 'chatbot', type: 'wecom-chatbot', credentials: { chatbot_key: 'a' } },
    ...Object.keys(nodes).map((id, index) => node(id, 60 + 60 * index, nodes[id][0])),
  ]);
  await editor.showFlow('tab');
  for (const [id, [, expected]] of Object.entries(nodes)) {
    const problems = await editor.problems(id);
    if (typeof expected === 'number') assert.equal(problems.length, expected, `${id}: ${problems.join()}`);
    else assert.deepEqual(problems, expected, id);
    await editor.edit(id);
    assert.equal(await editor.field('content').isVisible(), true, id);
    await editor.cancel();
  }
  await editor.screenshot('strange-flows');
  assert.deepEqual(troubles, []);
});
