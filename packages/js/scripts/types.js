/** Writes the declarations of the JavaScript API from the manifest. */
import { compile } from 'json-schema-to-typescript';
import { methodName } from '../src/method-name.js';

/** What every version of the connector has: the wire format of src/, not of an action. */
const fixed = ({ connectionTypes, classes, categories }) => `
/** A text in the two languages of the connector's users. */
export interface Localized {
  en: string;
  zh: string;
}

/** The content of a file: as bytes, which are sent as they are; or a text in Base64, or a data: URL. */
export type FileContent = string | Uint8Array | ArrayBuffer | Blob;

/** What happened, and so what to do next; ${'`retryable`'} alone may be repeated without a look. */
export type FailureClass = ${classes};

/** What kind of trouble it was. */
export type FailureCategory = ${categories};

/** One broken rule. */
export interface Fault {
  /** The argument of the call that breaks the rule. */
  argument: 'action' | 'body' | 'connection' | 'event' | 'parameters' | 'query' | 'reply' | 'scope';
  /** JSON pointer into that argument; empty for the argument as a whole. */
  pointer: string;
  /** The rule in words, to be read after the name of the field. */
  message: string;
}

/** Why an action did not end well. Holds no secret. */
export class WecomError extends Error {
  name: 'WecomError';
  class: FailureClass;
  /** Absent where the trouble is on this side: an aborted call, a component that is missing. */
  category?: FailureCategory;
  /** WeCom's errcode, where WeCom answered. */
  code?: number;
  /** What a person does now, in the language of the connector. */
  hint?: string;
  /** The same in both languages. */
  hints?: Localized;
  /** WeCom's page on the code, or on the API where there is no code. */
  link?: string;
  /** How long to wait before repeating, where that is known. */
  retryAfterSeconds?: number;
  /** The address that WeCom saw the call come from, where it named one. */
  callerIp?: string;
  /** The API that answered or broke. */
  api?: string;
  /** The kind of credential that the call was made with. */
  credential?: string;
  /** Every rule that was broken, where the class is ${'`permanent-invalid-parameters`'}. */
  faults?: Fault[];
  /** The action that failed. */
  action?: string;
}

/** A connection of any type; ${'`undefined`'} or ${'`null`'} stands for the environment variables ${'`WECOM_…`'}. */
export type Connection = ${connectionTypes};

/** What a test found out of a connection. */
export interface ConnectionReport {
  /** One entry for each credential of the connection, refused ones too. It is good where none has an error. */
  checks: ConnectionCheck[];
}

export interface ConnectionCheck {
  credential: string;
  /** JSON pointer to the field of the connection that this is about. */
  pointer: string;
  /** Whether WeCom has just accepted it. */
  proved: boolean;
  /** What that means, and what remains open. */
  detail: Localized;
  /** Why it was not accepted. */
  error?: WecomError;
}

export interface AccessToken {
  /** A secret. */
  accessToken: string;
  /** For how long it may be used from now on. */
  expiresInSeconds: number;
}

export interface ConnectorOptions {
  /**
   * What sends requests, called as ${'`fetch`'} is: with an agent for a proxy, a CA, a tracer. It must neither repeat a
   * request nor follow a redirect. The ${'`fetch`'} of the platform where it is left out.
   */
  fetch?: Fetch;
  /** Language of the messages of errors. English where it is left out. */
  language?: 'en' | 'zh';
}

/** The part of ${'`fetch`'} that is used here: that of the platform fits, and that of a package. */
export type Fetch = (
  url: string,
  init: {
    method: string;
    headers: [string, string][];
    body?: string | Uint8Array<ArrayBuffer>;
    signal: AbortSignal;
    redirect: 'manual';
    cache?: 'no-store';
  },
) => Promise<{
  status: number;
  type: string;
  headers: { get(name: string): string | null };
  body: { getReader(): { read(): Promise<{ done: boolean; value?: any }> } } | null;
}>;

export interface CallOptions {
  /** Language of the messages of errors. That of the connector where it is left out. */
  language?: 'en' | 'zh';
  /** What sends the requests of this call, as the ${'`fetch`'} of the connector does where it is left out. */
  fetch?: Fetch;
  /**
   * Aborts the call. It rejects with a WecomError whose ${'`cause`'} is the signal's reason, and whose class tells whether
   * a request may have arrived.
   */
  signal?: AbortSignal;
}
`;

