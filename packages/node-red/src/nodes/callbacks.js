/** The node that WeCom's callbacks begin at, and the node that replies to them. */
import { randomUUID } from 'node:crypto';
import { CallbackError, recentEvents, WecomError } from 'wecom-connector';
import { Callbacks, callbackContext, invalid, manifest, Recent } from 'wecom-connector/palette';
import { connectionFor } from './connections.js';
import { evaluate } from './fields.js';
import { Paths, pathOf } from './paths.js';
import { failed, shows } from './status.js';
import { tell } from './tell.js';
import { languageOf, say } from './texts.js';

/** WeCom waits for 5 seconds, the way there and back included. */
const PATIENCE = 4500;
/** How many requests are known to reply nodes; those that have their answer, too, to say why there is no other. */
const MOST_REQUESTS = 1000;
/** More than the connector takes: of what is longer it says so by this much, and nobody keeps the rest. */
const MOST_BYTES = 2 * 1024 * 1024;
/** The property of a message that leads back to its request. An ID, so that copies of the message have it, too. */
const REQUEST = '_wecom';
/** The property of a request with why the editor's parser did not take its body. */
const UNREAD = Symbol('unread');
const NO_REPLY = Promise.resolve();

/** @param {{ component?: object }} options As `register` has them. */
export function registerCallbacks(RED, { component } = {}) {
  const callbacks = new Callbacks({ component });
  const paths = new Paths();
  const requests = new Recent(MOST_REQUESTS);

  // One handler for all nodes: none has to be found and taken out of the router when a flow is deployed.
  RED.httpNode?.use((request, response, next) => {
    const isCallback = request.method === 'GET' || request.method === 'POST';
    const claim = isCallback ? paths.at(pathOf(request.path)) : undefined;
    if (claim) claim.serve(request, response);
    else next();
  });
  // Where the editor has the same root, its parser comes first. What that cannot read would be answered with a page that
  // tells of this machine, and be told in the log with its first words: a node tells it in its own way. The parser is in the
  // app above the one that nodes have.
  (RED.httpAdmin?.parent ?? RED.httpAdmin)?.use((error, request, _response, next) => {
    const path = request.baseUrl + request.path;
    const root = RED.httpNode?.path().replace(/\/+$/, '');
    if (!path.startsWith(`${root}/`) || !paths.at(pathOf(path.slice(root.length)))) return next(error);
    request[UNREAD] = error;
    next();
  });

  RED.nodes.registerType('wecom-event', function EventNode(config) {
    RED.nodes.createNode(this, config);
    receive(this, config, { RED, callbacks, paths, requests });
  });
  RED.nodes.registerType('wecom-reply', function ReplyNode(config) {
    RED.nodes.createNode(this, config);
    reply(this, config, { RED, requests });
  });
}

function receive(node, config, { RED, callbacks, paths, requests }) {
  const language = languageOf(config.lang ?? RED.settings.lang);
  const context = callbackContext({ language });
  const topics = [config.topics ?? []].flat();
  const path = pathOf(config.path);
  const seen = recentEvents();
  const waiting = new Set();

  const cannot = (text) => {
    node.status(shows('red', 'dot', text));
    node.error(text);
  };
  if (!RED.httpNode || RED.settings.httpNodeRoot === false) return cannot(say(language, 'noServer'));
  if (path === undefined) return cannot(say(language, 'noPath'));

  const claim = {
    node,
    begin,
    serve: (request, response) => serve(request, response).catch(refuse(request, response)),
  };
  const other = paths.claim(path, claim)?.node;
  if (other) {
    node.status(shows('red', 'dot', say(language, 'taken', { path })));
    node.error(say(language, 'pathTaken', { path, other: other.name || other.id }));
  }
  node.on('close', (done) => {
    paths.release(path, claim);
    for (const request of waiting) request.end('closedReply');
    done();
  });

  function begin() {
    node.status(shows('grey', 'ring', say(language, 'listening', { path })));
    // An empty query verifies nothing; but the connection is held against its rules before.
    const tried = (async () => callbacks.verifyUrl(connection(), '', { language }))();
    tried.catch((error) => {
      if (error instanceof CallbackError) return;
      node.status(failed(error, language));
      node.error(error.message);
    });
  }

  function connection() {
    return connectionFor(RED, config.connection, manifest.callback.connection_type.type, context);
  }

  async function serve(request, response) {
    const given = connection();
    if (request.method === 'GET') {
      const echo = await callbacks.verifyUrl(given, request.url, { language });
      response.type('text/plain').send(echo);
      node.status(shows('green', 'dot', say(language, 'verified')));
      node.log(say(language, 'verified'));
      return;
    }
    const body = await bodyOf(request);
    const event = await callbacks.decryptMessage(given, request.url, body, { language });
    const known = seen.get(event.key);
    if (known) node.log(say(language, 'repeated', event));
    const found = await (known ?? take(event, given, response));
    if (found) {
      // A repetition has a nonce of its own.
      const { contentType, body } = await callbacks.encryptReply(given, event, found, { language });
      response.type(contentType).send(body);
    } else if (!response.writableEnded) {
      response.end();
    }
  }

  /** Sends an event on; resolves to the reply, where there comes one. */
  function take({ fields, ...event }, given, response) {
    const isWanted = topics.length === 0 || topics.includes(event.topic);
    const request =
      isWanted && config.reply
        ? new Request((found, of) => callbacks.encryptReply(given, event, found, { language: of }))
        : undefined;
    const found = request?.reply ?? NO_REPLY;
    seen.set(event.key, found);
    if (!isWanted) return found;
    const msg = { topic: event.topic, payload: fields, event };
    if (request) {
      requests.set(request.id, request);
      waiting.add(request);
      found.then(() => waiting.delete(request));
      msg[REQUEST] = request.id;
    } else {
      // Whatever the flow does with it, WeCom has its answer.
      response.end();
    }
    node.status(shows('green', 'dot', titleOf(event, language)));
    node.send(msg);
    return found;
  }

  /** Answers a request that is not taken, with one line in the log. Nothing of the request is in either. */
  function refuse(request, response) {
    return (error) => {
      if (error instanceof BrokeOff) {
        node.warn(say(language, 'brokeOff'));
        return;
      }
      const isStranger = error instanceof CallbackError || error instanceof OfForm;
      const { check } = error;
      const message = error instanceof OfForm ? say(language, 'ofForm') : error.message;
      // What is wrong on this side WeCom repeats, and may then be right.
      const status = isStranger ? error.status : 500;
      request.resume();
      // A person with a browser learns what this is; nobody learns which check failed.
      if (!response.headersSent) {
        response
          .status(status)
          .type('text/plain')
          .send(status === 400 ? `${say(language, 'forWecom')}\n` : '');
      }
      const text = say(language, 'turnedAway', { status, check });
      node.status(isStranger ? shows('yellow', 'ring', text) : failed(error, language));
      node.warn(say(language, 'refused', { status, check, message }));
    };
  }
}

