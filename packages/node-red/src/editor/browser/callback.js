/** The node that receives what WeCom calls, and the node that replies. */
import { pathOf } from '../../nodes/paths.js';
import { connectionField, onlyConnection } from './connection.js';
import { fieldRow, plainRow } from './field.js';
import { fieldGroup } from './group.js';
import { sentences } from './messages.js';
import { dressPalette } from './palette.js';
import { fieldProblems } from './problems.js';
import { wordsOf } from './texts.js';

/** Where in the palette they stand. */
const GROUP = 'callback';
const COLOR = '#f6d5d0';
/** What the dialog that is open holds; Node-RED opens no two of them for one node. */
const open = new WeakMap();

/** @param {object} callback What src/editor/generate.js left of callbacks. */
export function registerEvent(callback) {
  const type = 'wecom-event';
  const words = () => wordsOf(RED.nodes.getType(type), 'callback');
  const connectionType = `wecom-${callback.connectionType}`;
  RED.nodes.registerType(type, {
    ...common(callback, 'event'),
    inputs: 0,
    outputs: 1,
    defaults: {
      name: { value: '' },
      connection: connectionField(connectionType, words),
      path: {
        value: '/wecom',
        // Two arguments, or Node-RED takes the answer for true or false.
        validate(path, _options) {
          const { say } = words();
          const rule = pathProblem(path, this.id, words());
          return rule ? say('rule.named', { field: say('callback.path'), rule }) : true;
        },
      },
      topics: { value: [] },
      reply: { value: false },
      lang: { value: '' },
    },
    oneditprepare() {
      prepareEvent(this, callback, words());
    },
    oneditsave() {
      this.topics = open.get(this).topics();
      this.lang = this._def._('language');
    },
  });
  const { connection } = RED.nodes.getType(type).defaults;
  connection.label = words().say('form.connection');
}

export function registerReply(callback) {
  const type = 'wecom-reply';
  const words = () => wordsOf(RED.nodes.getType(type), 'callback.reply');
  RED.nodes.registerType(type, {
    ...common(callback, 'reply'),
    inputs: 1,
    outputs: 1,
    defaults: {
      name: { value: '' },
      fields: {
        value: {},
        validate(fields, _options) {
          return sentences(replyProblems(callback.reply, fields), words());
        },
      },
      lang: { value: '' },
    },
    oneditprepare() {
      prepareReply(this, callback, words());
    },
    oneditsave() {
      const group = open.get(this);
      group.commit();
      this.fields = group.fields();
      this.lang = this._def._('language');
    },
  });
}

function common({ icon }, node) {
  const key = `callback.nodes.${node}`;
  return {
    category: `wecom-${GROUP}`,
    color: COLOR,
    icon,
    paletteLabel() {
      return this._(key);
    },
    label() {
      return this.name || this._def._(key);
    },
    labelStyle() {
      return this.name ? 'red-ui-flow-node-label-italic' : '';
    },
    onpaletteadd() {
      dressPalette(`wecom-${node}`, this, {
        group: GROUP,
        heading: this._('callback.heading'),
        short: this._(key),
        names: [this._(key)],
      });
    },
  };
}

/** What is wrong with a path, in words. One of a variable is known only when the flow runs. */
function pathProblem(path, id, { say }) {
  const own = pathOf(path);
  if (own === undefined) return say('callback.pathRule');
  let other;
  RED.nodes.eachNode((node) => {
    if (node.type === 'wecom-event' && node.id !== id && !node.d && pathOf(node.path) === own) other = node;
  });
  return other && say('callback.pathTwice', { node: other.name || other._def.label.call(other) });
}

/** Nothing is wrong with a reply that the message brings. */
function replyProblems(schema, fields) {
  return Object.keys(fields ?? {}).length > 0 ? fieldProblems(schema, fields) : [];
}

/** Texts of a row that no schema describes. */
function rowWords(words, title, description) {
  return {
    ...words,
    title: () => words.say(title),
    description: () => (description ? words.say(description) : undefined),
    hint: () => undefined,
  };
}

