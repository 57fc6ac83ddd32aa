/** What the nodes themselves have to say; everything about actions, fields and errors comes from the connector. */
const texts = {
  en: {
    kind: ({ brief, code }) => (code === undefined ? brief : `${brief} (${code})`),
    noConnection: ({ expected }) => `no connection is chosen. Choose one of the type ${expected}.`,
    unknownConnection: ({ expected }) =>
      `the connection is missing or switched off. Choose one of the type ${expected}.`,
    otherConnection: ({ found, expected }) =>
      `the connection is of the type ${found}, but this action needs one of the type ${expected}.`,
    notSet: ({ variable }) => `is to come from the environment, and ${variable} is not set there`,
    notEvaluated: ({ source, reason }) => `cannot be read from ${source}: ${reason}`,
    testMessage: () => 'A test message from Node-RED: the connection works.',
    // Status of a node.
    running: () => 'running',
    done: () => 'done',
    output: ({ title, value }) => `${title}: ${value}`,
    outputs: ({ outputs }) => outputs.join(', '),
  },
  zh: {
    kind: ({ brief, code }) => (code === undefined ? brief : `${brief}（${code}）`),
    noConnection: ({ expected }) => `没有选择连接，请选择“${expected}”类型的连接。`,
    unknownConnection: ({ expected }) => `连接不存在或已停用，请选择“${expected}”类型的连接。`,
    otherConnection: ({ found, expected }) => `所选连接的类型是“${found}”，该操作需要“${expected}”类型的连接。`,
    notSet: ({ variable }) => `应取自环境变量，但${variable}没有设置`,
    notEvaluated: ({ source, reason }) => `无法从${source}取值：${reason}`,
    testMessage: () => '这是Node-RED发出的测试消息：连接可用。',
    running: () => '执行中',
    done: () => '完成',
    output: ({ title, value }) => `${title}：${value}`,
    outputs: ({ outputs }) => outputs.join('，'),
  },
};

/** One of the texts above, in a language as the manifest names it: `en` or `zh`. */
export function say(language, key, values = {}) {
  return texts[language][key](values);
}

/** The manifest's language for one that Node-RED or a browser names: `zh-CN` and `zh-Hant` are `zh`. */
export function languageOf(tag) {
  return /^zh\b/i.test(tag ?? '') ? 'zh' : 'en';
}