/** What every version has of callbacks. */
const callbacks = ({ topics, checks }) => `
/** A kind of message or event that is known. Any other passes, too. */
export type CallbackTopic =
${topics}
  | (string & {});

/** A message or an event. What is absent, WeCom did not send. */
export interface CallbackEvent {
  /** What it is, in lower case: ${'`text`'}, ${'`event/enter_agent`'}, ${'`event/change_contact/create_user`'}. */
  topic: CallbackTopic;
  /** The type of message, and ${'`event`'} for what is none. */
  msgType: string;
  /** What happened, in lower case; absent for a message. */
  event?: string;
  /** What changed, in lower case: ${'`create_user`'}. */
  changeType?: string;
  /** The member who wrote or did it. ${'`sys`'} is WeCom itself. */
  fromUser?: string;
  /** Who it is for: the enterprise ID, or that of a suite. Absent for a smart bot. */
  to?: string;
  /** The application that it is about. Contacts and customers have none. */
  agentId?: number;
  /** When it happened, in seconds since 1970. */
  createdAt?: number;
  /** The same for a repetition of the same, and for nothing else: drop what you have had. */
  key: string;
  /** Everything, with WeCom's names in snake_case and lists as lists. Of XML all values are texts. */
  fields: Record<string, any>;
  /** How the request was written. */
  format: 'xml' | 'json';
  /** The nonce of the request. */
  nonce: string;
}

/** What a smart bot answers, as WeCom's page says. */
export type SmartBotReply = ({ msgtype: string } | { response_type: string }) & {
  [name: string]: unknown;
  /** An application's reply has it. */
  msg_type?: never;
};

/** An answer to WeCom, to be sent with 200. */
export interface EncryptedReply {
  contentType: string;
  body: string;
}

export interface CallbackOptions {
  /** Language of the messages of errors. English where it is left out. */
  language?: 'en' | 'zh';
  /**
   * The time in seconds since 1970, in the place of the clock's: a request may be ten minutes from it. With ${'`null`'} a
   * request may be of any time.
   */
  now?: number | null;
}

/** Why a callback was refused. Nothing of the request is in it. */
export class CallbackError extends Error {
  name: 'CallbackError';
  /** Which check the request failed. */
  check: ${checks};
  /** The HTTP status to answer with. */
  status: number;
  /** The message in both languages: what to look at, for the log of whoever runs the server. */
  messages: Localized;
}

/**
 * The text to answer a GET with, by which WeCom verifies a URL: status 200, and nothing before or behind it. Rejects with
 * a CallbackError where the request is not WeCom's, with a WecomError where the connection breaks rules.
 *
 * @param query The query or the URL, as it came: ${'`request.url`'}.
 * @see https://developer.work.weixin.qq.com/document/path/90930
 */
export function verifyUrl(
  connection: CallbackConnection | null | undefined,
  query: string,
  options?: CallbackOptions,
): Promise<string>;

/**
 * The message or event of a POST. Rejects as ${'`verifyUrl`'} does. WeCom repeats what is not answered with 200 within 5
 * seconds: answer at once, and drop the repetitions by ${'`key`'}.
 *
 * @param query The query or the URL, as it came.
 * @param body The body, as it came.
 * @see https://developer.work.weixin.qq.com/document/path/90930
 */
export function decryptMessage(
  connection: CallbackConnection | null | undefined,
  query: string,
  body: string | Uint8Array | ArrayBuffer,
  options?: CallbackOptions,
): Promise<CallbackEvent>;

/**
 * The answer to a message or an event, for the member who sent it. WeCom waits 5 seconds for it; an empty answer of 200
 * is always good. Rejects with a WecomError where the reply breaks rules.
 *
 * @see https://developer.work.weixin.qq.com/document/path/90241
 */
export function encryptReply(
  connection: CallbackConnection | null | undefined,
  event: Omit<CallbackEvent, 'fields'>,
  reply: CallbackReply | SmartBotReply,
  options?: { language?: 'en' | 'zh'; now?: number },
): Promise<EncryptedReply>;

/**
 * A memory for the events of one URL, so that none begins anything twice: ten minutes, which is how long a request is
 * taken, and at most 100,000 events. It is this process's alone.
 */
export function recentEvents(): {
  /** Whether an event of that ${'`key`'} came by before. Now one has. */
  knows(key: string): boolean;
};
`;

/**
 * @param {string} checks The type of the checks of a callback, as jco declares it.
 * @returns {Promise<string>} the text of index.d.ts
 */
