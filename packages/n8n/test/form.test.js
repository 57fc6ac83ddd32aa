/** What n8n is told of node and credentials, in both languages. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { manifest } from 'wecom-connector/palette';
import { kindOf } from '../src/form/kind.js';
import { merged } from '../src/form/merged.js';
import { connectionTypes, credentialDescription, nodeDescription } from '../src/form/node.js';
import { bench } from './support/bench.js';
import { PACKAGE, TYPE } from './support/n8n.js';

const it = bench();
const languages = ['en', 'zh'];

/** Every field, with those in collections. */
function all(fields) {
  return fields.flatMap((field) => [
    field,
    ...all((field.options ?? []).filter(({ type, values }) => type ?? values)),
    ...all(field.values ?? []),
  ]);
}

for (const language of languages) {
  const { properties } = nodeDescription(manifest, language);

  test(`${language}: a file is a field of the input: its hint has the bounds, and nothing of Base64`, () => {
    const { displayName } = properties.find(
      ({ name, displayOptions }) => name === 'content' && displayOptions.show.operation.includes('upload-media'),
    );
    const files = properties.filter((field) => field.displayName === displayName);
    assert.ok(files.length > 2);
    for (const { hint } of files) {
      assert.match(hint, /\d MB|\dMB/);
      assert.doesNotMatch(hint, /Base64|data:/);
    }
  });

  test(`${language}: each action has its operation, and a field for each parameter, once`, () => {
    for (const action of manifest.actions) {
      const [operations] = properties.filter(
        ({ name, displayOptions }) => name === 'operation' && displayOptions.show.resource.includes(action.group),
      );
      assert.ok(operations.options.some(({ value }) => value === action.id));
      const own = properties.filter(({ displayOptions }) => displayOptions?.show.operation?.includes(action.id));
      const more = own.find(({ name }) => name === 'additionalFields')?.options ?? [];
      const names = [...own, ...more].map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, action.id);
      for (const name of Object.keys(action.parameters.properties ?? {})) assert.ok(names.includes(name), name);
      // What is required stands in the form at once, and is marked: but for the name that a file has by itself.
      for (const name of action.parameters.required ?? []) {
        const field = own.find((candidate) => candidate.name === name);
        assert.ok(field.required || name === 'file_name', `${action.id}: ${name}`);
      }
    }
  });

  test(`${language}: every field has a name to read, and a default that its type allows`, () => {
    for (const field of all(properties)) {
      assert.match(field.displayName, /./, field.name);
      if (field.type === 'options')
        assert.ok(
          field.options.some(({ value }) => value === field.default),
          field.name,
        );
      if (field.type === 'number') assert.equal(typeof field.default, 'number');
      if (field.type === 'multiOptions') assert.deepEqual(field.default, []);
    }
  });
}

test('a new node sends a text to members, until somebody chooses something else', () => {
  const { properties } = it.description;
  const resource = properties.find(({ name }) => name === 'resource').default;
  const isOperation = ({ name, displayOptions }) =>
    name === 'operation' && displayOptions.show.resource.includes(resource);
  assert.deepEqual([resource, properties.find(isOperation).default], ['app-message', 'push-text-message']);
});

test('n8n’s editor hides neither resource nor operation: it would take them for a choice of authentication', () => {
  const { credentials, properties } = nodeDescription(manifest, 'en');
  const deciding = new Set(credentials.flatMap(({ displayOptions }) => Object.keys(displayOptions.show ?? {})));
  const shown = credentials.flatMap(({ displayOptions }) => displayOptions.show?.resource ?? []);
  assert.deepEqual([...deciding], ['resource']);
  const [resource] = properties.filter(({ name }) => deciding.has(name));
  assert.equal(resource.displayOptions, undefined);
  assert.ok(resource.options.some(({ value }) => !shown.includes(value)));
});

test('each action asks for the credential of its type, and no other', () => {
  for (const action of manifest.actions) {
    const asked = it.engine.credentialsFor({ resource: action.group, operation: action.id });
    assert.deepEqual(asked, [
      { application: 'weComApplicationApi', chatbot: 'weComChatbotApi' }[action.connection_type],
    ]);
  }
});

test('both languages have the same names and values: a flow runs in either', () => {
  const skeleton = (language) => {
    const { properties } = nodeDescription(manifest, language);
    const of = ({ id }) => properties.filter(({ displayOptions }) => displayOptions?.show.operation?.includes(id));
    const values = ({ name, type, options = [] }) =>
      JSON.stringify([name, type, options.map(({ value }) => value).sort()]);
    const bare = (fields) => all(fields).map(values).sort();
    const first = properties.filter(({ displayOptions }) => !displayOptions?.show.operation);
    return [first, ...manifest.actions.map(of)].map(bare);
  };
  assert.deepEqual(skeleton('en'), skeleton('zh'));
});

