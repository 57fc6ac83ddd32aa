/** n8n's own engine in this process: it loads the package as n8n does, and runs flows of it. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
/** In which `n8n-core` and `n8n-workflow` are: scripts/test.js names one version after the other. */
const core = require('n8n-core');
const workflowPackage = require('n8n-workflow');
const { SSHClientsManager } = require('n8n-core/dist/execution-engine/ssh-clients-manager.js');
const {
  CredentialTestContext,
} = require('n8n-core/dist/execution-engine/node-execution-context/credentials-test-context.js');
export const { version } = JSON.parse(await readFile(require.resolve('n8n-core/package.json'), 'utf8'));

export const PACKAGE = 'n8n-nodes-wecom-connector';
export const TYPE = `${PACKAGE}.weCom`;
export const TRIGGER = `${PACKAGE}.weComTrigger`;
export const REPLY = `${PACKAGE}.weComReply`;

/** The package as it is installed: the files that npm would pack, and no others. */
export async function installed(t) {
  const folder = await mkdtemp(join(tmpdir(), 'wecom-n8n-'));
  t.after(() => rm(folder, { recursive: true }));
  // A clock of n8n's that would keep the process.
  t.after(() => require('@n8n/di').Container.get(SSHClientsManager).onShutdown());
  for (const file of ['package.json', 'dist']) await cp(join(root, file), join(folder, file), { recursive: true });
  const loader = new core.PackageDirectoryLoader(folder);
  await loader.loadAll();
  return { folder, loader };
}

/** A node of n8n's own, which is not in `n8n-core`, as far as a test needs it. */
function standIn(name, execute, { outputs = ['main'], inputs = name.endsWith('Trigger') ? [] : ['main'] } = {}) {
  const description = { displayName: name, name, group: [], version: 1, defaults: { name }, inputs, outputs };
  // n8n hands on what is described, as it is.
  const known = ['assignments', 'errorMessage', 'options', 'rules'];
  const properties = known.map((field) => ({ displayName: field, name: field, type: 'json', default: '' }));
  return { description: { ...description, properties }, execute };
}

async function passOn() {
  return [this.getInputData()];
}

/** Of each item and its index something else. */
const each = (make) =>
  async function () {
    return [await Promise.all(this.getInputData().map((item, index) => make.call(this, item, index)))];
  };

const own = Object.fromEntries(
  [
    standIn('manualTrigger', passOn),
    standIn('errorTrigger', passOn),
    standIn('noOp', passOn),
    standIn('stickyNote', passOn),
    standIn('wait', passOn),
    standIn(
      'set',
      each(function (_, item) {
        const { assignments } = this.getNodeParameter('assignments', item);
        return { json: Object.fromEntries(assignments.map(({ name, value }) => [name, value])), pairedItem: { item } };
      }),
    ),
    standIn(
      'convertToFile',
      each(function ({ json }, item) {
        const fileName = this.getNodeParameter('options.fileName', item);
        const data = Buffer.from(Object.entries(json).join('\n')).toString('base64');
        return { json: {}, binary: { data: { data, mimeType: 'text/csv', fileName } }, pairedItem: { item } };
      }),
    ),
    standIn(
      'switch',
      async function () {
        const branches = [[], [], []];
        for (const [index, item] of this.getInputData().entries()) {
          const { values } = this.getNodeParameter('rules', index);
          const found = values.findIndex(({ conditions }) =>
            conditions.conditions.every(({ leftValue, rightValue }) => leftValue === rightValue),
          );
          branches.at(found).push(item);
        }
        return branches;
      },
      { outputs: ['main', 'main', 'main'] },
    ),
    standIn('stopAndError', async function () {
      throw new Error(this.getNodeParameter('errorMessage', 0));
    }),
    // A model that has its mind made up: it calls its tool with each of these, whatever the tool answers. One by hand, and
    // one that asks the engine for it, as n8n's own does since 2.0: it is run again when the answer is there.
    standIn(
      'askingAgent',
      async function (response) {
        const { calls } = this.getNodeParameter('options', 0);
        const before = response.metadata.answers ?? [];
        const answers = [...before, ...response.actionResponses.map(({ data }) => data)];
        if (answers.length < calls.length) {
          const id = `call-${answers.length}`;
          const [nodeName] = this.getParentNodes(this.getNode().name, { connectionType: 'ai_tool' }).map(
            ({ name }) => name,
          );
          const action = {
            actionType: 'ExecutionNodeAction',
            nodeName,
            input: calls[answers.length],
            type: 'ai_tool',
            id,
          };
          return { actions: [{ ...action, metadata: { itemIndex: 0 } }], metadata: { answers } };
        }
        return [
          [{ json: { answers: answers.map(({ data }) => JSON.stringify(data.ai_tool[0].map(({ json }) => json))) } }],
        ];
      },
      { inputs: ['main', { type: 'ai_tool' }] },
    ),
    standIn(
      'agent',
      each(async function (_, item) {
        const [tool] = await this.getInputConnectionData('ai_tool', item);
        const answers = [];
        for (const call of this.getNodeParameter('options.calls', item)) {
          answers.push(await tool.invoke(call).catch(({ message }) => message));
        }
        return { json: { answers }, pairedItem: { item } };
      }),
      { inputs: ['main', { type: 'ai_tool' }] },
    ),
  ].map((type) => [`n8n-nodes-base.${type.description.name}`, type]),
);

