import { NodeOperationError } from 'n8n-workflow';
import { Connector } from 'wecom-connector';
import { labelOf, manifest, titleIn } from 'wecom-connector/palette';
import { fileInOutput, OUTPUT_FILE } from '../form/kind.js';
import { connectionTypes, credentialName, nodeDescription, testName } from '../form/node.js';
import { language } from '../language.js';
import { optionMethods } from '../options.js';
import { fetchBy, fetchByLegacy } from '../request.js';
import { say } from '../texts.js';
import { connectionFrom } from './connection.js';
import { errorItem, nodeError } from './errors.js';
import { Outcomes } from './outcomes.js';
import { NotAnObject, parametersOf } from './parameters.js';

/** One for the process: what runs at the same time, and afterwards, shares its access tokens. */
const connector = new Connector({ language });
/** Of callbacks the trigger takes care. */
const ownTypes = connectionTypes(manifest).slice(0, manifest.connection_types.length);
const actions = new Map(manifest.actions.map((action) => [action.id, action]));

export class WeCom {
  description = nodeDescription(manifest, language);

  methods = {
    ...optionMethods(manifest, offer, language),
    credentialTest: Object.fromEntries(ownTypes.map((type) => [testName(type.type), tests(type)])),
  };

  async execute() {
    const items = this.getInputData();
    const outcomes = outcomesOf(this);
    const results = [];
    for (let index = 0; index < items.length; index += 1) {
      try {
        results.push(await outcomes.of(index, () => carryOut(this, index)));
      } catch (error) {
        if (!this.continueOnFail()) throw nodeError(this.getNode(), error, index);
        results.push(errorItem(error, index));
      }
    }
    return [results];
  }
}

function outcomesOf(context) {
  // Without it n8n tries nothing again. The rest costs a run about as much as what it has to say.
  if (!context.getNode().retryOnFail) return new Outcomes();
  // A model that calls again means it. Each of its calls has an object of its own, which every try of the call is given.
  if (context.isToolExecution?.()) return new Outcomes(context.getInputData()[0]?.json, 0);
  return new Outcomes(context.getContext('node'), context.getWorkflowDataProxy(0).$runIndex);
}

async function carryOut(context, index) {
  const id = context.getNodeParameter('operation', index);
  const action = actions.get(id);
  if (!action) {
    throw new NodeOperationError(context.getNode(), say(language, 'noOperation', { operation: id }), {
      itemIndex: index,
    });
  }
  const connection = await connectionOf(context, action.connection_type, index);
  const parameters = await parametersOf(
    action.parameters,
    // n8n throws for a field that the operation does not have, unless there is something to fall back to.
    (name) => context.getNodeParameter(name, index, null),
    (field) => fileOf(context, index, field, action),
  ).catch((error) => {
    if (!(error instanceof NotAnObject)) throw error;
    throw ownError(context, index, action, say(language, 'notJson'));
  });
  const output = await connector.invoke(id, connection, parameters, {
    fetch: fetchBy(context.helpers.httpRequest),
    signal: context.getExecutionCancelSignal?.(),
  });
  return itemOf(context, index, action, output);
}

async function itemOf(context, index, action, output) {
  const item = { json: output, pairedItem: { item: index } };
  // Nothing else says of a deletion that it was one.
  if (action.effect === 'delete' && Object.keys(output).length === 0) item.json = { deleted: true };
  const file = fileInOutput(action.output);
  if (!file) return item;
  const { [file.content]: content, ...rest } = output;
  const field = context.getNodeParameter(OUTPUT_FILE, index, 'data');
  const bytes = Buffer.from(content, 'base64');
  return { ...item, json: rest, binary: { [field]: await context.helpers.prepareBinaryData(bytes, rest[file.name]) } };
}

/** The file in a field of the input, or the one that an expression has brought. */
async function fileOf(context, index, field, action) {
  let data;
  try {
    data = context.helpers.assertBinaryData(index, field);
  } catch {
    const words = typeof field === 'string' ? say(language, 'noFile', { field }) : say(language, 'noFileGiven');
    throw ownError(context, index, action, words, say(language, 'noFileHint'));
  }
  return { bytes: await context.helpers.getBinaryDataBuffer(index, field), name: data.fileName };
}

/** The error for what is wrong on the way to the connector. */
function ownError(context, itemIndex, action, words, description) {
  const message = say(language, 'titled', { title: labelOf(action, language), message: words });
  return new NodeOperationError(context.getNode(), message, { itemIndex, description });
}

async function connectionOf(context, type, index) {
  const stored = await context.getCredentials(credentialName(type), index);
  return connectionFrom(type, stored);
}

/** Calls an action that offers values for a list of the form. */
async function offer(context, id, parameters) {
  const { connection_type } = actions.get(id);
  const stored = await context.getCredentials(credentialName(connection_type));
  try {
    return await connector.invoke(id, connectionFrom(connection_type, stored), parameters, {
      fetch: fetchBy(context.helpers.httpRequest),
    });
  } catch (error) {
    throw nodeError(context.getNode(), error);
  }
}

/** The test of credentials of that type: it sends no message, and says what it has proved. */
function tests({ type, schema, translation }) {
  /** What is said of one of several secrets, by the name of its field. */
  const named = ({ pointer }, message, isOne) => {
    const name = pointer.slice(1);
    const title = titleIn(schema, translation?.properties, name, language);
    return isOne || !title ? message : say(language, 'titled', { title, message });
  };
  return async function (credential) {
    try {
      const { checks } = await connector.testConnection(connectionFrom(type, credential.data), {
        fetch: fetchByLegacy(this.helpers.request),
      });
      const failed = checks.filter(({ error }) => error);
      const said = failed.length > 0 ? failed : checks;
      const words = said.map((check) =>
        named(check, check.error?.message ?? check.detail[language], checks.length === 1),
      );
      return { status: failed.length > 0 ? 'Error' : 'OK', message: words.join(' ') };
    } catch (error) {
      return { status: 'Error', message: error.message };
    }
  };
}
