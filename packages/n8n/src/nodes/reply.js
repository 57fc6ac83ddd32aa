import { NodeOperationError } from 'n8n-workflow';
import { Callbacks, manifest } from 'wecom-connector/palette';
import { credentialName, replyDescription, testName } from '../form/node.js';
import { language } from '../language.js';
import { say } from '../texts.js';
import { connectionFrom } from './connection.js';
import { errorItem, nodeError } from './errors.js';
import { NotAnObject, parametersOf } from './parameters.js';
import { REPLY_TO, testForm } from './trigger.js';

const { type } = manifest.callback.connection_type;
const callbacks = new Callbacks();

export class WeComReply {
  description = replyDescription(manifest, language);

  methods = { credentialTest: { [testName(type)]: testForm } };

  async execute() {
    const items = this.getInputData();
    try {
      // The process that has the request may be another one: n8n hands the answer to it.
      await this.sendResponse(await answerOf(this));
    } catch (error) {
      if (!this.continueOnFail()) throw nodeError(this.getNode(), error, 0);
      return [[errorItem(error, 0)]];
    }
    return [items.map((item, index) => ({ ...item, pairedItem: { item: index } }))];
  }
}

async function answerOf(context) {
  const event = eventOf(context);
  const { [REPLY_TO]: replyTo, topic, msg_type, event: name, change_type, from_user, to, key } = event;
  const refuse = (what) => new NodeOperationError(context.getNode(), say(language, what), { itemIndex: 0 });
  if (!replyTo) throw refuse('notReplyable');
  const connection = connectionFrom(type, await context.getCredentials(credentialName(type), 0));
  const { format, nonce, until } = replyTo;
  const of = {
    topic,
    msgType: msg_type,
    event: name,
    changeType: change_type,
    fromUser: from_user,
    to,
    key,
    format,
    nonce,
  };
  const parameters = await parametersOf(manifest.callback.reply, (field) =>
    context.getNodeParameter(field, 0, null),
  ).catch((error) => {
    throw error instanceof NotAnObject ? refuse('notJson') : error;
  });
  const { contentType, body } = await callbacks.encryptReply(connection, of, parameters, { language });
  if (Date.now() > until) throw refuse('lateReply');
  // n8n sends bytes as they are.
  return { body: Buffer.from(body), headers: { 'content-type': contentType }, statusCode: 200 };
}

/** What the workflow began with, wherever it went since. */
function eventOf(context) {
  const proxy = context.getWorkflowDataProxy(0);
  const isTrigger = (node) => node.type.endsWith('.weComTrigger');
  const begun = context.getParentNodes(context.getNode().name).filter(isTrigger);
  for (const { name } of begun) {
    // A workflow may have several triggers: one of them has run.
    try {
      const found = proxy.$(name).first()?.json;
      if (found) return found;
    } catch {}
  }
  return {};
}
