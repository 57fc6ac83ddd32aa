/** The furniture of forms and errors; everything about actions and fields comes from the manifest. */
const texts = {
  en: {
    resource: 'Resource',
    operation: 'Operation',
    additionalFields: 'Additional Fields',
    addField: 'Add Field',
    addEntry: 'Add Entry',
    fields: 'Fields',
    fromList: 'From List',
    byId: 'By ID',
    trigger: ({ title }) => `${title} Trigger`,
    triggerMeaning:
      'Starts the workflow when a member writes, presses a button of a card, or something changes in WeCom',
    howToListen:
      'Publish (activate) the workflow first, then save its production URL in WeCom: App Management (应用管理) > the application > Receive messages (接收消息). WeCom verifies the URL at once.',
    events: 'Events',
    eventMeaning: ({ words, topic }) => `${words} Topic: ${topic}.`,
    eventsMeaning: 'What starts the workflow. Nothing chosen stands for everything that WeCom sends.',
    isAnswered: 'Answer From the Workflow',
    isAnsweredMeaning:
      'Whether a node WeCom Reply answers while WeCom waits, for at most 5 seconds. Otherwise WeCom has an empty answer at once.',
    reply: ({ title }) => `${title} Reply`,
    replyMeaning: 'Answers the member whose message or press started the workflow, while WeCom waits',
    howToReply:
      'Switch on “Answer From the Workflow” in the trigger. WeCom waits for 5 seconds, and takes one reply to each message.',
    notReplyable:
      'There is no event that waits for a reply: the workflow has to start at a WeCom Trigger with “Answer From the Workflow” switched on',
    lateReply:
      'The reply came too late: WeCom waits for 5 seconds, and has had an empty answer. Send a message to the member instead.',
    formIsRight: 'The values have the right form. WeCom verifies them when the URL is saved there.',
    forWecom: 'This URL is for WeCom to call.',
    refused: ({ status, check, message }) =>
      `A callback was refused with ${status}${check ? ` (${check})` : ''}: ${message}`,
    notSet: 'Not Set',
    everyone: 'Everyone',
    cut: ({ most }) => `… Only ${most} are listed: give others by ID, in an expression`,
    choose: 'Choose…',
    example: ({ example }) => `e.g. ${example}`,
    clears: 'Added and left empty, it clears the field',
    namesOrIds: ({ title }) => `${title.replace(/ IDs?$/, '')} Names or IDs`,
    chooseOrSpecify:
      'Choose from the list, or specify IDs using an <a href="https://docs.n8n.io/code/expressions/">expression</a>',
    limit: 'Max number of results to return',
    several: 'Several are separated by commas',
    inputFile: 'Input Binary Field',
    inputFileMeaning: 'Name of the field of the input that holds the file; or, by an expression, the file itself',
    nameOfFile: 'Left empty, it is the name of the input file',
    asJson: 'Parameters as JSON',
    asJsonMeaning:
      'An object of parameters, which count before the fields of the form. For lists whose length an expression decides.',
    notJson: 'Parameters as JSON (parametersAsJson) must be a JSON object',
    outputFile: 'Put Output File in Field',
    outputFileMeaning: 'Name of the field of the output that the file is put into',
    moreFields: 'Show More Fields',
    moreFieldsMeaning:
      'Whether to show the fields that most connections leave empty. They count only as long as they are shown.',
    unproved:
      'WeCom offers no way to check the key without sending a message. Saving only checks its form; the first message tells the rest.',
    noFile: ({ field }) => `the input has no file in the field “${field}”`,
    noFileGiven: 'what the expression gives is not a file',
    noFileHint: 'Put a node before it that reads or downloads a file, and name the field that it puts the file into.',
    noOperation: ({ operation }) => `there is no operation “${operation}” in this version of the package`,
    brokenOff: 'The run broke off, since n8n lost the process that had it.',
    names: ({ names }) => names.map((name) => `“${name}”`).join(', '),
    mayBeSent: ({ nodes }) =>
      `Whether WeCom has what these nodes send or change is not known: ${nodes}. Look in WeCom before you run it again.`,
    mayBeRepeated: ({ nodes, seconds }) =>
      `With Duplicate Check: ${nodes}. Within ${seconds} seconds of the first run, not of this error, it may be run again: WeCom delivers the same message only once. Later, look in WeCom first.`,
    saidByN8n: ({ message }) => `n8n says: ${message}`,
    notWarned: ({ executionId, message }) =>
      `Execution ${executionId} broke off, and WeCom may have its messages. Its error text does not say so: ${message}`,
    titled: ({ title, message }) => `${title}: ${message}`,
    more: ({ link }) => `More: ${link}`,
  },
  zh: {
    resource: '类别',
    operation: '操作',
    additionalFields: '更多字段',
    addField: '添加字段',
    addEntry: '添加一项',
    fields: '字段',
    fromList: '从列表选择',
    byId: '填写ID',
    trigger: ({ title }) => `${title}触发器`,
    triggerMeaning: '成员发消息、点击卡片按钮，或企业微信中有变更时，启动流程',
    howToListen:
      '请先发布（Publish，即激活）工作流，再到企业微信保存它的生产环境URL：应用管理 > 对应应用 > 接收消息。保存时企业微信会立即验证该URL。',
    events: '事件',
    eventMeaning: ({ words, topic }) => `${words}主题：${topic}。`,
    eventsMeaning: '哪些事件启动流程。不选表示企业微信推送的所有消息与事件。',
    isAnswered: '由流程回复',
    isAnsweredMeaning: '是否由“企业微信回复”节点在企业微信等待期间（最多5秒）作答。关闭时立即返回空应答。',
    reply: ({ title }) => `${title}回复`,
    replyMeaning: '在企业微信等待期间，回复发消息或点击卡片而启动流程的成员',
    howToReply: '请在触发器中打开“由流程回复”。企业微信最多等待5秒，每条消息只接受一次回复。',
    notReplyable: '没有等待回复的事件：流程要从打开了“由流程回复”的企业微信触发器开始',
    lateReply: '回复太晚：企业微信只等待5秒，已收到空应答。请改为向该成员发送消息。',
    formIsRight: '格式正确。在企业微信保存URL时会验证其内容。',
    forWecom: '此URL供企业微信调用。',
    refused: ({ status, check, message }) => `回调被拒绝，状态码${status}${check ? `（${check}）` : ''}：${message}`,
    notSet: '不设置',
    everyone: '所有人',
    cut: ({ most }) => `……仅列出${most}项，其余请用表达式填写ID`,
    choose: '请选择…',
    example: ({ example }) => `例如：${example}`,
    clears: '添加后留空，表示清空该字段',
    namesOrIds: ({ title }) => title,
    chooseOrSpecify: '从列表中选择，或用<a href="https://docs.n8n.io/code/expressions/">表达式</a>给出ID',
    limit: '最多返回多少条',
    several: '多个值以逗号分隔',
    inputFile: '输入文件字段',
    inputFileMeaning: '输入数据中存放文件的二进制字段名；也可以用表达式直接给出文件',
    nameOfFile: '留空时使用输入文件的名称',
    asJson: '参数（JSON）',
    asJsonMeaning: '由参数组成的JSON对象，优先于表单中的字段。适用于条数由表达式决定的列表。',
    notJson: '参数（JSON）（parametersAsJson）必须是JSON对象',
    outputFile: '输出文件字段',
    outputFileMeaning: '文件存入输出数据的哪个二进制字段',
    moreFields: '显示更多字段',
    moreFieldsMeaning: '是否显示多数连接不需要填写的字段。只有显示时，其中的值才生效。',
    unproved: '企业微信没有提供不发消息就能验证Key的方法。保存时只检查格式，发送第一条消息才知道Key是否有效。',
    noFile: ({ field }) => `输入数据的“${field}”字段中没有文件`,
    noFileGiven: '表达式给出的不是文件',
    noFileHint: '请在前面放一个读取或下载文件的节点，并填写它存放文件的字段名。',
    noOperation: ({ operation }) => `本软件包的这个版本没有“${operation}”操作`,
    brokenOff: '执行中断：负责它的n8n进程已丢失。',
    names: ({ names }) => names.map((name) => `“${name}”`).join('、'),
    mayBeSent: ({ nodes }) =>
      `不知道企业微信是否已收到以下节点发送或更改的内容：${nodes}。再次运行前，请先到企业微信确认。`,
    mayBeRepeated: ({ nodes, seconds }) =>
      `以下节点已设置“重复消息检查”：${nodes}。从首次运行（而不是本错误出现）起${seconds}秒内可以再次运行，相同的消息企业微信只投递一次；超过这段时间，请先到企业微信确认。`,
    saidByN8n: ({ message }) => `n8n的说明：${message}`,
    notWarned: ({ executionId, message }) =>
      `执行${executionId}中断，企业微信可能已收到它的消息，但未能写入其错误信息：${message}`,
    titled: ({ title, message }) => `${title}：${message}`,
    more: ({ link }) => `详情：${link}`,
  },
};

export function say(language, key, values) {
  const text = texts[language][key];
  return typeof text === 'function' ? text(values) : text;
}
