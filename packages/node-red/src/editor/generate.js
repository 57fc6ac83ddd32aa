/**
 * Makes the editor's part of the palette from the manifest alone: a thirtieth action appears with no change here.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { connectionTypes } from '../nodes/connections.js';
import { testMessage } from '../nodes/test-message.js';
import { catalog, languages } from './catalog.js';
import { helpPages } from './help.js';

const browser = (name) => fileURLToPath(new URL(`browser/${name}`, import.meta.url));

/** What of a schema is text: it comes to the browser through the catalog of its language. */
const TEXTS = ['$schema', 'title', 'description', 'examples'];

/**
 * @param {object} manifest What the component's `manifest` returned.
 * @returns {Record<string, string | Buffer>} Content of each file, by its path below dist/.
 */
export function generate(manifest) {
  const icons = iconFiles(manifest);
  const files = { 'nodes/wecom.html': page(manifest, icons) };
  for (const { name, content } of Object.values(icons)) files[`nodes/icons/${name}`] = content;
  for (const language of languages) {
    const texts = catalog(manifest, language);
    const help = helpPages(manifest, language, texts);
    for (const folder of language.folders) {
      files[`nodes/locales/${folder}/wecom.json`] = `${JSON.stringify(texts, null, 2)}\n`;
      files[`nodes/locales/${folder}/wecom.html`] = help;
    }
  }
  return files;
}

function page(manifest, icons) {
  const { outputFiles } = buildSync({
    entryPoints: [browser('main.js')],
    bundle: true,
    write: false,
    minify: true,
    // Node-RED 4 supports no older browser than this.
    target: 'es2020',
    format: 'iife',
    globalName: 'wecomConnector',
    charset: 'utf8',
  });
  return [
    `<style>\n${readFileSync(browser('style.css'), 'utf8')}</style>`,
    ...connectionTypes(manifest).map(connectionTemplate),
    ...callbackTemplates(),
    ...manifest.actions.map(actionTemplate),
    `<script>\n${outputFiles[0].text}wecomConnector.register(${json(definition(manifest, icons))});\n</script>\n`,
  ].join('\n');
}

/** What the browser needs to know of the actions, without texts. */
function definition(manifest, icons) {
  return {
    groups: manifest.groups.map(({ id }) => id),
    callback: {
      connectionType: manifest.callback.connection_type.type,
      icon: icons.wecom.name,
      sources: manifest.callback.sources.map(({ id }) => id),
      events: manifest.callback.events.map(({ source, topic }) => ({ source, topic })),
      reply: withoutTexts(manifest.callback.reply),
    },
    connectionTypes: connectionTypes(manifest).map((entry) => ({
      type: entry.type,
      schema: withoutTexts(entry.schema),
      // WeCom is asked about what sends; what receives is proved when WeCom calls.
      isTested: manifest.connection_types.includes(entry),
      hasTestMessage: testMessage(manifest, entry.type) !== undefined,
    })),
    actions: manifest.actions.map(({ id, icon, group, connection_type, pagination, parameters }) => ({
      id,
      icon: (icons[icon] ?? icons.wecom).name,
      group,
      connectionType: connection_type,
      pagination,
      parameters: withoutTexts(parameters),
    })),
  };
}

function withoutTexts(schema) {
  if (Array.isArray(schema)) return schema.map(withoutTexts);
  if (schema === null || typeof schema !== 'object') return schema;
  const result = {};
  for (const [key, value] of Object.entries(schema)) {
    if (TEXTS.includes(key)) continue;
    if (key === 'properties') {
      // Here a key is a name, and may well be `title`.
      result[key] = Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withoutTexts(entry)]));
    } else if (key === 'x-ui') {
      const { hint: _, ...ui } = value;
      result[key] = ui;
    } else if (['const', 'enum', 'default'].includes(key)) {
      result[key] = value;
    } else {
      result[key] = withoutTexts(value);
    }
  }
  return result;
}

/** Node-RED fills and reads these itself; the rest of the form is drawn when the dialog opens. */
function actionTemplate({ id }) {
  const concurrency = '<input type="text" id="node-input-concurrency">';
  return template(`wecom-${id}`, ['<input type="text" id="node-input-name">', connectionInput, concurrency]);
}

/** The nodes that receive and reply. What is not shown as an input is drawn when the dialog opens. */
function callbackTemplates() {
  const input = (type, name) => `<input type="${type}" id="node-input-${name}">`;
  const name = input('text', 'name');
  return [
    template('wecom-event', [name, connectionInput, input('text', 'path'), input('checkbox', 'reply')]),
    template('wecom-reply', [name]),
  ];
}

const connectionInput = '<input type="text" id="node-input-connection" style="width: 100%">';

/** Node-RED fills and reads all fields of a configuration node itself, credentials included. */
function connectionTemplate({ type, schema }) {
  const inputs = Object.entries(schema.properties)
    .filter(([, property]) => property.const === undefined)
    .map(([name, property]) => {
      const kind = property.writeOnly ? 'password' : 'text';
      return `<input type="${kind}" id="node-config-input-${name}">`;
    });
  return template(`wecom-${type}`, inputs);
}

function template(type, inputs) {
  return `<script type="text/html" data-template-name="${type}"><div class="wecom-form">${inputs.join('')}</div></script>`;
}

/** JSON that can stand in a script element. */
function json(value) {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/** Node-RED takes icons as files only: one of the package, and those that the actions name. */
function iconFiles({ icon, icons = {} }) {
  const others = Object.entries(icons).map(([name, dataUrl]) => [name, iconFile(`wecom-${name}`, dataUrl)]);
  return { ...Object.fromEntries(others), wecom: iconFile('wecom', icon) };
}

function iconFile(name, dataUrl) {
  const [, type, base64, data] = /^data:image\/([a-z]+)[^;,]*(;base64)?,(.*)$/.exec(dataUrl);
  const content = base64 ? Buffer.from(data, 'base64') : Buffer.from(decodeURIComponent(data));
  return { name: `${name}.${type}`, content };
}
