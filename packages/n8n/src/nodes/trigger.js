import { CallbackError, recentEvents } from 'wecom-connector';
import { Callbacks, manifest } from 'wecom-connector/palette';
import { credentialName, IS_ANSWERED, testName, triggerDescription } from '../form/node.js';
import { language } from '../language.js';
import { say } from '../texts.js';
import { connectionFrom } from './connection.js';

/** What an event has where it waits for a reply: what the reply needs of the request, and how long it waits. */
export const REPLY_TO = 'reply_to';
/** WeCom waits for 5 seconds, the way there and back included. */
const PATIENCE = 4500;
/** What a reply takes from a worker to the process that has the request. */
const WAY_BACK = 300;

const { type } = manifest.callback.connection_type;
const callbacks = new Callbacks();
/** One for all nodes: a key is of one event of one of them. */
const seen = recentEvents();

export class WeComTrigger {
  description = triggerDescription(manifest, language);

  methods = { credentialTest: { [testName(type)]: testForm } };

  async webhook() {
    const end = Date.now() + PATIENCE;
    const request = this.getRequestObject();
    const response = this.getResponseObject();
    try {
      const connection = connectionFrom(type, await this.getCredentials(credentialName(type)));
      if (this.getWebhookName() === 'setup') {
        const echo = await callbacks.verifyUrl(connection, request.url, { language });
        response.status(200).type('text/plain').send(echo);
        return { noWebhookResponse: true };
      }
      // n8n may have read it already; WeCom's signature is over what stands in it.
      if (request.rawBody === undefined) await request.readRawBody();
      const event = await callbacks.decryptMessage(connection, request.url, request.rawBody, { language });
      const topics = this.getNodeParameter('events', []);
      const isWanted = topics.length === 0 || topics.includes(event.topic);
      const node = this.getNode();
      const begins = isWanted && !seen.knows(`${this.getWorkflow().id}/${node.id}/${event.key}`);
      const item = { json: itemOf(event) };
      if (begins && this.getNodeParameter(IS_ANSWERED, false)) {
        answerInTime(response, end);
        const until = end - WAY_BACK;
        const { format, nonce } = event;
        return { workflowData: [[{ json: { ...item.json, [REPLY_TO]: { format, nonce, until } } }]] };
      }
      // Whatever the workflow does with it, WeCom has its answer.
      response.status(200).end();
      return { noWebhookResponse: true, ...(begins && { workflowData: [[item]] }) };
    } catch (error) {
      refuse(error, response, this.logger);
      return { noWebhookResponse: true };
    }
  }
}

/** Ends the wait of WeCom's with an empty answer, where nobody has answered by then. */
function answerInTime(response, end) {
  const timer = setTimeout(() => {
    if (response.headersSent) return;
    response.status(200).end();
    // n8n answers when the workflow is over, and fails where there is an answer already.
    for (const name of ['header', 'setHeader', 'status', 'send', 'json', 'end']) response[name] = () => response;
  }, end - Date.now());
  response.once('close', () => clearTimeout(timer));
}

/** Without what only a reply to it needs; named like everything else in the manifest. */
function itemOf({ format: _, nonce: __, ...event }) {
  const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [snake(name), value]));
}

/** Answers a request that is not taken, with one line in the log. Nothing of the request is in either. */
function refuse(error, response, logger) {
  // What is wrong on this side WeCom repeats, and may then be right.
  const status = error instanceof CallbackError ? error.status : 500;
  const { check, message } = error;
  logger.warn(say(language, 'refused', { status, check, message }));
  if (response.headersSent) return;
  // A person with a browser learns what this is; nobody learns which check failed.
  response
    .status(status)
    .type('text/plain')
    .send(status === 400 ? `${say(language, 'forWecom')}\n` : '');
}

/** There is nobody to ask: WeCom calls, and is not called. But the values are held against their rules. */
export async function testForm({ data }) {
  try {
    await callbacks.verifyUrl(connectionFrom(type, data), '', { language });
  } catch (error) {
    // Of the query, which is empty.
    if (!(error instanceof CallbackError)) return { status: 'Error', message: error.message };
  }
  return { status: 'OK', message: say(language, 'formIsRight') };
}
