import { createHash } from 'node:crypto';
import { fromComponent, invalid, onThisSide } from './error.js';
import { dist, readManifest } from './manifest.js';
import { methodName } from './method-name.js';
import { Pool, PoolError } from './pool.js';
import { say } from './texts.js';
import { toData } from './to-data.js';

/** The secrets that the contract has access tokens for. */
const SCOPES = ['app', 'contacts'];

/** Carries out the connector's actions in worker threads, so that waiting for WeCom never blocks the event loop. */
export class Connector {
  #manifest;
  #pool;
  #language;

  /** See index.d.ts. `component` is for tests: the module of another transpiled component. */
  constructor({ workers = 4, language = 'en', deadlineSeconds = 3600, component } = {}) {
    if (!Number.isInteger(workers) || workers < 1) throw new RangeError('workers has to be a whole number from 1 up');
    if (!['en', 'zh'].includes(language)) throw new RangeError('language has to be en or zh');
    if (!(deadlineSeconds > 0 && deadlineSeconds <= 86_400)) {
      throw new RangeError('deadlineSeconds has to be a number of seconds up to 86400');
    }
    this.#manifest = readManifest();
    this.#language = language;
    this.#pool = new Pool({
      component: component ?? new URL('component/connector.js', dist),
      expected: this.#manifest,
      size: workers,
      deadlineSeconds,
    });
    for (const { id } of this.#manifest.actions) {
      const value = (connection, parameters) => this.invoke(id, connection, parameters);
      Object.defineProperty(this, methodName(id), { value });
    }
  }

  manifest() {
    return this.#manifest;
  }

  async invoke(action, connection, parameters, { language = this.#language } = {}) {
    const entry = this.#manifest.actions.find(({ id }) => id === action);
    const context = { manifest: this.#manifest, action: entry, language };
    if (typeof action !== 'string') throw refusal('action', say(language, 'notText'), context);
    const json = toJson('connection', connection, context);
    const output = await this.#call('invoke', [action, json, toJson('parameters', parameters ?? {}, context)], context);
    return JSON.parse(output);
  }

  async testConnection(connection, { language = this.#language } = {}) {
    const context = { manifest: this.#manifest, connectionType: connection?.type, language };
    const { checks } = await this.#call('testConnection', [toJson('connection', connection, context)], context);
    const told = ({ error, ...check }) => (error ? { ...check, error: fromComponent(error, context) } : check);
    return { checks: checks.map(told) };
  }

  async getAccessToken(connection, scope, { language = this.#language } = {}) {
    const context = { manifest: this.#manifest, connectionType: connection?.type, language };
    if (!SCOPES.includes(scope)) throw refusal('scope', say(language, 'notScope', { scopes: SCOPES }), context);
    return this.#call('getAccessToken', [toJson('connection', connection, context), scope], context);
  }

  async ready({ language = this.#language } = {}) {
    await this.#run(undefined, [], '', { manifest: this.#manifest, language });
  }

  async close(graceSeconds = 5) {
    await this.#pool.close(graceSeconds);
  }

  async #call(call, args, context) {
    const connection = args[call === 'invoke' ? 1 : 0];
    // A digest: what waits in the pool may end up in a heap snapshot anyway, but need not in a key.
    const key = createHash('sha256')
      .update(connection ?? '')
      .digest('base64');
    const reply = await this.#run(call, args, key, context);
    if ('error' in reply) throw fromComponent(reply.error, context);
    return reply.ok;
  }

  async #run(call, args, key, context) {
    try {
      return await this.#pool.run(call, args, key);
    } catch (error) {
      if (error instanceof PoolError) throw onThisSide(error.trouble, error.values, context);
      throw error;
    }
  }
}

function toJson(argument, value, context) {
  if (value === undefined || value === null) return undefined;
  try {
    return toData(value);
  } catch (error) {
    // The first line: the others draw the way through the value, with its keys.
    throw refusal(argument, say(context.language, 'notJson', { reason: error.message.split('\n')[0] }), context);
  }
}

function refusal(argument, message, context) {
  return invalid([{ argument, pointer: '', message }], context);
}
