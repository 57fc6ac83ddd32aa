/**
 * The workflows that come with the package: imported by the editor's own “Import from File”, given the credentials that their
 * notes ask for, and run. What they sent is read at the simulator.
 */
import assert from 'node:assert/strict';
import { newConnection } from '../../../packages/js/test/support/callbacks.js';
import { exampleFiles, PACKAGE, TYPE, until } from './whole.js';

const FOLDERS = { en: 'English', zh: '中文' };

/** What was delivered so far of that type. */
async function delivered(simulator, type) {
  const answer = await fetch(`${simulator.baseUrl}/simulator/messages`);
  const messages = await answer.json();
  return messages.filter(({ body }) => body.msgtype === type);
}

/** Runs an example to its good end; the one message of that type that it has sent. */
async function sentBy(simulator, example, type) {
  const before = (await delivered(simulator, type)).length;
  const { status, error } = await example.run();
  assert.equal(status, 'success', error?.message);
  const messages = (await delivered(simulator, type)).slice(before);
  assert.equal(messages.length, 1);
  return messages[0];
}

/** A person takes the file, and saves what it becomes. */
async function imported(editor, n8n, path, { nodes }) {
  await editor.page.goto(`${n8n.url}/workflow/new`);
  // Before it is there, the editor takes the file and forgets it.
  await editor.by('canvas-add-button').waitFor();
  const isSaved = (response) =>
    response.request().method() === 'POST' && response.url().endsWith('/rest/workflows') && response.ok();
  const save = async () => {
    await editor.by('workflow-import-input').setInputFiles(path);
    for (const { name, type } of nodes) {
      if (type.endsWith('.stickyNote')) continue;
      await editor.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).waitFor();
    }
    await editor.page.keyboard.press('Control+s');
  };
  const [response] = await Promise.all([editor.page.waitForResponse(isSaved), save()]);
  return (await response.json()).data.id;
}

class Example {
  #n8n;
  #file;
  #workflow;

  /** With a credential in each node that wants one. */
  static async of(n8n, id, file, credentialsOf) {
    const example = new Example();
    example.#n8n = n8n;
    example.#file = file;
    const { data } = await n8n.call('GET', `/rest/workflows/${id}`);
    const isOurs = ({ type }) => type.startsWith(`${PACKAGE}.`);
    // What is a default n8n has not kept: what the node does stands in the file.
    for (const node of data.nodes.filter(isOurs)) {
      node.credentials = credentialsOf(file.nodes.find(({ name }) => name === node.name));
    }
    const { nodes, connections, settings, versionId } = data;
    const changed = { nodes, connections, settings, versionId };
    example.#workflow = (await n8n.call('PATCH', `/rest/workflows/${id}`, changed)).data;
    return example;
  }

  get id() {
    return this.#workflow.id;
  }

  node(type) {
    return this.#workflow.nodes.find((node) => node.type.endsWith(`.${type}`));
  }

  has(operation) {
    return this.#file.nodes.some(({ parameters }) => parameters.operation === operation);
  }

