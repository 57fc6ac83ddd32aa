/** Errors of the connector as n8n shows them, hands them to a flow, and tells them to a model. */
import { NodeApiError, NodeOperationError } from 'n8n-workflow';
import { labelOf, manifest } from 'wecom-connector/palette';
import { language } from '../language.js';
import { say } from '../texts.js';
import { failureOf } from './failure.js';

/** What the caller of a node sees where it fails. */
export function nodeError(node, error, itemIndex) {
  const { class: kind, hint, link, faults } = error;
  // Whatever is not the connector's: an expression, a credential that is missing.
  if (kind === undefined) return error?.node ? error : new NodeOperationError(node, error, { itemIndex });
  // A model reads nothing but the message.
  const isTool = node.type.endsWith('Tool');
  const isAnswer = hint !== undefined && !isTool;
  const message = isAnswer ? titled(error) : error.message;
  const description = [isAnswer ? hint : '', link ? say(language, 'more', { link }) : ''].filter(Boolean).join(' ');
  const options = { message, description, itemIndex, failure: failureOf(error) };
  const made = faults
    ? new NodeOperationError(node, message, options)
    : new NodeApiError(node, { message, description }, options);
  // n8n has a sentence of its own for words such as ECONNREFUSED, and knows less of them.
  made.message = message;
  // Before 2.41 n8n takes no such option.
  if (options.failure) made.failure = options.failure;
  made.context.data = errorData(error);
  return made;
}

/** What the error branch gets, and an item of a node that goes on: n8n tells both by this one key. */
export function errorItem(error, item) {
  const data = error?.class === undefined ? { message: error?.message ?? String(error) } : errorData(error);
  return { json: { error: data }, pairedItem: { item } };
}

function errorData({ message, class: kind, category, code, hint, link, retryAfterSeconds, callerIp, faults, action }) {
  const data = { message, class: kind, category, code, hint, link, retryAfterSeconds, callerIp, faults, action };
  return JSON.parse(JSON.stringify(data));
}

/** What WeCom said, below the name of what was to be done. */
function titled({ action: id, said }) {
  const action = manifest.actions.find((candidate) => candidate.id === id);
  return action ? say(language, 'titled', { title: labelOf(action, language), message: said }) : said;
}