function reply(node, config, { RED, requests }) {
  const language = languageOf(config.lang ?? RED.settings.lang);
  const context = callbackContext({ language });
  let isClosed = false;

  const refused = (key) => {
    const text = say(language, key, { seconds: PATIENCE / 1000 });
    return new WecomError(text, { brief: text, said: text }, { class: 'permanent-rejected' });
  };

  /** The reply of the form, or where nothing is filled in there, that of the message. */
  async function replyOf(msg) {
    if (Object.keys(config.fields ?? {}).length === 0) {
      if (typeof msg.payload === 'object' && msg.payload !== null) return msg.payload;
      throw refused('noReply');
    }
    const { parameters, faults } = await evaluate(config.fields, {
      RED,
      node,
      msg,
      schema: manifest.callback.reply,
      language,
    });
    if (faults.length > 0)
      throw invalid(
        faults.map((fault) => ({ ...fault, argument: 'reply' })),
        context,
      );
    return parameters;
  }

  async function answer(msg) {
    const request = requests.get(msg[REQUEST]);
    if (!request) throw refused('notReplyable');
    const found = await replyOf(msg);
    if (!request.ended) await request.check(found, language);
    if (request.ended) throw refused(request.ended);
    request.end('secondReply', found);
  }

  node.on('input', async (msg, send, done) => {
    try {
      await answer(msg);
      // Of an attempt before this one.
      if (msg.wecom?.class) delete msg.wecom;
      node.status(shows('green', 'dot', say(language, 'replied')));
      send(msg);
      done();
    } catch (reason) {
      tell(reason, msg, done, { RED, node, language, isClosed });
    }
  });
  node.on('close', (done) => {
    isClosed = true;
    done();
  });
}

/** An event that waits for a reply. */
class Request {
  id = randomUUID();
  /** Why it takes no reply any more: one of the texts. */
  ended;
  #resolve;
  /** Resolves to the reply; to nothing where none comes in time. */
  reply = new Promise((resolve) => {
    this.#resolve = resolve;
  });
  #timer = setTimeout(() => this.end('lateReply'), PATIENCE);

  /** @param {(found: object, language: string) => Promise<unknown>} check Rejects where a reply breaks rules. */
  constructor(check) {
    this.check = check;
  }

  end(why, found) {
    if (this.ended) return;
    this.ended = why;
    clearTimeout(this.#timer);
    this.#resolve(found);
    // The event with all that it holds is kept by nobody.
    this.check = undefined;
  }
}

class BrokeOff extends Error {}

/** A body with the type of a form's: the editor's parser has taken it apart. */
class OfForm extends Error {
  status = 400;
}

async function bodyOf(request) {
  const unread = request[UNREAD];
  if (unread) {
    if (unread.type === 'request.aborted') throw new BrokeOff();
    if (unread.status === 413) return Buffer.alloc(MOST_BYTES);
    // Of what is no JSON there is all of it: it may be XML with a wrong type. Of all else there is nothing.
    return typeof unread.body === 'string' ? unread.body : '';
  }
  // The editor's parser leaves nothing to read. Of JSON the signature is over one text in it, however the rest is written.
  if (request._body) {
    if (request.is('urlencoded')) throw new OfForm();
    return JSON.stringify(request.body);
  }
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    request.on('data', (chunk) => {
      // The rest is read all the same: who is still writing reads no answer.
      if (size > MOST_BYTES) return;
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_BYTES) resolve(Buffer.concat(chunks.splice(0)));
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('close', () => reject(new BrokeOff()));
  });
}

/** What the event is called; a smart bot's messages have the topics of an application's. */
function titleOf({ topic, format }, language) {
  const named = manifest.callback.events.filter((event) => event.topic === topic);
  const known = named.find(({ source }) => (source === 'smart_bot') === (format === 'json')) ?? named[0];
  return known?.title[language] ?? topic;
}
