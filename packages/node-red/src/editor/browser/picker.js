/** Values to choose from, which one of the read actions returns. */
import { STORED } from '../../nodes/node-red.js';
import { connectionOf } from './connection.js';
import { ask, errorPanel } from './server.js';
import { wordsOf } from './texts.js';
import { at } from './values.js';

/** Adds a button to the control of a field whose schema says where values come from. */
export function addPicker(row, control, property, definition, words, connectionId) {
  const source = property['x-ui'].optionsFrom;
  const action = definition.actions.find(({ id }) => id === source.action);
  if (!action) return;
  const button = $('<button type="button" class="red-ui-button wecom-pick"><i class="fa fa-search"></i></button>')
    .attr({ title: words.say('pick.open'), 'aria-label': words.say('pick.open') })
    .appendTo(row.control);
  button.on('click', (event) => {
    event.preventDefault();
    if (row.below.children().length > 0) row.below.empty();
    else openPanel(row.below, control, source, action, definition, words, connectionId());
  });
}

function openPanel(place, control, source, action, definition, words, connectionId) {
  const panel = $('<div class="wecom-panel">').appendTo(place);
  const head = $('<div class="wecom-panel-head">').appendTo(panel);
  const filter = $('<input type="text">').attr('placeholder', words.say('pick.filter')).appendTo(head);
  $('<button type="button" class="red-ui-button red-ui-button-small">')
    .text(words.say('pick.close'))
    .on('click', () => place.empty())
    .appendTo(head);
  const list = $('<div class="wecom-options">').appendTo(panel);
  const foot = $('<div class="wecom-panel-foot">').appendTo(panel);
  const options = new Map();
  const outputWords = wordsOf(RED.nodes.getType(`wecom-${action.id}`), `actions.${action.id}.output`);

  const draw = () => {
    list.empty();
    const wanted = filter.val().trim().toLowerCase();
    const shown = [...options].filter(([value, notes]) => `${value} ${notes.join(' ')}`.toLowerCase().includes(wanted));
    if (shown.length === 0)
      $('<div class="wecom-note">')
        .text(words.say(options.size ? 'pick.noMatch' : 'pick.none'))
        .appendTo(list);
    for (const [value, notes] of shown) option(value, notes).appendTo(list);
  };
  const option = (value, notes) => {
    const line = $('<label class="wecom-option">');
    const current = control.field()?.value;
    const isChosen = Array.isArray(current) ? current.includes(value) : String(current) === String(value);
    $('<input>', { type: control.isList ? 'checkbox' : 'radio', name: 'wecom-option' })
      .prop('checked', isChosen)
      .on('change', function () {
        if (!control.isList) {
          control.set(value);
          place.empty();
          return;
        }
        const before = control.field()?.type === 'list' ? control.field().value : [];
        control.set(this.checked ? [...before, value] : before.filter((entry) => entry !== value));
      })
      .appendTo(line);
    $('<span class="wecom-option-value">').text(String(value)).appendTo(line);
    if (notes.length > 0) $('<span class="wecom-option-notes">').text(notes.join(' · ')).appendTo(line);
    return line;
  };
  const load = async (parameters) => {
    foot.empty();
    $('<div class="wecom-note">').text(words.say('pick.loading')).appendTo(foot);
    const answer = await ask(
      'options',
      { ...connectionRequest(connectionId, definition), action: action.id, parameters },
      words,
    );
    // The panel may be closed by now.
    if (!panel[0].isConnected) return;
    foot.empty();
    if (!answer.ok) {
      errorPanel(answer.error, words).appendTo(foot);
      return;
    }
    for (const item of at(answer.output, source.items) ?? []) collectOption(options, item, source, outputWords);
    draw();
    const next = action.pagination && at(answer.output, action.pagination.next_cursor);
    if (next) {
      $('<button type="button" class="red-ui-button red-ui-button-small">')
        .text(words.say('pick.more'))
        .on('click', () => load({ ...parameters, [action.pagination.cursor]: next }))
        .appendTo(foot);
    }
  };

  filter.on('input', draw);
  if (!RED.nodes.node(connectionId)) {
    $('<div class="wecom-note">').text(words.say('pick.noConnection')).appendTo(foot);
    return;
  }
  load({});
}

/** One value, and what else is known of it; one that comes twice (a member of two departments) is one. */
function collectOption(options, item, { items, value }, words) {
  const chosen = at(item, value);
  const valueName = value.split('/').at(-1);
  const listName = items.split('/').at(-1);
  const rest = Object.entries(item).filter(([name, other]) => name !== valueName && typeof other !== 'object');
  const note = rest
    .map(([name, other]) => `${words.text(`${words.path}.${listName}.properties.${name}.title`) ?? name} ${other}`)
    .join(', ');
  options.set(chosen, [...new Set([...(options.get(chosen) ?? []), ...(note ? [note] : [])])]);
}

/** The connection as the editor has it now: it may not be deployed yet. */
function connectionRequest(id, definition) {
  const node = RED.nodes.node(id);
  const { schema } = definition.connectionTypes.find(({ type }) => `wecom-${type}` === node.type);
  return { connection: id, connectionFields: connectionOf(node, schema, { stored: STORED }) };
}
