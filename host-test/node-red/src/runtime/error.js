import { titleIn } from './manifest.js';
import { say } from './texts.js';

/** Why an action did not end well. Its fields are what a program decides by; none of them ever holds a secret. */
export class WecomError extends Error {
  /** `brief` is what there is room for below a node. */
  constructor(message, brief, fields) {
    super(message);
    this.name = 'WecomError';
    Object.defineProperty(this, 'brief', { value: brief });
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) this[name] = value;
    }
  }
}

/**
 * The error for what the component answered.
 *
 * @param {{ tag: string, val?: object | object[] }} answer The component's `error`.
 */
export function fromComponent(answer, context) {
  const { manifest, action, language } = context;
  const { tag, val } = answer;
  if (Array.isArray(val)) {
    return invalid(
      val.map((fault) => ({ ...fault, message: fault.message[language] })),
      context,
    );
  }
  const category = manifest.error_categories.find(({ id }) => id === val.category);
  const brief = say(language, 'kind', { category: category?.title[language] ?? val.category, code: val.errcode });
  const message = say(language, 'failure', {
    title: titleOf({ manifest, action, language }),
    kind: brief,
    // Words that are not WeCom's are English; hints in other languages begin with them.
    message: val.errcode === undefined && language !== 'en' ? undefined : val.message,
    hint: val.hint[language],
  });
  return new WecomError(message, brief, {
    class: tag,
    category: val.category,
    code: val.errcode,
    hint: val.hint[language],
    hints: val.hint,
    link: val.docUrl,
    retryAfterSeconds: val.retryAfterSeconds,
    callerIp: val.callerIp,
    api: val.api,
    credential: val.credential,
    action: action?.id,
  });
}

/** The error for arguments that break rules; nothing was sent. */
export function invalid(faults, { manifest, action, connectionType, language }) {
  const words = faults.map((fault) => {
    const field = fieldName(fault, { manifest, action, connectionType, language });
    return say(language, 'fault', { field, message: fault.message });
  });
  const brief = say(language, 'faults', { faults: words });
  return new WecomError(
    say(language, 'titled', { title: titleOf({ manifest, action, language }), message: brief }),
    brief,
    {
      class: 'permanent-invalid-parameters',
      faults: faults.map(({ argument, pointer, message }) => ({ argument, pointer, message })),
      action: action?.id,
    },
  );
}

/**
 * The error for a trouble on this side of the component.
 *
 * @param {string} trouble One of the texts.
 * @param {boolean} [values.begun] Whether the component had begun the call.
 */
export function onThisSide(trouble, values, { manifest, action, language }) {
  // An unknown action is refused by the component before it sends anything.
  const writes = action !== undefined && action.effect !== 'read';
  const message = say(language, trouble, { ...values, writes });
  const title = titleOf({ manifest, action, language });
  return new WecomError(say(language, 'titled', { title, message }), message, {
    class: classOf(trouble, values.begun, writes),
    action: action?.id,
  });
}

function classOf(trouble, begun, writes) {
  if (['missing', 'broken', 'otherVersion'].includes(trouble)) return 'permanent-rejected';
  return begun && writes ? 'permanent-outcome-unknown' : 'retryable';
}

function titleOf({ manifest, action, language }) {
  return (action ?? manifest).title[language];
}

/** The label of the field that a fault lies in, with its JSON name, for those who fill it from a message. */
function fieldName({ argument, pointer }, { manifest, action, connectionType, language }) {
  const [name, ...rest] = pointer.split('/').slice(1);
  if (name === undefined) return '';
  const type = connectionType ?? action?.connection_type;
  const schema =
    argument === 'connection'
      ? manifest.connection_types.find((candidate) => candidate.type === type)?.schema
      : action?.parameters;
  const locale = manifest.locales['zh-CN'];
  const translated =
    argument === 'connection' ? locale.connection_types[type]?.properties : locale.actions[action?.id]?.parameters;
  const title = titleIn(schema, translated, name, language);
  const place = [name, ...rest].join('/');
  return title ? `${title} (${place})` : place;
}

/** The fields of an error that say what to do, as data: for a message of a flow, or for an answer over HTTP. */
export function describe(error) {
  const {
    action,
    api,
    callerIp,
    category,
    class: kind,
    code,
    credential,
    faults,
    hint,
    link,
    retryAfterSeconds,
  } = error;
  const fields = { action, api, callerIp, category, class: kind, code, credential, faults, hint, link };
  return JSON.parse(JSON.stringify({ ...fields, retryAfterSeconds, message: error.message }));
}
