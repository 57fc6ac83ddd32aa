/** The workflows that come with the package: n8n takes them as they are, and they do what they say. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startWecom } from '../../js/test/support/wecom.js';
import { bench } from './support/bench.js';
import { PACKAGE } from './support/n8n.js';

const it = bench();
const folder = (name) => new URL(`../examples/${name}/`, import.meta.url);
const languages = ['English', '中文'];
const files = Object.fromEntries(languages.map((name) => [name, readdirSync(folder(name)).sort()]));
const read = (language, file) => JSON.parse(readFileSync(new URL(encodeURIComponent(file), folder(language)), 'utf8'));
const isOurs = ({ type }) => type.startsWith(`${PACKAGE}.`);
/** The example of that language with such a node. */
const withNode = (language, isMeant) =>
  files[language].map((file) => read(language, file)).find(({ nodes }) => nodes.some(isMeant));
const withOperation = (language, operation) =>
  withNode(language, ({ parameters }) => parameters.operation === operation);

for (const language of languages) {
  for (const file of files[language]) {
    test(`${language}/${file}: n8n keeps every parameter, and finds nothing wrong`, () => {
      const { nodes, connections } = read(language, file);
      const names = nodes.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length);
      for (const node of nodes.filter(isOurs)) {
        const { kept, issues } = it.engine.parametersOf(node);
        assert.equal(issues, null, node.name);
        // What stands in the default's place n8n does not keep.
        for (const [name, value] of Object.entries(node.parameters)) {
          if (name in kept) assert.deepEqual(kept[name], value, `${node.name}: ${name}`);
          else
            assert.ok(
              it.description.properties.some((field) => field.name === name && field.default === value),
              name,
            );
        }
        assert.equal(node.credentials, undefined);
      }
      for (const [from, { main }] of Object.entries(connections)) {
        for (const name of [from, ...main.flat().map((to) => to.node)]) assert.ok(names.includes(name), name);
      }
      // What expressions name is there.
      for (const [, name] of JSON.stringify(nodes).matchAll(/\$\(\\"([^\\]+)\\"\)/g))
        assert.ok(names.includes(name), name);
    });
  }
}

test('there are the same in both languages', () => {
  const skeletons = (language) =>
    files[language]
      .map((file) => {
        const { nodes } = read(language, file);
        return JSON.stringify(nodes.map(({ type, parameters, position }) => [type, Object.keys(parameters), position]));
      })
      .sort();
  assert.equal(files.English.length, 5);
  assert.deepEqual(skeletons('English'), skeletons('中文'));
});

for (const language of languages) {
  const start = { English: 'Start', 中文: '开始' }[language];

  test(`${language}: an alert goes out; what fails is sorted by its class`, async (t) => {
    await it.simulator.clear();
    const example = withOperation(language, 'push-markdown-message-by-chatbot');
    const sent = await it.engine.runExported(example, start);
    assert.equal(sent.status, 'success');
    assert.equal((await it.simulator.at('webhook/send')).length, 1);

    const lost = await startWecom(t, (_, response) => response.destroy());
    const unknown = await it.engineWith({}, { base_url: lost.connection.base_url }).runExported(example, start);
    assert.equal(unknown.status, 'error');
    assert.match(unknown.error.message, /look in the group|请先在群里确认/);
    assert.equal(lost.received.length, 1);

    const refused = await it
      .engineWith({}, { chatbot_key: '00000000-0000-0000-0000-000000000000' })
      .runExported(example, start);
    assert.match(refused.error.message, /93000/);
  });

  test(`${language}: an alert that WeCom is too busy for is sent again ten times, and no more`, async (t) => {
    const example = withOperation(language, 'push-markdown-message-by-chatbot');
    const busy = { errcode: 45009, errmsg: 'api freq out of limit' };
    const wecom = await startWecom(t, () => busy);
    const engine = it.engineWith({}, { base_url: wecom.connection.base_url });
    const { status, error } = await engine.runExported(example, start);
    assert.equal(status, 'error');
    assert.match(error.message, /45009/);
    assert.equal(wecom.received.length, 11);
  });

  test(`${language}: a new hire is created and welcomed`, async () => {
    await it.simulator.clear();
    const example = withOperation(language, 'create-member');
    const { status, error } = await it.engine.runExported(example, start);
    assert.ifError(error);
    assert.equal(status, 'success');
    const [message] = await it.simulator.at('message/send');
    assert.match(message.body.text.content, /zhangsan2/);
    // For the other language.
    await it.engine.run(it.form('delete-member', { user_id: 'zhangsan2' }));
  });

  test(`${language}: a card is sent; whoever presses it sees the answer`, async () => {
    await it.simulator.clear();
    const example = withOperation(language, 'push-button-card');
    const { status, error } = await it.engine.runExported(example, start);
    assert.ifError(error);
    assert.equal(status, 'success');
    const [card] = await it.simulator.at('message/send');
    assert.equal(card.body.template_card.button_list.length, 2);
    assert.ok(card.body.template_card.main_title.desc);

    const trigger = example.nodes.find(({ type }) => type.endsWith('.weComTrigger'));
    const fields = { event_key: 'approve', response_code: 'no-code-of-the-simulator' };
    await it.engine.runExported(example, trigger.name, [{ json: { from_user: 'zhangsan', fields } }]);
    const [update] = await it.simulator.at('message/update_template_card');
    assert.deepEqual(update.body.userids, ['zhangsan']);
    assert.match(update.body.button.replace_name, /^(Approved|已同意)$/);
  });

  test(`${language}: a report goes to the group as a file`, async () => {
    await it.simulator.clear();
    const { status, error } = await it.engine.runExported(withOperation(language, 'upload-media-by-chatbot'), start);
    assert.ifError(error);
    assert.equal(status, 'success');
    const [message] = await it.simulator.at('webhook/send');
    assert.equal(message.body.msgtype, 'file');
  });

  test(`${language}: a person is told of a flow that failed, and to look in WeCom where its run broke off`, async () => {
    const example = withNode(language, ({ type }) => type.endsWith('.errorTrigger'));
    const trigger = example.nodes.find(({ type }) => type.endsWith('.errorTrigger')).name;
    const told = async (json) => {
      await it.simulator.clear();
      assert.ifError((await it.engine.runExported(example, trigger, [{ json }])).error);
      return (await it.simulator.at('message/send'))[0].body.text.content;
    };
    const look = /look in WeCom|到企业微信查看/;
    const workflow = { id: '1', name: 'Payroll' };
    const execution = { id: '7', url: 'https://n8n.example.com/7', error: { message: 'too many times' } };
    const broken = await told({ workflow, execution });
    for (const words of ['Payroll', 'too many times', look, execution.url]) assert.match(broken, new RegExp(words));
    assert.doesNotMatch(await told({ workflow, execution: { ...execution, lastNodeExecuted: 'WeCom' } }), look);
    const start = await told({ workflow, trigger: { error: { message: 'no start' } } });
    assert.match(start, /no start/);
    assert.doesNotMatch(start, look);
  });
}
