import { inspect } from 'node:util';
import { WecomError } from 'wecom-connector';
import { describe } from './describe.js';
import { failed } from './status.js';

/**
 * Tells of a failure wherever that can be done: a message may be frozen, or nested too deep for a Catch node's copy.
 *
 * @param {{ RED: object, node: object, language: string, isClosed: boolean }} context
 */
export function tell(reason, msg, done, { RED, node, language, isClosed }) {
  const error = reason instanceof Error ? reason : new Error(inspect(reason));
  const ways = [
    () => node.status(failed(error, language)),
    () => {
      // A Catch node passes on little of an error; a flow decides by what the message carries.
      msg.wecom = describe(error);
    },
    // Node-RED folds an error up, and shows where in the code it was made: a person needs the sentence. What is no
    // error of WeCom's or of the flow's is ours, and needs the place.
    () => done(error instanceof WecomError ? error.message : error),
  ];
  const inTheWay = new Set();
  for (const way of ways) {
    try {
      way();
    } catch (fault) {
      inTheWay.add(`(${fault?.message ?? fault})`);
    }
  }
  // A closed node has no Catch node any more: only the log can still say what became of the message.
  if (isClosed || inTheWay.size > 0) {
    RED.log.warn(`[wecom-connector] ${[`${node.id}:`, error.message, ...inTheWay].join(' ')}`);
  }
}
