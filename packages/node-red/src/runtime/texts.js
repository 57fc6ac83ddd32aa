/** What this package itself has to say; everything about actions, fields and errors comes from the manifest. */
const texts = {
  en: {
    // How the parts of an error become one sentence: what to do comes first, what WeCom said comes last.
    kind: ({ brief, code }) => (code === undefined ? brief : `${brief} (${code})`),
    said: ({ category, code, words }) =>
      code === undefined ? `${category}: ${words}` : `WeCom's answer ${code}: ${words}`,
    failure: ({ title, hint, said }) => `${sentence(hint)} ${title ? `(${title}) ` : ''}${said}`,
    fault: ({ field, message }) => (field ? `${field} ${message}` : message),
    faults: ({ faults }) => faults.join('; '),
    // A field inside another: the editor says it in the same words.
    inside: ({ outer, inner }) => `${outer}: ${inner}`,
    numbered: ({ field, number }) => `${field} ${number}`,
    titled: ({ title, message }) => `${title}: ${message}`,
    // Troubles on this side.
    missing: ({ path }) => `the component is missing: there is no ${path}. Install the package again.`,
    broken: ({ reason }) => `the component does not load: ${reason}. Install the package again.`,
    otherVersion: ({ found, expected }) =>
      `the component is ${found}, but this package was built for ${expected}. Install the package again.`,
    died: ({ reason, begun, writes }) =>
      `the worker that carried it out died (${reason}). ${outcome.en(begun, writes)}`,
    deadline: ({ seconds, begun, writes }) =>
      `it took longer than ${seconds} seconds and was given up. ${outcome.en(begun, writes)}`,
    closed: ({ begun, writes }) => `the connector was closed. ${outcome.en(begun, writes)}`,
    noConnection: ({ expected }) => `no connection is chosen. Choose one of the type ${expected}.`,
    unknownConnection: ({ expected }) =>
      `the connection is missing or switched off. Choose one of the type ${expected}.`,
    otherConnection: ({ found, expected }) =>
      `the connection is of the type ${found}, but this action needs one of the type ${expected}.`,
    notJson: ({ reason }) => `cannot be written as JSON: ${reason}`,
    notText: () => 'must be a text',
    notScope: ({ scopes }) => `must be one of ${scopes.join(', ')}`,
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
    // Words that are not WeCom's are English; hints in other languages begin with them.
    said: ({ category, code, words }) => (code === undefined ? category : `企业微信返回${code}：${words}`),
    failure: ({ title, hint, said }) => `${sentence(hint, '。')}${title ? `（${title}）` : ''}${said}`,
    fault: ({ field, message }) => (field ? `${field}：${message}` : message),
    faults: ({ faults }) => faults.join('；'),
    inside: ({ outer, inner }) => `${outer}，${inner}`,
    numbered: ({ field, number }) => `${field}第${number}项`,
    titled: ({ title, message }) => `${title}：${message}`,
    missing: ({ path }) => `缺少组件文件${path}，请重新安装本软件包。`,
    broken: ({ reason }) => `组件无法加载：${reason}。请重新安装本软件包。`,
    otherVersion: ({ found, expected }) => `组件版本为${found}，而本软件包需要${expected}。请重新安装本软件包。`,
    died: ({ reason, begun, writes }) => `执行该操作的工作线程意外终止（${reason}）。${outcome.zh(begun, writes)}`,
    deadline: ({ seconds, begun, writes }) => `执行超过${seconds}秒，已放弃。${outcome.zh(begun, writes)}`,
    closed: ({ begun, writes }) => `连接器已关闭。${outcome.zh(begun, writes)}`,
    noConnection: ({ expected }) => `没有选择连接，请选择“${expected}”类型的连接。`,
    unknownConnection: ({ expected }) => `连接不存在或已停用，请选择“${expected}”类型的连接。`,
    otherConnection: ({ found, expected }) => `所选连接的类型是“${found}”，该操作需要“${expected}”类型的连接。`,
    notJson: ({ reason }) => `无法转换为JSON：${reason}`,
    notText: () => '必须是文本',
    notScope: ({ scopes }) => `必须是以下之一：${scopes.join('、')}`,
    notEvaluated: ({ source, reason }) => `无法从${source}取值：${reason}`,
    testMessage: () => '这是Node-RED发出的测试消息：连接可用。',
    running: () => '执行中',
    done: () => '完成',
    output: ({ title, value }) => `${title}：${value}`,
    outputs: ({ outputs }) => outputs.join('，'),
  },
};

const outcome = {
  en(begun, writes) {
    if (!begun) return 'Nothing was sent; it can be repeated.';
    return writes
      ? 'It may or may not have happened: look in WeCom before you repeat it.'
      : 'It only reads; it can be repeated.';
  },
  zh(begun, writes) {
    if (!begun) return '没有发出任何请求，可以重试。';
    return writes ? '操作可能已生效，也可能没有，重试前请先在企业微信里确认。' : '该操作只读取数据，可以重试。';
  },
};

function sentence(words, stop = '.') {
  return /[.!?。！？]$/.test(words) ? words : `${words}${stop}`;
}

/** One of the texts above, in a language as the manifest names it: `en` or `zh`. */
export function say(language, key, values = {}) {
  return texts[language][key](values);
}

/** The manifest's language for one that Node-RED or a browser names: `zh-CN` and `zh-Hant` are `zh`. */
export function languageOf(tag) {
  return /^zh\b/i.test(tag ?? '') ? 'zh' : 'en';
}
