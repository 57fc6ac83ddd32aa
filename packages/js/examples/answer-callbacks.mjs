import { CallbackError, decryptMessage, encryptReply, verifyUrl } from 'wecom-connector';

// Or undefined: WECOM_TOKEN, WECOM_ENCODING_AES_KEY and WECOM_RECEIVE_ID.
const connection = {
  type: 'callback',
  token: 'QDG6eK',
  encoding_aes_key: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
  receive_id: 'wx5823bf96d3bd56c7',
};

/** The answer to a request; its URL and body are given as they came. */
async function answerTo(method, url, body) {
  try {
    if (method === 'GET') return { status: 200, body: await verifyUrl(connection, url) };
    const event = await decryptMessage(connection, url, body);
    if (event.topic !== 'text') return { status: 200, body: '' };
    const reply = await encryptReply(connection, event, { msg_type: 'text', content: '收到' });
    return { status: 200, type: reply.contentType, body: reply.body };
  } catch (error) {
    if (!(error instanceof CallbackError)) throw error;
    console.log(error.check); // query
    return { status: error.status, body: '' };
  }
}

// A browser that opens the URL.
const { status } = await answerTo('GET', '/wecom', '');
console.log(status); // 400
