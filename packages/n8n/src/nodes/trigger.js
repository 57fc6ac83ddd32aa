import { CallbackError } from 'wecom-connector';
import { Callbacks, manifest } from 'wecom-connector/palette';
import { credentialName, testName, triggerDescription } from '../form/node.js';
import { language } from '../language.js';
import { say } from '../texts.js';
import { connectionFrom } from './connection.js';
import { Recent } from './recent.js';

const { type } = manifest.callback.connection_type;
const callbacks = new Callbacks();
/**
 * WeCom repeats within seconds what was not answered in time; but a request is taken for ten minutes, whoever sends it
 * again. One for all nodes: a key is of one event of one of them.
 */
const seen = new Recent(100_000, { kept: 10 * 60 * 1000 });

export class WeComTrigger {
  description = triggerDescription(manifest, language);

  methods = { credentialTest: { [testName(type)]: testForm } };

  async webhook() {
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
      // Whatever the workflow does with it, WeCom has its answer.
      response.status(200).end();
      const topics = this.getNodeParameter('events', []);
      const isWanted = topics.length === 0 || topics.includes(event.topic);
      const node = this.getNode();
      if (!isWanted || seen.knows(`${this.getWorkflow().id}/${node.id}/${event.key}`)) {
        return { noWebhookResponse: true };
      }
      return { noWebhookResponse: true, workflowData: [[{ json: itemOf(event) }]] };
    } catch (error) {
      refuse(error, response, this.logger);
      return { noWebhookResponse: true };
    }
  }
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
async function testForm({ data }) {
  try {
    await callbacks.verifyUrl(connectionFrom(type, data), '', { language });
  } catch (error) {
    // Of the query, which is empty.
    if (!(error instanceof CallbackError)) return { status: 'Error', message: error.message };
  }
  return { status: 'OK', message: say(language, 'formIsRight') };
}
