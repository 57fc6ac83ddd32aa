/** Callbacks: what WeCom sends to a web server, and what that answers. */
import { fromVariables, known, refusal, toJson, told } from './arguments.js';
import { instantiateComponent, ownComponent } from './component.js';
import { CallbackError } from './error.js';
import { bytesIn, isBytes } from './files.js';
import { manifest } from './manifest.js';
import { say } from './texts.js';
import { Refusal, Trouble } from './trouble.js';

/** More than the component takes. Of what is longer this much is handed in: it says the same of that, and keeps no memory. */
const MOST_BYTES = 2 * 1024 * 1024;

const encoder = new TextEncoder();

/** The three functions with one instance of the component, which holds no secret but those of callbacks. */
export class Callbacks {
  #component;
  /** The interface of the instance that serves, or a promise of it. */
  #instance;

  /** `component` is for tests: another one, as component.js describes its own. */
  constructor({ component = ownComponent } = {}) {
    this.#component = component;
  }

  async verifyUrl(connection, query, options = {}) {
    const context = contextOf(options);
    const json = connectionJson(connection, context);
    const text = textOf('query', query, context);
    return this.#call(context, 'verifyUrl', json, text, timeOf(options));
  }

  async decryptMessage(connection, query, body, options = {}) {
    const context = contextOf(options);
    const json = connectionJson(connection, context);
    const text = textOf('query', query, context);
    const bytes = bodyOf(body, context);
    const { json: fields, ...event } = await this.#call(context, 'decryptMessage', json, text, bytes, timeOf(options));
    const entries = Object.entries(event)
      .filter(([, value]) => value !== undefined)
      // No ID and no time of WeCom's is longer than what a number holds.
      .map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]);
    return { ...Object.fromEntries(entries), fields: JSON.parse(fields) };
  }

  async encryptReply(connection, event, reply, options = {}) {
    const context = contextOf(options);
    const json = connectionJson(connection, context);
    const given = eventOf(event, context);
    const text = toJson('reply', reply, context) ?? '{}';
    const random = crypto.getRandomValues(new Uint8Array(16));
    return this.#call(context, 'encryptReply', json, given, text, timeOf(options) ?? now(), random);
  }

  #call(context, name, ...args) {
    return told(this.#enter(context, name, args), context);
  }

  async #enter(context, name, args) {
    const callback = await this.#serving();
    try {
      return callback[name](...args);
    } catch (error) {
      const { tag, val } = error?.payload ?? {};
      if (tag === 'refused') throw new CallbackError(val, context.language);
      if (tag === 'invalid-parameters') {
        // Parameters of an action, to the component, and the event is one of them.
        const named = (fault) => {
          if (fault.argument !== 'parameters') return fault;
          if (fault.pointer === '/event/from_user') return { ...fault, argument: 'event', pointer: '/fromUser' };
          return { ...fault, argument: 'reply' };
        };
        throw new Refusal({ tag, val: val.map(named) });
      }
      // A trap leaves the instance in no state to be called again.
      if (this.#instance === callback) this.#instance = undefined;
      throw new Trouble('died', { reason: String(error?.message ?? error).split('\n')[0] });
    }
  }

  async #serving() {
    this.#instance ??= instantiateComponent(this.#component).then(
      ({ callback }) => {
        this.#instance = callback;
        return callback;
      },
      (error) => {
        this.#instance = undefined;
        throw error;
      },
    );
    return this.#instance;
  }
}

const callbacks = new Callbacks();

/** See index.d.ts. */
export function verifyUrl(connection, query, options) {
  return callbacks.verifyUrl(connection, query, options);
}

export function decryptMessage(connection, query, body, options) {
  return callbacks.decryptMessage(connection, query, body, options);
}

export function encryptReply(connection, event, reply, options) {
  return callbacks.encryptReply(connection, event, reply, options);
}

/** What errors of callbacks are told by. */
export function contextOf({ language = 'en' }) {
  const { connection_type, reply, locales } = manifest.callback;
  const translations = locales['zh-CN'];
  const described = {
    connection: { schema: connection_type.schema, translations: translations.connection_type.properties },
    reply: { schema: reply, translations: translations.reply.properties },
  };
  return { manifest, described, language: known(language) };
}

function connectionJson(connection, context) {
  return toJson('connection', connection, context) ?? fromVariables(manifest.callback.connection_type.schema, context);
}

function textOf(argument, value, context) {
  if (typeof value === 'string') return value;
  throw refusal(argument, '', say(context.language, 'notText'), context);
}

function bodyOf(body, context) {
  if (typeof body === 'string') return encoder.encode(body.slice(0, MOST_BYTES));
  // A Blob would have to be waited for, and no server has one.
  if (!isBytes(body) || typeof body.arrayBuffer === 'function') {
    throw refusal('body', '', say(context.language, 'notRaw'), context);
  }
  return bytesIn(body).subarray(0, MOST_BYTES);
}

/** An event as the component has it: it may have been JSON in between. */
function eventOf(event, context) {
  const { topic, msgType, key, fromUser, to, format, nonce } = event ?? {};
  if (!['xml', 'json'].includes(format) || typeof nonce !== 'string') {
    throw refusal('event', '', say(context.language, 'notEvent'), context);
  }
  const text = (value) => (typeof value === 'string' ? value : undefined);
  // What a reply depends on, and the rest as far as it is no more than a text.
  return {
    topic: text(topic) ?? '',
    msgType: text(msgType) ?? '',
    event: text(event.event),
    changeType: text(event.changeType),
    fromUser: text(fromUser),
    to: text(to),
    key: text(key) ?? '',
    json: '{}',
    format,
    nonce,
  };
}

/** The time that a request is held against: the clock's, or what is given, and no time where that is null. */
function timeOf({ now: given }) {
  if (given === null) return undefined;
  return given === undefined ? now() : BigInt(given);
}

function now() {
  return BigInt(Math.floor(Date.now() / 1000));
}