function prepareEvent(node, callback, words) {
  const form = $('#dialog-form .wecom-form');
  const connection = $('#node-input-connection');
  plainRow(words.say('form.connection'), connection.parent(), true).appendTo(form);
  if (!RED.nodes.node(connection.val())) {
    const only = onlyConnection(callback.connectionType, node.z);
    if (only) connection.val(only.id).trigger('change');
  }

  const path = $('#node-input-path');
  const pathRow = fieldRow('path', {}, rowWords(words, 'callback.path', 'callback.pathMeaning'), { required: true });
  pathRow.row.appendTo(form);
  pathRow.control.append(path);
  const url = $('<div class="wecom-note wecom-url">').appendTo(pathRow.below);
  const refresh = () => {
    const rule = pathProblem(path.val(), node.id, words);
    pathRow.show(rule && { text: rule, warning: false });
    const own = pathOf(path.val());
    url.text(own === undefined ? '' : words.say('callback.url', { url: urlOf(own) }));
  };
  path.on('input change', refresh);
  refresh();

  const topics = topicsRow(node.topics, callback, words);
  topics.row.appendTo(form);

  const reply = fieldRow('reply', {}, rowWords(words, 'callback.reply', 'callback.replyMeaning'));
  reply.row.addClass('wecom-check-row').appendTo(form);
  reply.row.find('.wecom-label').prepend($('#node-input-reply'), ' ');

  const name = $('#node-input-name').attr('placeholder', node._def.paletteLabel.call(node._def));
  plainRow(words.say('form.name'), name).appendTo(form);
  open.set(node, topics);
}

/** The address that the editor knows Node-RED by; whether WeCom knows it by that, too, only a person can tell. */
function urlOf(path) {
  const root = (RED.settings.httpNodeRoot || '/').replace(/\/$/, '');
  return location.origin + root + encodeURI(path);
}

/** All messages and events, by where they come from, to tick. */
function topicsRow(saved, { sources, events }, words) {
  const { row, control } = fieldRow('topics', {}, rowWords(words, 'callback.events', 'callback.eventsMeaning'));
  const chosen = new Set([saved ?? []].flat());
  const panel = $('<div class="wecom-panel wecom-topics">').appendTo(control);
  const head = $('<div class="wecom-panel-head">').appendTo(panel);
  const filter = $('<input type="text">').attr('placeholder', words.say('pick.filter')).appendTo(head);
  const list = $('<div class="wecom-options">').appendTo(panel);
  const counter = row.find('.wecom-counter');
  const lines = [];

  const count = () => {
    const size = chosen.size;
    counter.text(words.say(size > 0 ? 'callback.eventsChosen' : 'callback.eventsAll', { count: size }));
  };
  for (const source of sources) {
    const heading = $('<div class="wecom-topics-heading">')
      .text(words.text(`callback.sources.${source}`))
      .appendTo(list);
    for (const { topic } of events.filter((event) => event.source === source)) {
      const text = (key) => words.text(`callback.events.${source}/${topic}.${key}`);
      const line = $('<label class="wecom-option">').attr('title', text('description')).appendTo(list);
      const box = $('<input type="checkbox">')
        .attr('data-topic', topic)
        .prop('checked', chosen.has(topic))
        .on('change', function () {
          if (this.checked) chosen.add(topic);
          else chosen.delete(topic);
          // An application and a smart bot have some in common.
          for (const other of lines) if (other.topic === topic) other.box.prop('checked', this.checked);
          count();
        })
        .appendTo(line);
      $('<span>').text(text('title')).appendTo(line);
      $('<span class="wecom-option-notes">').text(topic).appendTo(line);
      const said = [text('title'), text('description'), topic].join(' ').toLowerCase();
      lines.push({ topic, box, line, heading, said });
    }
  }
  filter.on('input', () => {
    const wanted = filter.val().trim().toLowerCase();
    for (const { line, heading } of lines) {
      line.hide();
      heading.hide();
    }
    for (const { line, heading, said } of lines) {
      if (!said.includes(wanted)) continue;
      line.show();
      heading.show();
    }
  });
  count();
  // What a later version knows stays chosen.
  return { row, topics: () => [...chosen] };
}

function prepareReply(node, callback, words) {
  const form = $('#dialog-form .wecom-form');
  $('<p class="wecom-note">').text(words.say('callback.replyFromPayload')).appendTo(form);
  // WeCom is asked for nothing here: there is no connection that could.
  const dialog = { words, definition: { actions: [], connectionTypes: [] }, connectionId: () => undefined };
  const changed = () => refresh();
  const isNew = Object.keys(node.fields ?? {}).length === 0;
  const group = fieldGroup(form, { schema: callback.reply, saved: node.fields, isNew, words, dialog, changed });
  const refresh = () => group.show(replyProblems(callback.reply, group.fields()));
  const name = $('#node-input-name').attr('placeholder', node._def.paletteLabel.call(node._def));
  plainRow(words.say('form.name'), name).appendTo(form);
  group.fill();
  refresh();
  group.unfold();
  open.set(node, group);
}
