import { numberIn, trimmed } from './lenient.js';
import { entryFields, GROUPS, recordOf } from './records.js';
import { say } from './texts.js';

/** Sources that bring a value of their own making: what they bring empty is for the connector to judge. */
const DYNAMIC = ['msg', 'flow', 'global', 'jsonata', 'json', 'clear'];

/**
 * Evaluates the fields of an action node for one message.
 *
 * @param {Record<string, { type: string, value: unknown }>} fields By parameter, as the form saves them.
 * @returns {Promise<{ parameters: object, faults: object[] }>} What a person left empty is left out of the parameters:
 *   the connector says what is required. What a message brings empty is passed on: in an update it clears the field.
 *   Whether a value can be JSON at all, the connector says, too.
 */
export async function evaluate(fields, { RED, node, msg, schema, language }) {
  const faults = [];
  const parameters = await evaluateAll(fields, schema, '', { RED, node, msg, language, faults });
  return { parameters, faults };
}

/**
 * The fields of the parameters, or of a record in them, which stands at `place`. The evaluation of all of them begins at
 * once: what one of them waits for must not let the others see a later moment.
 */
async function evaluateAll(fields, schema, place, context) {
  const entries = Object.entries(fields ?? {}).filter(([, field]) => field);
  const results = await Promise.all(
    entries.map(async ([name, field]) => {
      const pointer = `${place}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const faults = [];
      const value = await evaluateOne(field, schema?.properties?.[name], pointer, { ...context, faults });
      return { name, value, faults };
    }),
  );
  // In the order of the form, whichever failed first.
  context.faults.push(...results.flatMap(({ faults }) => faults));
  const filled = results.filter(({ value }) => value !== undefined);
  return Object.fromEntries(filled.map(({ name, value }) => [name, value]));
}

/** The value of a field; none where it is left out. */
async function evaluateOne({ type, value }, property, pointer, context) {
  if (GROUPS.includes(type)) return evaluateGroup(type, value, property, pointer, context);
  let found;
  try {
    found = await evaluateField(type, value, { ...context, schema: property });
  } catch (error) {
    const source = sourceName(type, value);
    const message = say(context.language, 'notEvaluated', { source, reason: error?.message ?? String(error) });
    context.faults.push({ argument: 'parameters', pointer, message });
    return undefined;
  }
  if (found === undefined || found === null) return undefined;
  if (!DYNAMIC.includes(type) && isLeftEmpty(found, property)) return undefined;
  return property?.['x-ui']?.widget === 'file' ? fileOf(found) : found;
}

/** A record, or a list of them. An entry of a list is there even where nothing is in it: its fields may be required. */
async function evaluateGroup(type, value, schema, pointer, context) {
  if (type === 'record') return recordOf(await evaluateAll(value, schema, pointer, context));
  const entries = entryFields(value);
  if (entries.length === 0) return undefined;
  return Promise.all(entries.map((entry, index) => evaluateAll(entry, schema?.items, `${pointer}/${index}`, context)));
}

async function evaluateField(type, value, { RED, node, msg, schema }) {
  switch (type) {
    case 'list':
      // A flow that was written by hand may have one text for the list: the connector takes it.
      return Array.isArray(value) ? value.map((entry) => fromText(entry, schema?.items)) : value;
    case 'clear':
      return schema?.type === 'array' ? [] : '';
    case 'json':
    case 'bool':
      return value === '' ? undefined : JSON.parse(value);
    // Both are typed as text, and what is no number is for the connector to refuse: JSON has no NaN.
    case 'str':
    case 'num':
      return fromText(value, schema);
    // The environment has nothing but texts.
    case 'env':
      return fromText(RED.util.evaluateNodeProperty(value, type, node, msg), schema);
    case 'msg':
      return property(() => RED.util.evaluateNodeProperty(value, type, node, msg));
    default:
      return new Promise((resolve, reject) => {
        RED.util.evaluateNodeProperty(value, type, node, msg, (error, found) =>
          error ? reject(error) : resolve(found),
        );
      });
  }
}

/** `msg.a.b` where there is no `msg.a` is as absent as `msg.a` itself. */
function property(read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Blanks alone are nothing, as the connector has it, but in a text of several lines, where they may be meant. */
function isLeftEmpty(text, schema) {
  return text === '' || (typeof text === 'string' && schema?.['x-ui']?.widget !== 'textarea' && trimmed(text) === '');
}

/** A number where the schema wants one and the text is one; else the text, for the connector to judge. */
function fromText(text, schema) {
  return schema?.type === 'integer' || schema?.type === 'number' ? numberIn(text) : text;
}

/** A file as it came: the connector takes bytes. A Buffer that was JSON on its way becomes one again. */
function fileOf(value) {
  const isByte = (entry) => Number.isInteger(entry) && entry >= 0 && entry < 256;
  const isJson = value.type === 'Buffer' && Array.isArray(value.data) && value.data.every(isByte);
  return isJson ? Buffer.from(value.data) : value;
}

function sourceName(type, value) {
  return type === 'msg' || type === 'flow' || type === 'global' ? `${type}.${value}` : type;
}
