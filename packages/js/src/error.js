import { labelOf, titleIn } from './manifest.js';
import { say } from './texts.js';

/** Why an action did not end well. Its fields are what a program decides by; none of them ever holds a secret. */
export class WecomError extends Error {
  /** `brief` is what there is room for in a line; `said` is what is left of the message without the hint. */
  constructor(message, { brief, said, cause }, fields) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'WecomError';
    Object.defineProperties(this, { brief: { value: brief }, said: { value: said } });
    for (const [name, value] of Object.entries(fields)) {
      if (value !== undefined) this[name] = value;
    }
  }
}

/** A callback that was refused: it is not WeCom's, or not for this receiver. Nothing of the request is in it. */
export class CallbackError extends Error {
  constructor({ check, status, message }, language) {
    super(message[language]);
    this.name = 'CallbackError';
    this.check = check;
    this.status = status;
    this.messages = message;
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
  const category = manifest.error_categories.find(({ id }) => id === val.category)?.title[language] ?? val.category;
  const said = say(language, 'said', { category, code: val.errcode, words: val.message });
  const hint = val.hint[language];
  const title = action && labelOf(action, language);
  const message = say(language, 'failure', { title, hint, said });
  return new WecomError(
    message,
    { brief: happened(val.hint, language) ?? category, said },
    {
      class: tag,
      category: val.category,
      code: val.errcode,
      hint,
      hints: val.hint,
      link: val.docUrl,
      retryAfterSeconds: val.retryAfterSeconds,
      callerIp: val.callerIp,
      api: val.api,
      credential: val.credential,
      action: action?.id,
    },
  );
}

/**
 * What happened, where the hint begins with that and not with what to do: nearer to the truth than the category of the
 * code. A Chinese hint that asks for something begins with 请; both languages say the same.
 */
function happened(hint, language) {
  if (/^请(?!求)/.test(hint.zh)) return undefined;
  const [clause] = hint[language].split(language === 'zh' ? /[：，；。]/ : /[:;.,](?:\s|$)/);
  return clause || undefined;
}

/** The error for arguments that break rules; nothing was sent. */
export function invalid(faults, context) {
  const { action, language } = context;
  const words = faults.map((fault) => {
    const field = fieldName(fault, context);
    return say(language, 'fault', { field, message: fault.message });
  });
  const brief = say(language, 'faults', { faults: words });
  return new WecomError(
    action ? say(language, 'titled', { title: labelOf(action, language), message: brief }) : brief,
    { brief, said: brief },
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
 * @param {number} [values.begun] When the call's own request was sent, if it was.
 * @param {string} [context.parameters] The call's, as JSON.
 */
export function onThisSide({ trouble, values, cause }, { manifest, action, parameters, language }) {
  // An unknown action is refused by the component before it sends anything.
  const writes = action !== undefined && action.effect !== 'read';
  const seconds = secondsDoneOnce(action, parameters);
  // Once that time is over, WeCom would do it again.
  const unknown = writes && values.begun !== undefined && !(Date.now() - values.begun < seconds * 1000);
  const message = say(language, trouble, { ...values, unknown, writes, seconds });
  const title = labelOf(action ?? manifest, language);
  return new WecomError(
    say(language, 'titled', { title, message }),
    { brief: message, said: message, cause },
    {
      class: classOf(trouble, unknown),
      action: action?.id,
    },
  );
}

function classOf(trouble, unknown) {
  if (['missing', 'broken', 'otherVersion'].includes(trouble)) return 'permanent-rejected';
  return unknown ? 'permanent-outcome-unknown' : 'retryable';
}

/**
 * For how many seconds WeCom does the same call only once, if the call asks for that; else 0.
 *
 * @param {string} [parameters] JSON, as the component has taken it.
 */
function secondsDoneOnce(action, parameters) {
  if (action?.idempotent_with === undefined || parameters === undefined) return 0;
  return Math.max(Number(JSON.parse(parameters)[action.idempotent_with] ?? 0), 0);
}

/** The label of the field that a fault lies in, with its JSON name, for those who fill it from a message. */
function fieldName({ argument, pointer }, { language, ...context }) {
  const path = pointer.split('/').slice(1);
  if (path.length === 0) return '';
  const { schema, translations } = describedBy(argument, context);
  const title = titleAt(schema, translations, path, language);
  return title ? `${title} (${path.join('/')})` : path.join('/');
}

/** What describes an argument: that of the action, or what the context itself has. */
function describedBy(argument, { manifest, action, connectionType, described }) {
  if (described) return described[argument] ?? {};
  const type = connectionType ?? action?.connection_type;
  const locale = manifest.locales['zh-CN'];
  if (argument !== 'connection') {
    return { schema: action?.parameters, translations: locale.actions[action?.id]?.parameters };
  }
  const { schema } = manifest.connection_types.find((candidate) => candidate.type === type) ?? {};
  return { schema, translations: locale.connection_types[type]?.properties };
}

/** The label of the field behind a path; in a record with that of the record, in a list of records with the entry. */
function titleAt(schema, translations, [name, ...rest], language) {
  const property = schema?.properties?.[name];
  const title = titleIn(schema, translations, name, language);
  const isList = property?.items?.properties !== undefined;
  if (!title || rest.length === 0 || (!isList && !property.properties)) return title;
  const [index, ...inside] = isList ? rest : [undefined, ...rest];
  const outer = isList ? say(language, 'numbered', { field: title, number: Number(index) + 1 }) : title;
  if (inside.length === 0) return outer;
  const inner = titleAt(isList ? property.items : property, translations?.[name]?.properties, inside, language);
  return say(language, 'inside', { outer, inner: inner ?? inside[0] });
}
