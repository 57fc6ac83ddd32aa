/** Arguments on their way into the component, and what it says of them on its way back. */
import { fromEnvironment } from './environment.js';
import { fromComponent, invalid, onThisSide } from './error.js';
import { languages, say } from './texts.js';
import { NotJson, toData } from './to-data.js';
import { Refusal, Trouble } from './trouble.js';

/** The same promise, which rejects with a WecomError. */
export async function told(promise, context) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Refusal) throw fromComponent(error.answer, context);
    if (error instanceof Trouble) throw onThisSide(error, context);
    throw error;
  }
}

export function known(language) {
  if (!languages.includes(language)) throw new RangeError(`language has to be ${languages.join(' or ')}`);
  return language;
}

/** The connection of the environment, where none is given: one of the type with that schema. */
export function fromVariables(schema, context) {
  const { connection, unset } = fromEnvironment(schema);
  if (unset.length > 0) {
    const message = (variable) => say(context.language, 'notSet', { variable });
    throw invalid(
      unset.map(({ name, variable }) => ({
        argument: 'connection',
        pointer: `/${name}`,
        message: message(variable),
      })),
      context,
    );
  }
  return JSON.stringify(connection);
}

export function toJson(argument, value, context) {
  if (value === undefined || value === null) return undefined;
  try {
    return toData(value);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw refusal(argument, error.pointer, say(context.language, 'notJson', { reason: error.message }), context);
  }
}

/** The error for one broken rule. */
export function refusal(argument, pointer, message, context) {
  return invalid([{ argument, pointer, message }], context);
}
