/** A program against the declarations of the package: it only has to compile, and its mistakes must not. */

import { EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import {
  type ApplicationConnection,
  type CallbackConnection,
  CallbackError,
  type CallbackReply,
  type Connection,
  Connector,
  decryptMessage,
  encryptReply,
  type PushTextMessageOutput,
  type PushTextMessageParameters,
  recentEvents,
  verifyUrl,
  WecomError,
} from 'wecom-connector';

const connection: ApplicationConnection = { type: 'application', corp_id: 'ww0', app_secret: 'secret' };
const parameters: PushTextMessageParameters = { to_user: ['zhangsan'], content: '部署完成，请验收。', safe: 1 };

export async function typed(): Promise<string[]> {
  const wecom = new Connector({ language: 'zh', fetch });
  try {
    const signal = AbortSignal.timeout(1000);
    const pushed: PushTextMessageOutput = await wecom.pushTextMessage(connection, parameters, { signal });
    const departments = await wecom.invoke('list-department-ids', connection, {});
    const numbers: number[] = departments.department_id.map(({ id }) => id);
    await wecom.pushTextMessageByChatbot({ type: 'chatbot', chatbot_key: 'key' }, { content: String(numbers.length) });
    // The environment stands for the connection.
    await wecom.deleteDepartment(undefined, { id: 7 });
    const file = { file_name: '周报.xlsx', kind: 'file' } as const;
    for (const content of [new Uint8Array(6), Buffer.from('周报'), new Blob(['周报']), '5ZGo5oql']) {
      await wecom.uploadMedia(connection, { ...file, content });
    }
    const { content }: { content: string } = await wecom.downloadMedia(connection, { media_id: 'id' });
    if (content === '') return [];
    const { checks } = await wecom.testConnection(connection);
    const refused: (string | undefined)[] = checks
      .filter(({ error }) => error)
      .map(({ pointer, error }) => error?.hint ?? pointer);
    if (refused.length > 0) return refused.map(String);
    return pushed.invalid_user;
  } catch (error) {
    if (error instanceof WecomError && error.class === 'retryable') return [error.hints?.zh ?? error.message];
    throw error;
  } finally {
    await wecom.close();
  }
}

const callback: CallbackConnection = { type: 'callback', token: 'token', encoding_aes_key: 'key', receive_id: 'ww0' };

const seen = recentEvents();

export async function called(method: string, url: string, body: Buffer): Promise<[number, string]> {
  try {
    if (method === 'GET') return [200, await verifyUrl(undefined, url, { language: 'zh' })];
    const event = await decryptMessage(callback, url, body, { now: null });
    if (seen.knows(event.key)) return [200, ''];
    const known: boolean = event.topic === 'event/enter_agent';
    const reply: CallbackReply = { msg_type: 'text', content: `${known} ${event.fromUser ?? event.fields.chat_id}` };
    const { fields, ...rest } = event;
    const answer = await encryptReply(callback, rest, reply);
    return [200, `${answer.contentType} ${answer.body} ${JSON.stringify(fields)}`];
  } catch (error) {
    if (error instanceof CallbackError) return [error.status, `${error.check} ${error.messages.zh}`];
    throw error;
  }
}

export function proxied(): Connector {
  const dispatcher = new EnvHttpProxyAgent();
  return new Connector({ fetch: (url, init) => undiciFetch(url, { ...init, dispatcher }) });
}

export async function mistakes(wecom: Connector, any: Connection): Promise<void> {
  // @ts-expect-error content is required
  await wecom.pushTextMessage(connection, { to_user: ['zhangsan'] });
  // @ts-expect-error no such parameter
  await wecom.pushTextMessage(connection, { ...parameters, contents: 'x' });
  // @ts-expect-error only a file is given as bytes
  await wecom.pushTextMessage(connection, { ...parameters, content: new Uint8Array(6) });
  // @ts-expect-error safe is one of its choices
  await wecom.pushTextMessage(connection, { ...parameters, safe: 7 });
  // @ts-expect-error a chatbot's connection does not serve
  await wecom.pushTextMessage({ type: 'chatbot', chatbot_key: 'key' }, parameters);
  // @ts-expect-error no such action
  await wecom.invoke('push-text-mesage', connection, parameters);
  // @ts-expect-error no such field in the output
  (await wecom.testConnection(any)).proved;
  // @ts-expect-error the connection of an application does not serve
  await verifyUrl(connection, '');
  // @ts-expect-error no such reply
  await encryptReply(callback, await decryptMessage(callback, '', ''), { msg_type: 'text', contents: 'x' });
  // @ts-expect-error no such language
  new Connector({ language: 'fr' });
}
