/** What this package itself has to say; everything about actions, fields and errors comes from the manifest. */
const texts = {
  en: {
    // How the parts of an error become one sentence: what to do comes first, what WeCom said comes last.
    said: ({ category, code, words }) =>
      code === undefined ? `${category}: ${words}` : `WeCom's answer ${code}: ${words}`,
    failure: ({ title, hint, said }) => `${sentence(hint)} ${title ? `(${title}) ` : ''}${said}`,
    fault: ({ field, message }) => (field ? `${field} ${message}` : message),
    faults: ({ faults }) => faults.join('; '),
    inside: ({ outer, inner }) => `${outer}: ${inner}`,
    numbered: ({ field, number }) => `${field} ${number}`,
    titled: ({ title, message }) => `${title}: ${message}`,
    // Troubles on this side.
    missing: ({ path }) => `the component is missing: there is no ${path}. Install the package again.`,
    broken: ({ reason }) => `the component does not load: ${reason}. Install the package again.`,
    otherVersion: ({ found, expected }) =>
      `the component is ${found}, but this package was built for ${expected}. Install the package again.`,
    died: ({ reason, ...call }) => `the connector broke down (${reason}). ${outcome.en(call)}`,
    dropped: (call) => `the call was given up, since it took too long. ${outcome.en(call)}`,
    aborted: (call) => `the call was aborted. ${outcome.en(call)}`,
    closed: (call) => `the connector was closed. ${outcome.en(call)}`,
    notSet: ({ variable }) => `is required: no connection was given, and ${variable} is not set in the environment`,
    notJson: ({ reason }) => `cannot be written as JSON: ${reason}`,
    notRead: ({ reason }) => `cannot be read: ${reason}`,
    notText: () => 'must be a text',
    notRaw: () => 'must be bytes or a text, as it came: give what no parser has read',
    notEvent: () => 'must be an event, as decryptMessage returns it',
    notScope: ({ scopes }) => `must be one of ${scopes.join(', ')}`,
  },
  zh: {
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
    otherVersion: ({ found, expected }) => `组件是${found}，而本软件包需要${expected}。请重新安装本软件包。`,
    died: ({ reason, ...call }) => `连接器意外终止（${reason}）。${outcome.zh(call)}`,
    dropped: (call) => `执行时间过长，已放弃。${outcome.zh(call)}`,
    aborted: (call) => `调用已被取消。${outcome.zh(call)}`,
    closed: (call) => `连接器已关闭。${outcome.zh(call)}`,
    notSet: ({ variable }) => `必填：未提供连接，环境变量${variable}也没有设置`,
    notJson: ({ reason }) => `无法转换为JSON：${reason}`,
    notRead: ({ reason }) => `无法读取：${reason}`,
    notText: () => '必须是文本',
    notRaw: () => '必须是收到的原始字节或文本，不能是解析过的内容',
    notEvent: () => '必须是decryptMessage返回的事件',
    notScope: ({ scopes }) => `必须是以下之一：${scopes.join('、')}`,
  },
};

const outcome = {
  en({ begun, unknown, writes, seconds }) {
    if (unknown) return 'It may or may not have happened: look in WeCom before you repeat it.';
    if (seconds > 0)
      return `The same call may be repeated within ${seconds} seconds of the first one; later, look in WeCom first.`;
    return begun && !writes ? 'It only reads; it can be repeated.' : 'Nothing was sent; it can be repeated.';
  },
  zh({ begun, unknown, writes, seconds }) {
    if (unknown) return '操作可能已生效，也可能没有，重试前请先在企业微信里确认。';
    if (seconds > 0) return `首次调用后${seconds}秒内可以重复同一调用，企业微信只投递一次；之后请先在企业微信中确认。`;
    return begun && !writes ? '该操作只读取数据，可以重试。' : '没有发出任何请求，可以重试。';
  },
};

/** The languages that there is everything in. */
export const languages = Object.keys(texts);

function sentence(words, stop = '.') {
  return /[.!?。！？]$/.test(words) ? words : `${words}${stop}`;
}

/** One of the texts above, in a language as the manifest names it: `en` or `zh`. */
export function say(language, key, values = {}) {
  return texts[language][key](values);
}
