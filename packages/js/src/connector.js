import { fromVariables, known, refusal, toJson, told } from './arguments.js';
import { ownComponent } from './component.js';
import { Engine } from './engine.js';
import { typesInEnvironment } from './environment.js';
import { fromComponent } from './error.js';
import { contentsOf, NotRead, partFiles } from './files.js';
import { manifest } from './manifest.js';
import { methodName } from './method-name.js';
import { say } from './texts.js';

/** The secrets that the contract has access tokens for. */
const SCOPES = ['app', 'contacts'];

const actions = new Map(manifest.actions.map((action) => [action.id, action]));

/** Carries out the connector's actions with `fetch`. */
export class Connector {
  #engine;
  #language;

  /** See index.d.ts. `component` is for tests: another one, as component.js describes its own. */
  constructor(options) {
    const { fetch, language = 'en', component = ownComponent } = optionsOf(options);
    this.#language = known(language);
    this.#engine = new Engine({ component, fetch });
  }

  manifest() {
    return manifest;
  }

  async invoke(action, connection, parameters, options) {
    const { language = this.#language, ...sending } = optionsOf(options);
    const entry = actions.get(action);
    const context = { manifest, action: entry, language: known(language) };
    if (typeof action !== 'string') throw refusal('action', '', say(language, 'notText'), context);
    const { files, rest } = partFiles(entry, parameters ?? {});
    const given = toJson('parameters', rest, context);
    const json = toJson('connection', connection, context) ?? ofType(entry?.connection_type, context);
    const contents = files.length > 0 ? await read(files, context) : [];
    const operation = { tag: 'invoke', val: { action, parameters: given, files: contents } };
    return JSON.parse(await this.#run(operation, json, sending, { ...context, parameters: given }));
  }

  async testConnection(connection, options) {
    const { language = this.#language, ...sending } = optionsOf(options);
    const context = { manifest, connectionType: typeOf(connection), language: known(language) };
    const json = toJson('connection', connection, context);
    const wanted = json
      ? [{ json, context }]
      : typesInEnvironment().map((connectionType) => {
          const typed = { ...context, connectionType };
          return { json: ofType(connectionType, typed), context: typed };
        });
    const checks = [];
    for (const { json, context } of wanted) {
      const report = await this.#run({ tag: 'test-connection' }, json, sending, context);
      for (const { error, ...check } of report.checks) {
        checks.push(error ? { ...check, error: fromComponent(error, context) } : check);
      }
    }
    return { checks };
  }

  async getAccessToken(connection, scope, options) {
    const { language = this.#language, ...sending } = optionsOf(options);
    const [{ type }] = manifest.connection_types;
    const context = { manifest, connectionType: typeOf(connection) ?? type, language: known(language) };
    if (!SCOPES.includes(scope)) throw refusal('scope', '', say(language, 'notScope', { scopes: SCOPES }), context);
    const json = toJson('connection', connection, context) ?? ofType(type, context);
    return this.#run({ tag: 'get-access-token', val: scope }, json, sending, context);
  }

  async ready(options) {
    const { language = this.#language } = optionsOf(options);
    await told(this.#engine.ready(), { manifest, language: known(language) });
  }

  async close(graceSeconds = 5) {
    await this.#engine.close(graceSeconds);
  }

  #run(operation, connection, { fetch, signal }, context) {
    return told(this.#engine.run(operation, connection, { fetch, signal }), context);
  }
}

for (const id of actions.keys()) {
  const value = function (connection, parameters, options) {
    return this.invoke(id, connection, parameters, options);
  };
  Object.defineProperty(Connector.prototype, methodName(id), { value });
}

/** Options, which are the program's own: what is wrong with them is no error of an action. */
function optionsOf(options = {}) {
  if (typeof options !== 'object' || options === null) throw new TypeError('options have to be an object');
  const { fetch, signal } = options;
  if (fetch !== undefined && typeof fetch !== 'function') throw new TypeError('fetch has to be a function');
  // As `fetch` has it: null is none.
  if (signal !== undefined && signal !== null && typeof signal.addEventListener !== 'function') {
    throw new TypeError('signal has to be an AbortSignal');
  }
  return options;
}

/** The connection of the environment, where none is given. */
function ofType(type, context) {
  const entry = manifest.connection_types.find((candidate) => candidate.type === type);
  // The component refuses an action that does not exist before it looks at the connection.
  return entry ? fromVariables(entry.schema, context) : '{}';
}

/** What the connection says of its type. Where that cannot be read, `toJson` says why. */
function typeOf(connection) {
  try {
    return connection?.type;
  } catch {
    return undefined;
  }
}

async function read(files, context) {
  try {
    return await contentsOf(files);
  } catch (error) {
    if (!(error instanceof NotRead)) throw error;
    const message = say(context.language, 'notRead', { reason: error.message });
    throw refusal('parameters', `/${error.parameter}`, message, context);
  }
}