/** The same node for an agent, which is not made in `n8n-core`. */
function asTool(type) {
  const description = { ...type.description, inputs: [], outputs: ['ai_tool'] };
  return Object.assign(Object.create(Object.getPrototypeOf(type)), type, { description });
}

export class Engine {
  /** @param {object} credentials Decrypted, by type of credential. */
  constructor(loader, credentials) {
    this.loader = loader;
    this.credentials = credentials;
    const find = (type) => {
      if (own[type]) return own[type];
      const node = loader.getNode(type.replace(`${PACKAGE}.`, '').replace(/Tool$/, '')).type;
      return type.endsWith('Tool') ? asTool(node) : node;
    };
    this.nodeTypes = { getByName: find, getByNameAndVersion: find, getKnownTypes: () => ({}) };
  }

  additionalData(fields = {}) {
    const { credentials } = this;
    const base = 'http://localhost:5678';
    return {
      executionId: String(Math.floor(Math.random() * 1e9)),
      credentialsHelper: {
        getDecrypted: async (_, __, type) => credentials[type],
        getParentTypes: () => [],
        getCredentialsProperties: () => [],
        isCredentialUsableByNode: () => true,
        updateCredentials: async () => {},
      },
      hooks: new core.ExecutionLifecycleHooks('integrated', '1', { id: '1', name: 'Test' }),
      restApiUrl: `${base}/rest`,
      instanceBaseUrl: base,
      webhookBaseUrl: `${base}/webhook`,
      webhookTestBaseUrl: `${base}/webhook-test`,
      webhookWaitingBaseUrl: `${base}/webhook-waiting`,
      formWaitingBaseUrl: `${base}/form-waiting`,
      currentNodeParameters: undefined,
      currentNodeExecutionIndex: 0,
      variables: {},
      setExecutionStatus() {},
      ...fields,
    };
  }

  node(parameters, settings = {}) {
    const ids = Object.keys(this.credentials);
    return {
      id: 'wecom',
      name: 'WeCom',
      type: TYPE,
      typeVersion: 1,
      position: [200, 0],
      parameters,
      credentials: Object.fromEntries(ids.map((id) => [id, { id, name: id }])),
      ...settings,
    };
  }

  /** @param {string[]} [by] Nodes between the start and the node, which then runs once for each of them. */
  workflow(node, by = []) {
    const start = {
      id: 'start',
      name: 'Start',
      type: 'n8n-nodes-base.manualTrigger',
      typeVersion: 1,
      position: [0, 0],
      parameters: {},
    };
    const after = (name) => ({ ...start, id: name, name, type: 'n8n-nodes-base.noOp' });
    const to = (...names) => names.map((name) => ({ node: name, type: 'main', index: 0 }));
    return new workflowPackage.Workflow({
      id: '1',
      name: 'Test',
      active: false,
      nodes: [start, node, ...[...by, 'Good', 'Bad'].map(after)],
      connections: {
        Start: { main: [to(...(by.length > 0 ? by : [node.name]))] },
        ...Object.fromEntries(by.map((name) => [name, { main: [to(node.name)] }])),
        [node.name]: { main: [to('Good'), to('Bad')] },
      },
      nodeTypes: this.nodeTypes,
      settings: {},
      staticData: {},
    });
  }

  /**
   * Runs a flow of that node with these items.
   *
   * @returns {Promise<{ status: string, error?: Error, items: object[], good: object[], bad: object[] }>} What came out
   *   of the node, and what arrived behind its two branches.
   */
  run(...args) {
    return this.begin(...args);
  }

  /** The same, as a promise with `cancel`, which stops the run as n8n's button does. */
  begin(parameters, { items = [{ json: {} }], settings, fields, by } = {}) {
    const node = this.node(parameters, settings);
    const workflow = this.workflow(node, by);
    const execution = new core.WorkflowExecute(this.additionalData(fields), 'integrated').run({
      workflow,
      startNode: workflow.getNode('Start'),
      triggerToStartFrom: { name: 'Start', data: { data: { main: [items] } } },
    });
    const result = execution.then(({ data, status }) => {
      const { runData, error } = data.resultData;
      const last = (name) => runData[name]?.at(-1)?.data?.main?.[0] ?? [];
      return { status, error, items: last(node.name), good: last('Good'), bad: last('Bad'), runData };
    });
    return Object.assign(result, { cancel: () => execution.cancel() });
  }

