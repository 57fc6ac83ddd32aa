/**
 * Receives WeCom's callbacks with Express. In the repository, after `cargo xtask stepwise`, in `packages/js`:
 *
 *     npm ci && npm run build
 *     export WECOM_TOKEN=… WECOM_ENCODING_AES_KEY=… WECOM_RECEIVE_ID=ww…
 *     PORT=3000 node examples/express/server.js
 *
 * Elsewhere, copied into a folder of its own: `npm init -y && npm pkg set type=module`, since it is a module, and
 * `npm install express` with the package (README: Use).
 *
 * It answers at `http://127.0.0.1:3000/wecom`. Save the URL `https://your-host/wecom`, which leads there, in the admin
 * console: WeCom verifies it at once.
 */
import { fileURLToPath } from 'node:url';
import express from 'express';
import { CallbackError, decryptMessage, encryptReply, recentEvents, verifyUrl, WecomError } from 'wecom-connector';

/**
 * @param {object} [options.connection] The environment's, where it is left out.
 * @param {(event: object) => object | undefined} [options.reply] What a message or event is answered with, if with anything,
 *   at once: nothing else is done with it before.
 * @param {(event: object) => unknown} [options.handle] What else is done with it, once, after WeCom has its answer.
 * @param {(line: string) => void} [options.log]
 */
export function callbacks({ connection, reply = () => undefined, handle = () => {}, log = console.log } = {}) {
  /** A restart forgets them, and processes beside this one do not know them: a store in common does. */
  const seen = recentEvents();
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
    if (seen.knows(event.key)) {
      log(`callback: ${event.topic}, repeated`);
      return;
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
  const unset = ['WECOM_TOKEN', 'WECOM_ENCODING_AES_KEY'].filter((name) => !process.env[name]);
  if (unset.length > 0) {
    console.error(`Not set in the environment: ${unset.join(', ')}. They stand in the callback settings.`);
    process.exit(1);
  }
  const app = express();
  // A text is answered at once, whoever wrote it; of everything else the log says that it came, and from whom.
  const reply = ({ topic, fields }) =>
    topic === 'text' ? { msg_type: 'text', content: `Received: ${fields.content}` } : undefined;
  app.use('/wecom', callbacks({ reply, handle: ({ key, fromUser }) => console.log(fromUser, key) }));
  const server = app.listen(process.env.PORT ?? 3000, (error) => {
    if (error) throw error;
    console.log(`callbacks are received at port ${server.address().port}, path /wecom`);
  });
}
