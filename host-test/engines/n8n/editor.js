/**
 * n8n's editor in Chromium, in both languages: credentials with their test, forms, a flow that sends a file and a card, and
 * the list of executions; the examples of the package; and the node as a tool of n8n's own MCP server.
 *
 *     node editor.js <n8n-nodes-wecom-connector-….tgz>
 *
 * README.md says what it needs. Screenshots go to screenshots/.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findChromium, launchBrowser } from '../../../packages/js/test/support/browser.js';
import { Simulator } from '../../../packages/js/test/support/simulator.js';
import { nodeDescription } from '../../../packages/n8n/src/form/node.js';
import { filledIn } from '../../../packages/n8n/test/support/form.js';
import { runExamples } from './examples.js';
import { argumentsOf, OWNER, rowOf, run, skip, TYPE, until } from './whole.js';

const manifest = JSON.parse(readFileSync(new URL('../../../schemas/manifest.json', import.meta.url), 'utf8'));
const screenshots = fileURLToPath(new URL('screenshots/', import.meta.url));
const { tarball } = argumentsOf({});
try {
  findChromium();
} catch (error) {
  skip(error.message);
}

/** The editor as its owner has it, by the names that n8n's own tests give to what is in it. */
class Editor {
  page;
  /** What the tests of credentials answered. */
  tested = [];
  #language;

