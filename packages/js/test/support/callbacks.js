/** Callbacks: those of the public test vectors (see src/callback/tests.rs), and such as a test makes itself. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** By whose they are: a connection, a verification of a URL, and messages as XML and as JSON. */
export const vectors = JSON.parse(readFileSync(new URL('callbacks.json', import.meta.url), 'utf8'));

/** What of a connection must show nowhere. */
export function secretsOf({ token, encoding_aes_key }) {
  return [token, encoding_aes_key];
}

/** A connection as nobody else has one. */
export function newConnection(fields = {}) {
  const letters = (count) => randomBytes(64).toString('base64').replace(/[+/=]/g, '').slice(0, count);
  return {
    type: 'callback',
    token: letters(20),
    encoding_aes_key: `${letters(42)}A`,
    receive_id: 'ww0callback',
    ...fields,
  };
}

/** The other side of the component, with the cryptography of Node.js: what WeCom does. */
export class Caller {
  #connection;
  #key;

  constructor(connection) {
    this.#connection = connection;
    this.#key = Buffer.from(`${connection.encoding_aes_key}=`, 'base64');
  }

  signature(timestamp, nonce, ciphertext) {
    const parts = [this.#connection.token, String(timestamp), nonce, ciphertext].sort();
    return createHash('sha1').update(parts.join('')).digest('hex');
  }

  encrypt(message) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(message));
    const plain = Buffer.concat([randomBytes(16), length, Buffer.from(message + (this.#connection.receive_id ?? ''))]);
    const padding = 32 - (plain.length % 32);
    const cipher = createCipheriv('aes-256-cbc', this.#key, this.#key.subarray(0, 16)).setAutoPadding(false);
    return Buffer.concat([
      cipher.update(plain),
      cipher.update(Buffer.alloc(padding, padding)),
      cipher.final(),
    ]).toString('base64');
  }

  decrypt(ciphertext) {
    const decipher = createDecipheriv('aes-256-cbc', this.#key, this.#key.subarray(0, 16)).setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(ciphertext, 'base64'), decipher.final()]);
    const length = plain.readUInt32BE(16);
    return plain.subarray(20, 20 + length).toString();
  }

  /** Query and body of a POST. */
  post(message, { timestamp = Math.floor(Date.now() / 1000), nonce = String(randomBytes(4).readUInt32BE()) } = {}) {
    const ciphertext = this.encrypt(message);
    return {
      query: this.#query(timestamp, nonce, ciphertext),
      body: `<xml><Encrypt><![CDATA[${ciphertext}]]></Encrypt></xml>`,
    };
  }

  /** The query of a GET that verifies a URL. */
  get(echo, timestamp = Math.floor(Date.now() / 1000)) {
    const ciphertext = this.encrypt(echo);
    return `${this.#query(timestamp, '263014780', ciphertext)}&echostr=${encodeURIComponent(ciphertext)}`;
  }

  #query(timestamp, nonce, ciphertext) {
    return `msg_signature=${this.signature(timestamp, nonce, ciphertext)}&timestamp=${timestamp}&nonce=${nonce}`;
  }

  /** The message of an answer, or undefined where it is signed by somebody else. */
  answered(body) {
    const part = (name) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([^<\\]]*)`).exec(body)?.[1];
    const ciphertext = part('Encrypt');
    const isSigned = this.signature(part('TimeStamp'), part('Nonce'), ciphertext) === part('MsgSignature');
    return isSigned ? this.decrypt(ciphertext) : undefined;
  }

  /** A text that a member writes. */
  text(content, { from = 'zhangsan', id = String(randomBytes(6).readUIntBE(0, 6)) } = {}) {
    return `<xml><ToUserName>${this.#connection.receive_id}</ToUserName><FromUserName>${from}</FromUserName><CreateTime>1784246400</CreateTime><MsgType>text</MsgType><Content><![CDATA[${content}]]></Content><MsgId>${id}</MsgId><AgentID>1000002</AgentID></xml>`;
  }

  /** Something that happened. */
  event(name, { from = 'zhangsan', time = 1784246400, more = '' } = {}) {
    return `<xml><ToUserName>${this.#connection.receive_id}</ToUserName><FromUserName>${from}</FromUserName><CreateTime>${time}</CreateTime><MsgType>event</MsgType><Event>${name}</Event><AgentID>1000002</AgentID>${more}</xml>`;
  }
}
