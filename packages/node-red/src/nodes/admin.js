import { WecomError } from 'wecom-connector';
import { manifest } from 'wecom-connector/palette';
import { connectionFor, connectionInDialog } from './connections.js';
import { describe } from './describe.js';
import { testMessage } from './test-message.js';
import { languageOf, say } from './texts.js';

/** A request that no dialog of ours sends. */
class BadRequest extends Error {}

/** What the editor asks for. No answer holds a secret. */
export function serve(RED, connector) {
  // There is none where httpAdminRoot is false.
  if (!RED.httpAdmin) return;
  const allowed = RED.auth.needsPermission('flows.write');

  RED.httpAdmin.post(
    '/wecom-connector/test-connection',
    allowed,
    answer(async ({ id, type, connection }, context) => {
      const target = dialog(type, id, connection);
      const { checks } = await connector.testConnection(target, context);
      return { checks: checks.map(({ error, ...check }) => (error ? { ...check, error: told(error) } : check)) };
    }),
  );

  // Only a person asks for this, by a button that says what it does.
  RED.httpAdmin.post(
    '/wecom-connector/test-message',
    allowed,
    answer(async ({ id, type, connection }, context) => {
      const target = dialog(type, id, connection);
      const action = testMessage(manifest, type);
      if (!action) throw new BadRequest('type: no message can be sent with this type of connection alone');
      const [name] = action.parameters.required;
      const parameters = { [name]: say(context.language, 'testMessage') };
      await connector.invoke(action.id, target, parameters, context);
      return {};
    }),
  );

  RED.httpAdmin.post(
    '/wecom-connector/options',
    allowed,
    answer(async ({ connection, connectionFields, action, parameters = {} }, context) => {
      const entry = manifest.actions.find(({ id }) => id === action);
      if (!entry) throw new BadRequest('action: there is no such action');
      if (entry.effect !== 'read') throw new BadRequest('action: only an action that reads can offer values');
      if (!isObject(parameters)) throw new BadRequest('parameters: has to be an object');
      const target = connectionFields
        ? dialog(entry.connection_type, connection, connectionFields)
        : connectionFor(RED, connection, entry.connection_type, { manifest, action: entry, ...context });
      return { output: await connector.invoke(action, target, parameters, context) };
    }),
  );

  function dialog(type, id, fields) {
    const entry = manifest.connection_types.find((candidate) => candidate.type === type);
    if (!entry) throw new BadRequest('type: there is no such type of connection');
    if (!isObject(fields)) throw new BadRequest('connection: has to be an object');
    const node = typeof id === 'string' ? RED.nodes.getNode(id) : undefined;
    const stored = typeof id === 'string' ? RED.nodes.getCredentials(id) : undefined;
    return connectionInDialog(entry.schema, fields, stored, (text) => RED.util.evaluateNodeProperty(text, 'env', node));
  }

  function answer(act) {
    return async (request, response, next) => {
      const body = isObject(request.body) ? request.body : {};
      try {
        const language = languageOf(body.lang ?? RED.settings.lang);
        response.json({ ok: true, ...(await act(body, { language })) });
      } catch (error) {
        if (error instanceof BadRequest) response.status(400).json({ ok: false, error: { message: error.message } });
        else if (error instanceof WecomError) {
          response.json({ ok: false, error: { ...told(error), pointer: pointerOf(error) } });
        } else next(error);
      }
    };
  }
}

/** An error as the editor shows it: the hint in both languages, and apart from it what else is said. */
function told(error) {
  return { ...describe(error), hint: error.hints, brief: error.brief, said: error.said };
}

/** The field of the credential that WeCom refused. A test of the connection says it by itself. */
function pointerOf({ category, code, credential }) {
  if (category !== 'authentication' || code === undefined || credential === undefined) return undefined;
  return `/${credential.replaceAll('-', '_')}`;
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
