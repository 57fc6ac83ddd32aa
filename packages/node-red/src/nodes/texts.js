/** What the nodes themselves have to say; everything about actions, fields and errors comes from the connector. */
const texts = {
  en: {
    kind: ({ brief, code }) => (code === undefined ? brief : `${brief} (${code})`),
    noConnection: ({ expected }) => `no connection is chosen. Choose one of the type ${expected}.`,
    unknownConnection: ({ expected }) =>
      `the connection is missing or switched off. Choose one of the type ${expected}.`,
    otherConnection: ({ found, expected }) =>
      `the connection is of the type ${found}, but one of the type ${expected} is needed here.`,
    notSet: ({ variable }) => `is to come from the environment, and ${variable} is not set there`,
    notEvaluated: ({ source, reason }) => `cannot be read from ${source}: ${reason}`,
    testMessage: () => 'A test message from Node-RED: the connection works.',
    // Callbacks: lines of the log, and answers.
    noServer: () => 'Node-RED serves no HTTP here (httpNodeRoot is false), so that WeCom cannot call it.',
    noPath: () => 'the path is missing or wrong. A right one is /wecom.',
    pathTaken: ({ path, other }) => `the path ${path} is taken by the node ${other}. Choose another one.`,
    refused: ({ status, check, message }) =>
      `A request was refused with ${status}${check ? ` (${check})` : ''}: ${message}`,
    ofForm: () =>
      'its content-type is that of a form, so that Node-RED’s editor has taken the body apart. WeCom sends text/xml; with httpAdminRoot the editor has a root of its own.',
    repeated: ({ topic }) => `${topic}, repeated: the flow does not begin again`,
    brokeOff: () => 'A request broke off before its end.',
    forWecom: () => 'This URL is for WeCom to call. Enter it in the admin console, in the callback settings.',
    notReplyable: () =>
      'the message does not come from a WeCom event node that waits for a reply. Tick “A reply node answers” there.',
    lateReply: ({ seconds }) =>
      `the reply came too late: WeCom waits 5 seconds, and got an empty answer after ${seconds}.`,
    secondReply: () => 'WeCom has its answer already: an event has one reply.',
    closedReply: () => 'the WeCom event node was stopped meanwhile, and WeCom got an empty answer.',
    noReply: () => 'there is no reply: fill in its fields, or put an object into msg.payload.',
    // Status of a node.
    listening: ({ path }) => `waiting at ${path}`,
    verified: () => 'URL verified',
    turnedAway: ({ status, check }) => (check ? `refused: ${status}, ${check}` : `refused: ${status}`),
    taken: ({ path }) => `${path} is taken`,
    replied: () => 'replied',
    running: () => 'running',
    done: () => 'done',
    output: ({ title, value }) => `${title}: ${value}`,
    outputs: ({ outputs }) => outputs.join(', '),
  },
  zh: {
    kind: ({ brief, code }) => (code === undefined ? brief : `${brief}（${code}）`),
    noConnection: ({ expected }) => `没有选择连接，请选择“${expected}”类型的连接。`,
    unknownConnection: ({ expected }) => `连接不存在或已停用，请选择“${expected}”类型的连接。`,
    otherConnection: ({ found, expected }) => `所选连接的类型是“${found}”，这里需要“${expected}”类型的连接。`,
    notSet: ({ variable }) => `应取自环境变量，但${variable}没有设置`,
    notEvaluated: ({ source, reason }) => `无法从${source}取值：${reason}`,
    testMessage: () => '这是Node-RED发出的测试消息：连接可用。',
    noServer: () => 'Node-RED在这里不提供HTTP服务（httpNodeRoot为false），企业微信无法请求它。',
    noPath: () => '没有填写路径，或路径不正确。正确的例如：/wecom。',
    pathTaken: ({ path, other }) => `路径${path}已被节点${other}使用，请换一个。`,
    refused: ({ status, check, message }) =>
      `拒绝了一个请求，状态码${status}${check ? `（${check}）` : ''}：${message}`,
    ofForm: () =>
      'content-type是表单类型，请求体已被Node-RED编辑器拆解。企业微信发送的是text/xml；设置httpAdminRoot可让编辑器使用单独的根路径。',
    repeated: ({ topic }) => `${topic}，重复的请求：不再启动流程`,
    brokeOff: () => '一个请求没有发完就断开了。',
    forWecom: () => '此URL供企业微信请求，请填到管理后台的回调配置中。',
    notReplyable: () => '该消息不是来自等待回复的“企业微信事件”节点。请在该节点勾选“由回复节点应答”。',
    lateReply: ({ seconds }) => `回复太迟：企业微信只等5秒，${seconds}秒后已应答空内容。`,
    secondReply: () => '企业微信已得到应答：每个事件只能回复一次。',
    closedReply: () => '“企业微信事件”节点已停止，企业微信得到的是空应答。',
    noReply: () => '没有回复内容：请填写字段，或在msg.payload中放入对象。',
    listening: ({ path }) => `等待请求：${path}`,
    verified: () => 'URL已验证',
    turnedAway: ({ status, check }) => (check ? `已拒绝：${status}，${check}` : `已拒绝：${status}`),
    taken: ({ path }) => `${path}已被占用`,
    replied: () => '已回复',
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