test('what several operations have in the same words is one field; each has its own in its own order', () => {
  const show = (operation) => ({ resource: [operation[0]], operation: [operation] });
  const field = (name, operation, more) => ({ name, ...more, displayOptions: { show: show(operation) } });
  const forms = {
    a1: ['to', 'text', 'more'],
    a2: ['text', 'to', 'more'],
    b1: ['to', 'title', 'text', 'more'],
    b2: ['title'],
  };
  const other = { description: 'in other words' };
  const made = merged([
    ...Object.entries(forms).map(([operation, names]) => names.map((name) => field(name, operation))),
    [field('to', 'b3', other)],
  ]);
  const shown = (operation) => made.filter(({ displayOptions }) => displayOptions.show.operation.includes(operation));
  for (const [operation, names] of Object.entries(forms))
    assert.deepEqual(
      shown(operation).map(({ name }) => name),
      names,
    );
  assert.deepEqual(shown('b3'), [field('to', 'b3', other)]);
  // Three of four names as one each; “to” stands on either side of “text”.
  assert.deepEqual(made.map(({ name }) => name).sort(), ['more', 'text', 'title', 'to', 'to', 'to']);
  const [more] = made.filter(({ name }) => name === 'more');
  assert.deepEqual(more.displayOptions.show, { resource: ['a', 'b'], operation: ['a1', 'a2', 'b1'] });
});

test('n8n has not many more fields to go through than there are different ones', () => {
  const { properties } = it.description;
  const bare = new Set(properties.map(({ displayOptions: _, ...field }) => JSON.stringify(field)));
  assert.ok(properties.length < 1.2 * bare.size, `${properties.length} fields, ${bare.size} of them different`);
});

test('records stand in nested collections, lists with names in lists', () => {
  const of = (id, name) =>
    all(it.description.properties.filter(({ displayOptions }) => displayOptions?.show.operation?.includes(id))).find(
      (field) => field.name === name,
    );
  assert.equal(of('push-news-message', 'articles').type, 'fixedCollection');
  assert.equal(of('push-news-message', 'articles').typeOptions.multipleValues, true);
  assert.equal(of('push-button-card', 'main_title').type, 'fixedCollection');
  assert.equal(of('push-text-message', 'to_user').type, 'multiOptions');
  assert.equal(of('get-member', 'user_id').type, 'resourceLocator');
  assert.equal(of('push-text-message', 'agent_id').type, 'resourceLocator');
});

test('each list names a method that there is', () => {
  const { methods } = it.engine.nodeTypes.getByNameAndVersion(TYPE);
  let lists = 0;
  for (const { typeOptions, modes = [] } of all(it.description.properties)) {
    if (typeOptions?.loadOptionsMethod) {
      lists += 1;
      assert.equal(typeof methods.loadOptions[typeOptions.loadOptionsMethod], 'function');
    }
    for (const mode of modes.filter(({ name }) => name === 'list')) {
      assert.equal(typeof methods.listSearch[mode.typeOptions.searchListMethod], 'function');
    }
  }
  assert.ok(lists > 0);
});

test('every kind of field that the manifest has is one that the form draws', () => {
  const kinds = new Set(
    manifest.actions.flatMap(({ parameters }) => Object.values(parameters.properties ?? {}).map(kindOf)),
  );
  const known = ['choice', 'file', 'json', 'list', 'many', 'number', 'one', 'record', 'records', 'text'];
  assert.deepEqual([...kinds].sort(), known);
});

test('n8n finds the node by its Chinese names, and shows its icons', () => {
  const { codex, iconUrl, usableAsTool } = it.description;
  for (const alias of ['企业微信', '企微', 'qywx']) assert.ok(codex.alias.includes(alias));
  for (const url of Object.values(iconUrl)) {
    assert.match(readFileSync(join(it.folder, url.replace(`icons/${PACKAGE}/`, '')), 'utf8'), /^<svg/);
  }
  assert.notEqual(iconUrl.light, iconUrl.dark);
  assert.equal(usableAsTool, true);
});

test('the package is one that n8n installs: no dependencies, and each file that it names', () => {
  const { dependencies, peerDependencies, keywords, n8n, scripts } = it.loader.packageJson;
  assert.equal(dependencies, undefined);
  assert.deepEqual(peerDependencies, { 'n8n-workflow': '*' });
  assert.ok(keywords.includes('n8n-community-node-package'));
  for (const name of ['preinstall', 'install', 'postinstall']) assert.ok(!(name in scripts));
  for (const path of [...n8n.nodes, ...n8n.credentials]) assert.ok(readFileSync(join(it.folder, path)).length > 0);
});

test('a credential hides its secrets, keeps the rest behind a switch, and says what a test proves', () => {
  for (const type of connectionTypes(manifest)) {
    for (const language of languages) {
      const { properties } = credentialDescription(manifest, type, language);
      for (const { name, typeOptions } of properties) {
        assert.equal(typeOptions?.password === true, type.schema.properties[name]?.writeOnly === true, name);
      }
      const more = properties.some(({ name }) => name === 'moreFields');
      assert.equal(more, type.type !== 'callback');
    }
  }
});