  /** Begins it as the editor's button does. */
  async begin() {
    const trigger = this.node('manualTrigger').name;
    const body = { workflowData: this.#workflow, triggerToStartFrom: { name: trigger } };
    const { data } = await this.#n8n.call('POST', `/rest/workflows/${this.id}/run`, body);
    return data.executionId;
  }

  async run() {
    const executionId = await this.begin();
    return this.#n8n.endOf(this.id, executionId);
  }

  async publish() {
    const { versionId } = this.#workflow;
    await this.#n8n.call('POST', `/rest/workflows/${this.id}/activate`, { versionId });
  }

  async withdraw() {
    await this.#n8n.call('POST', `/rest/workflows/${this.id}/deactivate`);
  }
}

export async function runExamples({ editor, n8n, simulator, manifest, language, credentials }) {
  const application = simulator.connection('application');
  const callback = newConnection({ receive_id: application.corp_id });
  const kept = { ...credentials, ...(await n8n.credential(`Callback ${language}`, callback)) };
  const credentialsOf = ({ type, parameters }) => {
    const action = manifest.actions.find(({ id }) => id === parameters.operation);
    const name =
      type === TYPE
        ? { application: 'weComApplicationApi', chatbot: 'weComChatbotApi' }[action.connection_type]
        : 'weComCallbackApi';
    return { [name]: kept[name] };
  };
  const examples = [];
  for (const { path, content } of exampleFiles(FOLDERS[language])) {
    const id = await imported(editor, n8n, path, content);
    examples.push(await Example.of(n8n, id, content, credentialsOf));
  }
  const withOperation = (operation) => examples.find((example) => example.has(operation));

  // It waits for a minute, in which the others run.
  const resent = await alert(n8n, simulator, withOperation('push-markdown-message-by-chatbot'));
  await newHire(simulator, application, withOperation('create-member'));
  await reportFile(simulator, withOperation('push-file-message-by-chatbot'));
  await approval(n8n, simulator, application, callback, withOperation('push-button-card'));
  const errorWorkflow = examples.find((example) => example.node('errorTrigger'));
  await failed(n8n, simulator, credentialsOf, `Payroll ${language}`, errorWorkflow);
  await resent();
  console.log(`${language}: ${examples.length} examples imported from their files, and each has sent what it says`);
}

async function newHire(simulator, { base_url, corp_id, contacts_secret }, example) {
  const { target, body } = await sentBy(simulator, example, 'text');
  assert.deepEqual(target.userids, ['zhangsan2']);
  assert.match(body.text.content, /zhangsan2/);
  // For the other language.
  const get = async (path) => (await fetch(`${base_url}/cgi-bin/${path}`)).json();
  const { access_token } = await get(`gettoken?corpid=${corp_id}&corpsecret=${contacts_secret}`);
  const { errcode } = await get(`user/delete?access_token=${access_token}&userid=zhangsan2`);
  assert.equal(errcode, 0);
}

async function reportFile(simulator, example) {
  const { body } = await sentBy(simulator, example, 'file');
  assert.match(body.file.media_id, /\w/);
}

/** Card, button, and what the card shows then. */
async function approval(n8n, simulator, { agent_id }, { token, encoding_aes_key }, example) {
  const { body } = await sentBy(simulator, example, 'template_card');
  assert.equal(body.template_card.button_list.length, 2);
  await example.publish();
  const { webhookId } = example.node('weComTrigger');
  const url = `${n8n.url}/webhook/${webhookId}/wecom`;
  const set = await simulator.act('callback', { agent_id, url, token, encoding_aes_key });
  assert.equal(set.errcode, 0, JSON.stringify(set));
  const pressed = await simulator.act('press', { user_id: 'zhangsan', key: 'approve' });
  assert.equal((await simulator.delivered(pressed.callback)).state, 'delivered', JSON.stringify(pressed));
  const shown = await until('the card shows the answer', async () => {
    const card = (await delivered(simulator, 'template_card')).at(-1);
    return card.updates?.zhangsan;
  });
  assert.match(shown.button.replace_name, /^(Approved|已同意)$/);
  await example.withdraw();
}

/** A flow that fails has this one for its error workflow. */
async function failed(n8n, simulator, credentialsOf, name, example) {
  await example.publish();
  const node = {
    name: 'WeCom',
    type: TYPE,
    typeVersion: 1,
    parameters: { operation: 'push-text-message', to_user: ['nobody'], content: 'x' },
  };
  const sender = {
    ...node,
    credentials: credentialsOf(node),
    parameters: { resource: 'app-message', ...node.parameters },
  };
  const flow = await n8n.flow(name, [sender], { settings: { errorWorkflow: example.id } });
  await flow.begin('x');
  const told = await until('a person is told', async () => {
    const texts = (await delivered(simulator, 'text')).map(({ body }) => body.text.content);
    return texts.find((text) => text.includes(name));
  });
  assert.match(told, /81013/);
  await example.withdraw();
}

/** It goes out; what fails is sorted by its class, and what is retryable is sent again after a minute. */
async function alert(n8n, simulator, example) {
  const faults = (...wanted) => simulator.act('faults', wanted);
  const alerts = async () => (await delivered(simulator, 'markdown')).length;
  await sentBy(simulator, example, 'markdown');
  const before = await alerts();

  await faults({ errcode: 93000, errmsg: 'invalid webhook url' });
  const refused = await example.run();
  assert.equal(refused.status, 'error');
  assert.match(refused.error.message, /93000/);
  assert.equal(await alerts(), before);

  await faults({ lose: 'reply' });
  const unknown = await example.run();
  assert.equal(unknown.status, 'error');
  assert.match(unknown.error.message, /look in the group|请先在群里确认/);
  assert.equal(await alerts(), before + 1);

  await faults({ errcode: 45009, errmsg: 'api freq out of limit' });
  const busy = await example.begin();
  return async () => {
    const { status } = await n8n.endOf(example.id, busy);
    assert.deepEqual([status, await alerts()], ['success', before + 2]);
  };
}