  static async open(browser, n8n, language) {
    const editor = new Editor();
    editor.#language = language;
    const context = await browser.newContext({ locale: 'en-US', viewport: { width: 1440, height: 1000 } });
    editor.page = await context.newPage();
    editor.page.setDefaultTimeout(60_000);
    editor.page.on('response', async (response) => {
      if (response.url().endsWith('/rest/credentials/test')) editor.tested.push((await response.json()).data);
    });
    await editor.page.goto(`${n8n.url}/signin`);
    await editor.page.locator('input[name="emailOrLdapLoginId"]').fill(OWNER.email);
    await editor.page.locator('input[type="password"]').fill(OWNER.password);
    await editor.page.getByRole('button', { name: 'Sign in' }).click();
    await editor.page.waitForURL(/\/home\//);
    return editor;
  }

  by(id) {
    return this.page.locator(`[data-test-id="${id}"]`);
  }

  async shoot(name) {
    await this.page.screenshot({ path: `${screenshots}${this.#language}-${name}.png` });
  }

  async fill(field, value) {
    await this.by(`parameter-input-${field}`).locator('input').first().fill(String(value));
  }

  /** Saves the credential that is open; what its test answered. */
  async save() {
    const before = this.tested.length;
    await this.by('credential-save-button').click();
    await until('the credential is tested', () => this.tested.length > before, 30);
    return this.tested.at(-1);
  }

  async openNode(name) {
    await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
    await this.by('ndv').waitFor();
  }

  async closeNode() {
    await this.page.keyboard.press('Escape');
    await this.by('ndv').waitFor({ state: 'hidden' });
  }
}

/** A person makes a credential, with a wrong secret first. */
async function credentials(editor, n8n, application, title, language) {
  await editor.page.goto(`${n8n.url}/home/credentials/create`);
  await editor.by('new-credential-type-select').locator('input').fill(title);
  await editor.by('new-credential-type-select-option').filter({ hasText: title, visible: true }).click();
  await editor.by('new-credential-type-button').click();
  await editor.fill('corp_id', application.corp_id);
  await editor.fill('agent_id', application.agent_id);
  await editor.fill('app_secret', 'wrong-secret');
  await editor.by('parameter-input-moreFields').click();
  await editor.fill('base_url', application.base_url);
  assert.equal((await editor.save()).status, 'Error');
  await editor.page.getByText('More details').click();
  const hint = manifest.error_codes.find(({ code }) => code === 40001).hint[language];
  const modal = editor.by('editCredential-modal');
  await modal.getByText(hint).waitFor();
  assert.match(await modal.textContent(), /40001/);
  await editor.shoot('credential-wrong');
  await editor.fill('app_secret', application.app_secret);
  const { status, message } = await editor.save();
  assert.equal(status, 'OK');
  // n8n shows that it is right, and keeps the words for itself.
  assert.match(message, { en: /WeCom accepts/, zh: /企业微信/ }[language]);
  await modal.getByText('Connection tested successfully').waitFor();
  await editor.shoot('credential-right');
}

/** The flow of a person who sends a report and asks for a decision, and two nodes that are only looked at. */
function flowOf(description, language, credentials) {
  const words = {
    en: { start: 'Start', figures: 'Figures', file: 'To a file', title: 'Report of week 30', approve: 'Approve' },
    zh: { start: '开始', figures: '数据', file: '转为文件', title: '第30周报表', approve: '同意' },
  }[language];
  const wecom = (name, id, parameters, files) => {
    const action = manifest.actions.find((candidate) => candidate.id === id);
    return { name, type: TYPE, credentials, parameters: filledIn(description, action, parameters, files) };
  };
  const title = (id) => manifest.actions.find((action) => action.id === id).label[language];
  const row = [
    { name: words.start, type: 'n8n-nodes-base.manualTrigger', parameters: {} },
    {
      name: words.figures,
      type: 'n8n-nodes-base.set',
      typeVersion: 3.4,
      parameters: {
        mode: 'manual',
        assignments: { assignments: [{ id: 'a', name: 'sold', value: 17, type: 'number' }] },
        options: {},
      },
    },
    {
      name: words.file,
      type: 'n8n-nodes-base.convertToFile',
      typeVersion: 1.1,
      parameters: { binaryPropertyName: 'data', options: { fileName: 'report.csv' } },
    },
    wecom(title('upload-media'), 'upload-media', { kind: 'file', content: '' }, { content: 'data' }),
    wecom(title('push-file-message'), 'push-file-message', {
      to_user: ['zhangsan'],
      media_id: '={{ $json.media_id }}',
    }),
    wecom(title('push-button-card'), 'push-button-card', {
      to_user: ['zhangsan', 'LiSi'],
      main_title: { title: words.title },
      task_id: `week-30-${language}`,
      button_list: [{ text: words.approve, key: 'approve' }],
    }),
  ];
  const apart = [
    wecom(title('create-member'), 'create-member', { user_id: 'lisi2', name: 'Li Si', department: [1] }),
    wecom(title('push-markdown-message-by-chatbot'), 'push-markdown-message-by-chatbot', { content: '**17**' }),
  ];
  const { nodes, connections } = rowOf(row);
  const alone = apart.map((node, index) => ({ id: node.name, position: [220 * (index + 3), 240], ...node }));
  return {
    name: words.title,
    nodes: [...nodes, ...alone].map((node) => ({ typeVersion: 1, ...node })),
    connections,
  };
}

/** Each form has the fields of its action, by their names, and the members have theirs. */
async function forms(editor, description, flow) {
  const drawn = flow.nodes.filter(({ type }) => type === TYPE);
  assert.equal(drawn.length, 5);
  for (const { name, parameters } of drawn) {
    await editor.openNode(name);
    const panel = editor.by('ndv');
    const own = ({ displayOptions }) => displayOptions?.show.operation?.includes(parameters.operation);
    for (const { displayName } of description.properties.filter(own)) {
      await panel.getByText(displayName, { exact: true }).first().waitFor();
    }
    if (parameters.to_user)
      await panel
        .getByText(/\(zhangsan\)/)
        .first()
        .waitFor();
    await editor.shoot(`form-${parameters.operation}`);
    await editor.closeNode();
  }
}

/** The flow runs by its button; its executions are the record of what was pushed. */
async function pushes(editor, simulator, flow) {
  await simulator.clear();
  await editor.by('execute-workflow-button').click();
  await until('the card is sent', async () => (await simulator.at('message/send')).length === 2, 30);
  const [report, decision] = (await simulator.at('message/send')).map(({ body }) => body);
  assert.deepEqual([report.msgtype, report.touser], ['file', 'zhangsan']);
  assert.deepEqual([decision.msgtype, decision.touser], ['template_card', 'zhangsan|LiSi']);
  assert.equal(decision.template_card.main_title.title, flow.name);
  const [upload] = (await simulator.settled()).filter(({ path }) => path === '/cgi-bin/media/upload');
  assert.equal(upload.errcode, 0);
  await editor.page.getByText('Workflow executed successfully').waitFor();
  await editor.shoot('flow');

  await editor.by('radio-button-executions').click();
  await editor
    .by('executions-sidebar')
    .getByText(/Succeeded/)
    .first()
    .waitFor();
  // The execution as it was: what WeCom answered stands in it.
  const execution = editor.page.frameLocator('iframe');
  const { name } = flow.nodes.find(({ parameters }) => parameters.operation === 'push-button-card');
  const card = execution.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`);
  await card.waitFor();
  await editor.shoot('executions');
  await card.dblclick();
  await execution
    .getByText(/SIM-MSGID/)
    .first()
    .waitFor();
  await editor.shoot('execution');
}

/** A model reaches the node by n8n's MCP server: what it can do, that it does it, and what it is told where that fails. */
async function tool(n8n, simulator, credentials) {
  const path = 'wecom';
  const node = {
    id: 'tool',
    name: 'Send a text to a member',
    type: `${TYPE}Tool`,
    typeVersion: 1,
    position: [0, 200],
    credentials,
    parameters: {
      resource: 'app-message',
      operation: 'push-text-message',
      to_user: "={{ $fromAI('to_user', 'User ID of the member') }}",
      content: "={{ $fromAI('content', 'The text') }}",
    },
  };
  const server = {
    id: 'server',
    name: 'MCP Server Trigger',
    type: '@n8n/n8n-nodes-langchain.mcpTrigger',
    typeVersion: 2,
    position: [0, 0],
    webhookId: path,
    parameters: { path },
  };
  const connections = { [node.name]: { ai_tool: [[{ node: server.name, type: 'ai_tool', index: 0 }]] } };
  await n8n.workflow({ name: 'MCP', nodes: [server, node], connections });

  let session;
  let count = 0;
  const ask = async (method, params) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    count += 1;
    const response = await fetch(`${n8n.url}/mcp/${path}`, {
      method: 'POST',
      headers: { ...headers, ...(session && { 'mcp-session-id': session }) },
      body: JSON.stringify({ jsonrpc: '2.0', id: count, method, params }),
    });
    session ??= response.headers.get('mcp-session-id');
    const text = await response.text();
    assert.equal(response.status, 200, text);
    return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? text).result;
  };
  await ask('initialize', {
    protocolVersion: '2025-03-26',
    capabilities: {},
    clientInfo: { name: 'editor.js', version: '1' },
  });
  const { tools } = await ask('tools/list', {});
  assert.equal(tools.length, 1);
  assert.deepEqual(Object.keys(tools[0].inputSchema.properties).sort(), ['content', 'to_user']);
  const send = (to_user) => ask('tools/call', { name: tools[0].name, arguments: { to_user, content: 'from a model' } });
  await simulator.clear();
  const sent = await send('zhangsan');
  assert.ok(!sent.isError, JSON.stringify(sent));
  const [{ body }] = await simulator.at('message/send');
  assert.deepEqual([body.touser, body.text.content], ['zhangsan', 'from a model']);
  const refused = await send('nobody-of-that-name');
  const hint = manifest.error_codes.find(({ code }) => code === 81013).hint.en;
  const words = refused.content.map(({ text }) => text).join('\n');
  assert.equal(refused.isError, true, words);
  assert.ok(words.includes('81013') && words.includes(hint), words);
  console.log(`as a tool: it sent a message; an error is one, and says: ${words.slice(0, 160)}…`);
}

await run({ tarball }, async (n8n) => {
  mkdirSync(screenshots, { recursive: true });
  const simulator = await Simulator.start();
  const browser = await launchBrowser();
  try {
    let main = await n8n.main('main-en', { N8N_DEFAULT_LOCALE: 'en' });
    const application = simulator.connection('application');
    const kept = {
      ...(await n8n.credential('Simulator', application)),
      ...(await n8n.credential('Simulator', simulator.connection('chatbot'))),
    };
    await tool(n8n, simulator, kept);
    for (const language of ['en', 'zh']) {
      if (language === 'zh') {
        main.child.kill('SIGTERM');
        await main.ended;
        main = await n8n.main('main-zh', { N8N_DEFAULT_LOCALE: 'zh-CN' });
      }
      const description = nodeDescription(manifest, language);
      const editor = await Editor.open(browser, n8n, language);
      const { title } = manifest.connection_types.find(({ type }) => type === 'application');
      const credential = { en: `WeCom ${title.en} API`, zh: `企业微信${title.zh}` }[language];
      const flow = flowOf(description, language, kept);
      try {
        await credentials(editor, n8n, application, credential, language);
        const { id } = await n8n.workflow(flow, { isActive: false });
        await editor.page.goto(`${n8n.url}/workflow/${id}`);
        await forms(editor, description, flow);
        await pushes(editor, simulator, flow);
        await runExamples({ editor, n8n, simulator, manifest, language, credentials: kept });
      } catch (error) {
        await editor.shoot('failed');
        throw error;
      }
      await editor.page.context().close();
      console.log(`${language}: credentials, 5 forms, a file and a card, and their execution`);
    }
  } finally {
    await browser.close();
    await simulator.stop();
  }
});
