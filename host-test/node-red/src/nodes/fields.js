import { say } from '../runtime/texts.js';
import { toData } from '../runtime/to-data.js';

/**
 * Evaluates the fields of an action node for one message.
 *
 * @param {Record<string, { type: string, value: unknown }>} fields By parameter.
 * @returns {Promise<{ parameters: object, faults: object[] }>} What is empty is left out of the parameters: the
 *   connector says what is required.
 */
export async function evaluate(fields, { RED, node, msg, schema, language }) {
  const parameters = {};
  const faults = [];
  const blame = (name, key, values) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    faults.push({ argument: 'parameters', pointer, message: say(language, key, values) });
  };
  for (const [name, { type, value }] of Object.entries(fields ?? {})) {
    let found;
    try {
      found = await evaluateField(type, value, { RED, node, msg, schema: schema.properties[name] });
    } catch (error) {
      blame(name, 'notEvaluated', { source: sourceName(type, value), reason: error.message });
      continue;
    }
    if (found === undefined || found === null || found === '') continue;
    try {
      parameters[name] = JSON.parse(toData(found));
    } catch (error) {
      // The first line: the others draw the way through the value.
      blame(name, 'notJson', { reason: error.message.split('\n')[0] });
    }
  }
  return { parameters, faults };
}

async function evaluateField(type, value, { RED, node, msg, schema }) {
  switch (type) {
    case 'list':
      return value?.map((entry) => fromText(entry, schema?.items));
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

/** A number where the schema wants one and the text is one; else the text, for the connector to judge. */
function fromText(text, schema) {
  const wantsNumber = schema?.type === 'integer' || schema?.type === 'number';
  const isNumber = typeof text === 'string' && /^\s*[+-]?\d+(\.\d+)?\s*$/.test(text);
  return wantsNumber && isNumber ? Number(text) : text;
}

function sourceName(type, value) {
  return type === 'msg' || type === 'flow' || type === 'global' ? `${type}.${value}` : type;
}
