/** Registers all types of nodes with Node-RED's editor, from what the manifest says of them. */
import { prepareAction, saveAction } from './action.js';
import { registerEvent, registerReply } from './callback.js';
import { connectionField, connectionKnown, connectionOf, onlyConnection, prepareConnection } from './connection.js';
import { sentence, sentences } from './messages.js';
import { dressPalette } from './palette.js';
import { concurrencyProblems, fieldProblems } from './problems.js';
import { wordsOf } from './texts.js';
import { validate } from './validate.js';

/** Calm tones that the icon stands out from; groups take them in turn. */
const COLORS = ['#d5dbe5', '#e2d6ef', '#c8e3e6', '#b9d9f6', '#c3e6cb', '#fbe7b2'];

/** @param {object} definition What src/editor/generate.js left in the page. */
export function register(definition) {
  for (const connectionType of definition.connectionTypes) registerConnection(connectionType);
  registerEvent(definition.callback);
  registerReply(definition.callback);
  for (const action of definition.actions) registerAction(action, definition);
  RED.events.on('nodes:add', setLanguage);
  const users = definition.actions.map(({ id, connectionType }) => [`wecom-${id}`, { connectionType }]);
  preselectConnections(new Map([...users, ['wecom-event', definition.callback]]));
}

function registerAction(action, definition) {
  const type = `wecom-${action.id}`;
  const connectionType = `wecom-${action.connectionType}`;
  const connectionSchema = definition.connectionTypes.find((candidate) => candidate.type === action.connectionType);
  // Translations are there: the editor loads all catalogs before the first node.
  const words = () => wordsOf(RED.nodes.getType(type), `actions.${action.id}.parameters`);
  RED.nodes.registerType(type, {
    // What stands before the hyphen is the category; the rest is a place of its own in it.
    category: `wecom-${action.group}`,
    color: COLORS[definition.groups.indexOf(action.group) % COLORS.length],
    icon: action.icon,
    inputs: 1,
    outputs: 1,
    defaults: {
      name: { value: '' },
      connection: connectionField(connectionType, words),
      fields: {
        value: {},
        // Two arguments, or Node-RED takes the answer for true or false.
        validate(fields, _options) {
          const known = connectionKnown(this.connection, connectionSchema);
          return sentences(fieldProblems(action.parameters, fields, known), words());
        },
      },
      concurrency: {
        value: 1,
        validate(value, _options) {
          const [problem] = concurrencyProblems(value);
          if (!problem) return true;
          const { say } = words();
          return say('rule.named', { field: say('form.concurrency'), rule: sentence(problem, words()) });
        },
      },
      lang: { value: '' },
    },
    paletteLabel() {
      return this._(`actions.${action.id}.label`);
    },
    label() {
      return this.name || this._def._(`actions.${action.id}.label`);
    },
    labelStyle() {
      return this.name ? 'red-ui-flow-node-label-italic' : '';
    },
    oneditprepare() {
      prepareAction(this, action, definition, words());
    },
    oneditsave() {
      saveAction(this);
      this.lang = this._def._('language');
    },
    onpaletteadd() {
      const text = (key) => this._(`actions.${action.id}.${key}`);
      dressPalette(type, this, {
        group: action.group,
        heading: this._(`groups.${action.group}`),
        short: text('short'),
        names: [text('label'), text('title')],
      });
    },
  });
  const { connection } = RED.nodes.getType(type).defaults;
  // Node-RED names the field in its own sentences about a connection that is missing or not valid.
  connection.label = words().say('form.connection');
}

function registerConnection({ type, schema, isTested, hasTestMessage }) {
  const nodeType = `wecom-${type}`;
  const words = () => wordsOf(RED.nodes.getType(nodeType), `connections.${type}.properties`);
  const defaults = {};
  const credentials = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    if (property.const !== undefined) continue;
    const problemsOf = (node) => validate(schema, connectionOf(node, schema)).filter(({ path }) => path[0] === name);
    if (property.writeOnly) {
      credentials[name] = { type: 'password' };
      continue;
    }
    defaults[name] = {
      value: property.default ?? '',
      validate(_value, _options) {
        return sentences(problemsOf(this), words());
      },
    };
  }
  // Node-RED does not ask about credentials, so that this property answers for them.
  defaults.lang = {
    value: '',
    validate(_value, _options) {
      const problems = validate(schema, connectionOf(this, schema));
      return sentences(
        problems.filter(({ path }) => credentials[path[0]]),
        words(),
      );
    },
  };
  RED.nodes.registerType(nodeType, {
    category: 'config',
    defaults,
    credentials,
    paletteLabel() {
      return this._(`connections.${type}.label`);
    },
    label() {
      return this.name || this._def._(`connections.${type}.label`);
    },
    oneditprepare() {
      prepareConnection(this, { type, schema, isTested, hasTestMessage }, words());
    },
    oneditsave() {
      this.lang = this._def._('language');
    },
  });
}

/** A node that was imported, or dropped and never opened, speaks the language of the editor that it came in by. */
function setLanguage(node) {
  const isOurs = /^wecom-/.test(node.type) && node._def?.defaults?.lang && node._def.category !== 'config';
  if (isOurs && !node.lang) node.lang = node._def._('language');
}

/**
 * A node that has no connection gets the only one there is: when it comes from the palette or out of an example, and when
 * that connection is made. What was deployed without one is left as it is.
 */
function preselectConnections(users) {
  let isLoaded = false;
  RED.events.on('flows:loaded', () => {
    isLoaded = true;
  });
  RED.events.on('workspace:clear', () => {
    isLoaded = false;
  });
  const preselect = (node, connectionType) => {
    const only = onlyConnection(connectionType, node.z);
    if (!only || node.connection) return;
    node.connection = only.id;
    RED.nodes.updateConfigNodeUsers(node, { action: 'add' });
    node.changed = true;
    node.dirty = true;
    RED.editor.validateNode(node);
  };
  RED.events.on('nodes:add', (node) => {
    if (!isLoaded) return;
    const user = users.get(node.type);
    if (user) {
      preselect(node, user.connectionType);
      return;
    }
    const waiting = [];
    RED.nodes.eachNode((other) => {
      const { connectionType } = users.get(other.type) ?? {};
      if (`wecom-${connectionType}` === node.type && !other.connection) waiting.push([other, connectionType]);
    });
    for (const [other, connectionType] of waiting) preselect(other, connectionType);
    if (waiting.length > 0) RED.view.redraw();
  });
}