export async function types(manifest, checks) {
  const declarations = [];
  for (const { type, schema } of manifest.connection_types) {
    declarations.push(await declaration(typeName(type, 'Connection'), schema));
  }
  const { connection_type, reply, events } = manifest.callback;
  declarations.push(
    await declaration(typeName(connection_type.type, 'Connection'), connection_type.schema),
    await declaration('CallbackReply', reply),
    callbacks({
      topics: events.map(({ topic }) => `  | '${topic}'`).join('\n'),
      checks,
    }),
  );
  const methods = [];
  const actions = [];
  for (const action of manifest.actions) {
    const parameters = typeName(action.id, 'Parameters');
    const output = typeName(action.id, 'Output');
    const connection = `${typeName(action.connection_type, 'Connection')} | null | undefined`;
    declarations.push(await declaration(parameters, action.parameters), await declaration(output, action.output));
    const lines = [action.description.en, '', `Effect: ${action.effect}.`, '', `@see ${action.doc_url}`];
    methods.push(comment(lines));
    methods.push(
      `${methodName(action.id)}(connection: ${connection}, parameters: ${parameters}, options?: CallOptions): Promise<${output}>;`,
    );
    actions.push(`'${action.id}': { connection: ${connection}; parameters: ${parameters}; output: ${output} };`);
  }
  const union = (entries) => entries.map(({ id }) => `'${id}'`).join(' | ');
  return `// Generated from the manifest of ${manifest.package}.
${fixed({
  connectionTypes: manifest.connection_types.map(({ type }) => typeName(type, 'Connection')).join(' | '),
  classes: union(manifest.error_cases),
  categories: union(manifest.error_categories),
})}
${declarations.join('\n')}
/** Connection, parameters and output of each action, by its ID. */
export interface Actions {
${indent(actions)}
}

/**
 * Carries out actions. It keeps access tokens, and all its calls share them: keep one, and call it as often at once as
 * you like.
 */
export class Connector {
  /** Loads nothing: the first call does, or ${'`ready`'}. */
  constructor(options?: ConnectorOptions);

  /** Carries out the action of that ID. Rejects with a WecomError. */
  invoke<A extends keyof Actions>(
    action: A,
    connection: Actions[A]['connection'],
    parameters: Actions[A]['parameters'],
    options?: CallOptions,
  ): Promise<Actions[A]['output']>;

  /**
   * Proves what can be proved of a connection. Sends no message and changes nothing. A refusal of WeCom is in the
   * report; it rejects where there is no answer, or the connection breaks a rule.
   */
  testConnection(connection: Connection | null | undefined, options?: CallOptions): Promise<ConnectionReport>;

  /** An access token, for programs that keep tokens themselves; this connector keeps its own. */
  getAccessToken(
    connection: Connection | null | undefined,
    scope: 'app' | 'contacts',
    options?: CallOptions,
  ): Promise<AccessToken>;

  /** Everything there is to know of the actions: schemas, texts in both languages, effects, limits, samples. */
  manifest(): any;

  /** Loads the component ahead of the first call, and rejects where it cannot serve. */
  ready(options?: { language?: 'en' | 'zh' }): Promise<void>;

  /**
   * Takes no more calls. Those that wait for their turn are rejected; those under way have this many seconds to end, 5
   * where it is left out. A program that makes no more calls ends without it, too.
   */
  close(graceSeconds?: number): Promise<void>;

${indent(methods)}
}
`;
}

async function declaration(name, schema) {
  const text = await compile(plain(schema), name, {
    additionalProperties: false,
    bannerComment: '',
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120, singleQuote: true },
  });
  return text;
}

/** The schema without what a type cannot say, and with each title in the description, where an editor shows it. */
function plain(schema) {
  const { $schema, if: condition, then, else: otherwise, title, oneOf, description, ...rest } = schema;
  const result = { ...rest };
  const words = [title, description].filter(Boolean).join('. ');
  if (words) result.description = words;
  if (oneOf) {
    delete result.type;
    result.enum = oneOf.map((choice) => choice.const);
    result.description = [words, ...oneOf.map((choice) => `${choice.const}: ${choice.title}`)].join('\n');
  }
  if (rest['x-ui']?.widget === 'file') result.tsType = 'FileContent';
  if (rest.items) result.items = plain(rest.items);
  if (rest.properties) {
    const properties = Object.entries(rest.properties).map(([name, property]) => [name, plain(property)]);
    result.properties = Object.fromEntries(properties);
  }
  return result;
}

function typeName(id, kind) {
  const name = methodName(id);
  return `${name[0].toUpperCase()}${name.slice(1)}${kind}`;
}

function comment(lines) {
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');
}

function indent(blocks) {
  const lines = blocks.join('\n').split('\n');
  return lines.map((line) => (line ? `  ${line}` : line)).join('\n');
}
