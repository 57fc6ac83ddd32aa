/**
 * Receives WeCom's callbacks with Express.
 *
 *     npm install express
 *     export WECOM_TOKEN=… WECOM_ENCODING_AES_KEY=… WECOM_RECEIVE_ID=ww…
 *     node server.js
 *
 * Then save the URL `https://your-host/wecom` in the admin console: WeCom verifies it at once.
 */
import { fileURLToPath } from 'node:url';
import express from 'express';
import { CallbackError, decryptMessage, encryptReply, verifyUrl, WecomError } from 'wecom-connector';

/** WeCom repeats within seconds what was not answered; but a request is taken for ten minutes, whoever sends it again. */
const KEPT = 10 * 60 * 1000;
/** With more than 166 events in every second the oldest are forgotten before that. A restart forgets all. */
const MOST_KEYS = 100_000;

/**
 * @param {object} [options.connection] The environment's, where it is left out.
 * @param {(event: object) => object | undefined} [options.reply] What a message or event is answered with, if with anything.
 * @param {(event: object) => unknown} [options.handle] What else is done with it, once, after WeCom has its answer.
 * @param {(line: string) => void} [options.log]
 */
export function callbacks({ connection, reply = () => undefined, handle = () => {}, log = console.log } = {}) {
  /** Until when a key is remembered. */
  const seen = new Map();
  const router = express.Router();

  router.get('/', async (request, response) => {
    const echo = await verifyUrl(connection, request.originalUrl);
    response.type('text').send(echo);
    log('callback: the URL was verified');
  });

  // The body as it came, whatever it says of itself: WeCom's signature is over what stands in it.
  router.post('/', express.raw({ type: () => true, limit: '1mb' }), async (request, response) => {
    const event = await decryptMessage(connection, request.originalUrl, request.body ?? '');
    try {
      const answer = await reply(event);
      const { contentType, body } = answer ? await encryptReply(connection, event, answer) : {};
      if (body) response.type(contentType).send(body);
    } catch (error) {
      log(`callback: no reply: ${told(error)}`);
    }
    // Whatever becomes of the reply, WeCom need not repeat the event.
    if (!response.headersSent) response.end();
    if (seen.has(event.key)) {
      log(`callback: ${event.topic}, repeated`);
      return;
    }
    const now = performance.now();
    seen.set(event.key, now + KEPT);
    // The oldest comes first.
    for (const [key, until] of seen) {
      if (until >= now && seen.size <= MOST_KEYS) break;
      seen.delete(key);
    }
    log(`callback: ${event.topic}`);
    // Whatever becomes of it, WeCom has been answered.
    Promise.resolve(event)
      .then(handle)
      .catch((error) => log(`callback: ${event.topic} was not handled: ${told(error)}`));
  });

  // One line of the log for each request that is refused. What was wrong is not for whoever sent it.
  router.use((error, _request, response, next) => {
    if (response.headersSent) return next(error);
    // Of Express where the body is too long, of ours where the request is not WeCom's; else it is the settings or the code.
    const status = error.status ?? 500;
    response
      .status(status)
      .type('text')
      .send(status === 400 ? 'This URL is for WeCom to call.\n' : '');
    const check = error instanceof CallbackError ? ` (${error.check})` : '';
    log(`callback: refused with ${status}${check}: ${error.message}`);
  });
  return router;
}

/** The connector's own errors have nothing of an event in them; of others only the kind is safe to tell. */
function told(error) {
  return error instanceof WecomError ? error.message : (error?.name ?? typeof error);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const app = express();
  // A text is answered at once, whoever wrote it; of everything else the log says that it came, and from whom.
  const reply = ({ topic, fields }) =>
    topic === 'text' ? { msg_type: 'text', content: `Received: ${fields.content}` } : undefined;
  app.use('/wecom', callbacks({ reply, handle: ({ key, fromUser }) => console.log(fromUser, key) }));
  app.listen(process.env.PORT ?? 3000);
}
