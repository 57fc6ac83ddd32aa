/**
 * What n8n calls by `EXTERNAL_HOOK_FILES`. Where a run broke off with its process no node can say anything, and n8n's
 * own text knows nothing of messages: here it is told that WeCom may have them.
 */
import { LoggerProxy } from 'n8n-workflow';
import { language } from '../language.js';
import { say } from '../texts.js';
import { changeMessage } from './saved.js';
import { sendersOf } from './senders.js';

/** The words of n8n and of its queue for a worker that fell silent. */
const SILENT = /failed to be processed too many times|job stalled more than maxStalledCount/;

export const hooks = { workflow: { postExecute: [warn] } };

/** n8n has saved the execution by then. Whatever is thrown here would end as an error of n8n's. */
async function warn(run, workflow, executionId) {
  try {
    const error = run?.data?.resultData?.error;
    if (!hasBrokenOff(run?.status, error)) return;
    const senders = sendersOf(workflow.nodes);
    if (senders.length === 0) return;
    if (!error) throw new Error('n8n has saved none');
    await changeMessage(this.dbCollections.Workflow.manager, executionId, error.message, textOf(senders, error));
  } catch ({ message }) {
    LoggerProxy.warn(say(language, 'notWarned', { executionId, message }));
  }
}

/** n8n says “crashed” where a process that starts again finds what it left, at times without an error. */
function hasBrokenOff(status, error) {
  // What the hook has said already ends with the words of n8n's.
  if (error?.message.startsWith(say(language, 'brokenOff'))) return false;
  return status === 'crashed' || (error !== undefined && SILENT.test(error.message));
}

function textOf(senders, { message }) {
  const checked = senders.filter(({ seconds }) => seconds);
  const unknown = senders.filter(({ seconds }) => !seconds);
  const names = (nodes) => say(language, 'names', { names: nodes.map(({ name }) => name) });
  const sentences = [
    say(language, 'brokenOff'),
    unknown.length > 0 && say(language, 'mayBeSent', { nodes: names(unknown) }),
    // Together they may be repeated as long as each of them may.
    checked.length > 0 &&
      say(language, 'mayBeRepeated', {
        nodes: names(checked),
        seconds: Math.min(...checked.map(({ seconds }) => seconds)),
      }),
    say(language, 'saidByN8n', { message }),
  ];
  return sentences.filter(Boolean).join(language === 'zh' ? '' : ' ');
}