  /** Runs such an agent that has the node as its tool, and calls it so: what the tool answers, call by call. */
  async callTool(agent, parameters, calls, settings) {
    const node = this.node(parameters, { ...settings, type: `${TYPE}Tool` });
    const at = { typeVersion: 1, position: [0, 0] };
    const nodes = [
      { ...at, id: 'start', name: 'Start', type: 'n8n-nodes-base.manualTrigger', parameters: {} },
      { ...at, id: 'agent', name: 'Agent', type: `n8n-nodes-base.${agent}`, parameters: { options: { calls } } },
      node,
    ];
    const connections = {
      Start: { main: [[{ node: 'Agent', type: 'main', index: 0 }]] },
      [node.name]: { ai_tool: [[{ node: 'Agent', type: 'ai_tool', index: 0 }]] },
    };
    const { error, runData, lastNodeExecuted } = await this.runExported({ nodes, connections }, 'Start');
    // Where the engine has called the tool, older versions end the run, unless the node is told to go on.
    if (error && lastNodeExecuted === node.name) return [error.message];
    if (error) throw error;
    return runData.Agent[0].data.main[0][0].json.answers;
  }

  /** Runs a workflow as it was exported, from one of its triggers, with these items. */
  async runExported({ nodes, connections }, startName, items = [{ json: {} }], fields = {}) {
    const ids = Object.keys(this.credentials);
    const credentials = Object.fromEntries(ids.map((id) => [id, { id, name: id }]));
    const workflow = new workflowPackage.Workflow({
      id: '1',
      name: 'Test',
      active: false,
      nodes: nodes.map((node) => ({ ...node, credentials })),
      connections,
      nodeTypes: this.nodeTypes,
      settings: { executionOrder: 'v1' },
    });
    const { data, status } = await new core.WorkflowExecute(this.additionalData(fields), 'integrated').run({
      workflow,
      startNode: workflow.getNode(startName),
      triggerToStartFrom: { name: startName, data: { data: { main: [items] } } },
    });
    const { error, runData, lastNodeExecuted } = data.resultData;
    return { status, error, runData, lastNodeExecuted };
  }

  /** Runs a flow that a request has begun: how it ended, and what it answers with. */
  async runAnswering(exported, startName, items) {
    const hooks = new core.ExecutionLifecycleHooks('webhook', '1', { id: '1', name: 'Test' });
    let answer;
    hooks.addHandler('sendResponse', (response) => {
      answer ??= response;
    });
    return { ...(await this.runExported(exported, startName, items, { hooks })), answer };
  }

  /** The credentials that n8n asks for. */
  credentialsFor(parameters) {
    const { description } = this.nodeTypes.getByNameAndVersion(TYPE);
    const node = this.node(parameters);
    const isShown = (credential) =>
      workflowPackage.NodeHelpers.displayParameter(parameters, credential, node, description);
    return description.credentials.filter(isShown).map(({ name }) => name);
  }

  /** What n8n keeps of a node's parameters, and what it finds wrong with them. */
  parametersOf(node) {
    const { description } = this.nodeTypes.getByNameAndVersion(node.type);
    const { NodeHelpers } = workflowPackage;
    const { properties } = description;
    return {
      kept: NodeHelpers.getNodeParameters(properties, node.parameters, false, false, node, description),
      issues: NodeHelpers.getNodeParametersIssues(properties, node, description),
    };
  }

  /** The values that the node offers for a field. */
  async options(kind, method, parameters, ...args) {
    const node = this.node(parameters);
    const context = new core.LoadOptionsContext(
      this.workflow(node),
      node,
      this.additionalData({ currentNodeParameters: parameters }),
      '',
    );
    return this.nodeTypes.getByNameAndVersion(TYPE).methods[kind][method].call(context, ...args);
  }

  /** What the trigger makes of a request. `warnings` gets what it would log. */
  webhook(parameters, httpRequest, httpResponse, warnings) {
    const node = { ...this.node(parameters), type: TRIGGER };
    const name = httpRequest.method === 'GET' ? 'setup' : 'default';
    const { description, webhook } = this.nodeTypes.getByNameAndVersion(TRIGGER);
    const webhookDescription = description.webhooks.find((candidate) => candidate.name === name);
    const context = new core.WebhookContext(
      this.workflow(node),
      node,
      this.additionalData({ httpRequest, httpResponse }),
      'webhook',
      { webhookDescription },
      [],
      null,
    );
    Object.defineProperty(context, 'logger', { value: { warn: (text) => warnings.push(text) } });
    return webhook.call(context);
  }

  /** What the test of credentials says. */
  testCredential(method, data, type = TYPE) {
    const { methods } = this.nodeTypes.getByNameAndVersion(type);
    return methods.credentialTest[method].call(new CredentialTestContext(this.additionalData()), { data });
  }
}
