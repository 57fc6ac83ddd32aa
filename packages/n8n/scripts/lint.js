/**
 * Runs n8n's own linters over what n8n loads. They read source, so the description is written out where the node's
 * source makes it.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { manifest } from 'wecom-connector/palette';
import {
  connectionTypes,
  credentialDescription,
  nodeDescription,
  replyDescription,
  triggerDescription,
} from '../src/form/node.js';
import { codex, icons } from './files.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, 'test/lint');
if (!existsSync(join(tools, 'node_modules/eslint'))) {
  console.log('skipped: n8n’s linters are not installed; run "npm --prefix test/lint ci --ignore-scripts"');
  process.exit(0);
}
const require = createRequire(join(tools, 'package.json'));
const load = async (name) => (await import(pathToFileURL(require.resolve(name)).href)).default;
const { ESLint } = require('eslint');
const base = require('eslint-plugin-n8n-nodes-base');
const community = await load('@n8n/eslint-plugin-community-nodes');
const parser = require('@typescript-eslint/parser');

/** Rules that are not kept, each with its reason. */
const EXCEPTIONS = {
  '@n8n/community-nodes/require-homepage': 'the project has no page on the web that could be named here',
  '@n8n/community-nodes/valid-author': 'the project names no person',
  'n8n-nodes-base/community-package-json-author-missing': 'the project names no person',
  'n8n-nodes-base/community-package-json-license-not-default':
    'the project is under Apache-2.0; n8n wants MIT to verify',
  '@n8n/community-nodes/node-connection-type-literal': 'the form is made without n8n at hand; the value is the same',
  '@n8n/community-nodes/no-deprecated-workflow-functions': 'n8n gives a test of credentials no other helper',
  '@n8n/community-nodes/credential-unnecessary-password': 'a chatbot’s key is a secret: whoever has it can send',
  '@n8n/community-nodes/webhook-lifecycle-complete': 'WeCom lets no program set the URL: a person saves it there',
  'n8n-nodes-base/cred-class-field-documentation-url-miscased': 'a rule for pages of n8n’s own; this one is WeCom’s',
  'n8n-nodes-base/node-param-resource-with-plural-option': '“Cards to Members” says who gets them',
  'n8n-nodes-base/node-param-operation-option-action-miscased': 'Markdown and ID are written so',
  'n8n-nodes-base/node-param-placeholder-miscased-id': 'the id in a page of a mini program is none of ours',
  'n8n-nodes-base/node-param-fixed-collection-type-unsorted-items': 'the fields of a card stand as they do on the card',
  'n8n-nodes-base/node-param-options-type-unsorted-items': 'choices stand in WeCom’s order',
};

const folder = await mkdtemp(join(tmpdir(), 'wecom-n8n-lint-'));
async function write(path, content) {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}
/** As a person would write it: the rules see no names in quotes. */
const literal = (value) => JSON.stringify(value, undefined, '\t').replace(/^(\t+)"([A-Za-z_]\w*)":/gm, '$1$2:');

const nodes = [
  ['WeCom', 'src/nodes/wecom.js', 'nodeDescription', nodeDescription],
  ['WeComReply', 'src/nodes/reply.js', 'replyDescription', replyDescription],
  ['WeComTrigger', 'src/nodes/trigger.js', 'triggerDescription', triggerDescription],
];
for (const [name, file, maker, describe] of nodes) {
  const source = await readFile(join(root, file), 'utf8');
  const made = `description = ${maker}(manifest, language);`;
  if (!source.includes(made)) throw new Error(`${file} makes its description in another way`);
  const description = `description: INodeTypeDescription = ${literal(describe(manifest, 'en'))};`;
  await write(
    `nodes/WeCom/${name}.node.ts`,
    source
      .replace(`export class ${name} {`, `export class ${name} implements INodeType {`)
      .replace(made, () => description),
  );
  await write(`nodes/WeCom/${name}.node.json`, JSON.stringify(codex(manifest, name)));
}
for (const [name, content] of Object.entries(icons(manifest))) await write(`nodes/WeCom/${name}`, content);
for (const type of connectionTypes(manifest)) {
  const fields = credentialDescription(manifest, type, 'en');
  const name = fields.name[0].toUpperCase() + fields.name.slice(1);
  const members = Object.entries(fields).map(([key, value]) =>
    key === 'properties' ? `${key}: INodeProperties[] = ${literal(value)};` : `${key} = ${literal(value)};`,
  );
  await write(
    `credentials/${name}.credentials.ts`,
    `import type { ICredentialType, INodeProperties } from 'n8n-workflow';\n\nexport class ${name} implements ICredentialType {\n${members.join('\n\n')}\n}\n`,
  );
}
await cp(join(root, 'package.json'), join(folder, 'package.json'));
await cp(join(root, 'README.md'), join(folder, 'README.md')).catch(() => {});

const recommended = [community.configs.recommendedWithoutN8nCloudSupport].flat();
const ofConfig = (name) => base.configs[name].rules;
const eslint = new ESLint({
  cwd: folder,
  overrideConfigFile: true,
  overrideConfig: [
    ...recommended,
    { files: ['**/*.ts'], languageOptions: { parser } },
    { plugins: { 'n8n-nodes-base': base } },
    { files: ['nodes/**/*.ts'], rules: ofConfig('nodes') },
    { files: ['credentials/**/*.ts'], rules: ofConfig('credentials') },
    {
      files: ['package.json'],
      languageOptions: { parser, parserOptions: { extraFileExtensions: ['.json'] } },
      rules: ofConfig('community'),
    },
  ],
});
const results = await eslint.lintFiles(['nodes/**/*.ts', 'credentials/**/*.ts', 'package.json']);
await rm(folder, { recursive: true });

const found = results.flatMap(({ filePath, messages }) => messages.map((message) => ({ ...message, filePath })));
const broken = found.filter(({ ruleId }) => !(ruleId in EXCEPTIONS));
for (const { ruleId, filePath, line, message } of broken) {
  console.error(`${filePath.slice(folder.length + 1)}:${line} ${message} (${ruleId})`);
}
// An exception that nothing needs any more goes.
const idle = Object.keys(EXCEPTIONS).filter((rule) => !found.some(({ ruleId }) => ruleId === rule));
for (const rule of idle) console.error(`nothing breaks ${rule}: it needs no exception`);
console.log(`n8n's linters: ${broken.length} findings, ${Object.keys(EXCEPTIONS).length} exceptions`);
process.exit(broken.length + idle.length > 0 ? 1 : 0);
