/** Files beside the bundle, from the manifest. */

/** What n8n's search finds a node by, in the shape of its own nodes. */
export function codex(manifest, name) {
  return {
    node: `n8n-nodes-wecom-connector.${name[0].toLowerCase()}${name.slice(1)}`,
    nodeVersion: '1.0',
    codexVersion: '1.0',
    categories: ['Communication'],
    alias: [
      '企业微信',
      '企微',
      'qywx',
      'WeChat Work',
      'wecom',
      'wxwork',
      ...manifest.groups.map(({ title }) => title.zh),
    ],
    resources: {
      primaryDocumentation: [{ url: 'https://developer.work.weixin.qq.com/document/path/90664' }],
      credentialDocumentation: [{ url: 'https://developer.work.weixin.qq.com/document/path/90665' }],
    },
  };
}

/** The manifest's blue is made for white, and another for n8n's dark canvas. */
const ON_WHITE = '#2b7cd3';
const ON_DARK = '#6cb1f5';

export function icons({ icon }) {
  const light = decodeURIComponent(icon.replace(/^data:image\/svg\+xml,/, ''));
  if (!light.startsWith('<svg') || !light.includes(ON_WHITE)) throw new Error('the manifest has another icon');
  return { 'wecom.svg': light, 'wecom.dark.svg': light.replaceAll(ON_WHITE, ON_DARK) };
}
