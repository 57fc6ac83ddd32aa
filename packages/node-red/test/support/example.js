/**
 * An action that the connector does not have: its parameters are the table of src/parameter/example.rs, with every type
 * that a field can have.
 */
import { readFileSync } from 'node:fs';
import { manifest } from 'wecom-connector/palette';

export const EXAMPLE = 'show-example';

const schema = JSON.parse(readFileSync(new URL('example.schema.json', import.meta.url), 'utf8'));

/** What `cargo xtask generate` would write of it into the manifest's Chinese texts. */
const chinese = {
  to_user: { title: '接收人', description: '接收卡片的成员ID。' },
  importance: { title: '重要程度', description: '卡片的重要程度。', choices: { 0: '普通', 1: '紧急' } },
  source: {
    title: '来源',
    description: '卡片的来源。',
    properties: {
      description: { title: '来源名称', description: '来源的名称，超过4个字符的部分会被截断。' },
      type: { title: '外部来源', description: '是否为企业外部来源。', choices: { 0: '否', 1: '是' } },
    },
  },
  articles: {
    title: '图文',
    description: '卡片的内容，1~8条图文。',
    properties: {
      title: { title: '标题', description: '图文的标题，超过8字节的部分会被截断。', examples: ['新闻'] },
      url: { title: '链接', description: '点击后打开的链接。' },
      tags: { title: '标签', description: '标签ID，从1开始。' },
      phone: { title: '电话', description: '联系电话。' },
    },
  },
};

/** The manifest with that action behind the others. */
export function manifestWithExample() {
  const action = {
    ...manifest.actions.find(({ connection_type }) => connection_type === 'chatbot'),
    id: EXAMPLE,
    title: { en: 'Example', zh: '示例' },
    label: { en: 'Show an example', zh: '显示示例' },
    parameters: schema,
    sample_parameters: {
      to_user: ['zhangsan'],
      source: { description: '监控' },
      articles: [{ title: '告警', url: 'https://a.cn', tags: [1] }],
    },
  };
  const local = manifest.locales['zh-CN'];
  const actions = { ...local.actions, [EXAMPLE]: { title: '示例', label: '显示示例', parameters: chinese } };
  return {
    ...manifest,
    actions: [...manifest.actions, action],
    locales: { ...manifest.locales, 'zh-CN': { ...local, actions } },
  };
}
