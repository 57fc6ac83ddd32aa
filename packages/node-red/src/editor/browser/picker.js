/** Values to choose from, which one of the read actions returns. */
import { STORED } from '../../nodes/node-red.js';
import { connectionOf } from './connection.js';
import { ask, errorPanel } from './server.js';
import { wordsOf } from './texts.js';
import { at } from './values.js';

/** Adds a button to the control of a field whose schema says where values come from. */
export function addPicker(row, control, property, definition, words, connectionId) {
  const source = property['x-ui'].optionsFrom;
  if (!actionOf(source, definition)) return;
  const button = $('<button type="button" class="red-ui-button wecom-pick"><i class="fa fa-search"></i></button>')
    .attr({ title: words.say('pick.open'), 'aria-label': words.say('pick.open') })
    .appendTo(row.control);
  button.on('click', (event) => {
    event.preventDefault();
    if (row.below.children().length > 0) row.below.empty();
    else openPanel(row.below, control, source, definition, words, connectionId());
  });
}

function openPanel(place, control, asked, definition, words, connectionId) {
  const panel = $('<div class="wecom-panel">').appendTo(place);
  const head = $('<div class="wecom-panel-head">').appendTo(panel);
  const filter = $('<input type="text">').attr('placeholder', words.say('pick.filter')).appendTo(head);
  $('<button type="button" class="red-ui-button red-ui-button-small">')
    .text(words.say('pick.close'))
    .on('click', () => place.empty())
    .appendTo(head);
  const within = $('<div class="wecom-panel-within">').appendTo(panel);
  const reason = $('<div class="wecom-panel-reason">').appendTo(panel);
  const list = $('<div class="wecom-options">').appendTo(panel);
  const foot = $('<div class="wecom-panel-foot">').appendTo(panel);
  const options = new Map();
  let latest = 0;

  const draw = () => {
    list.empty();
    const wanted = filter.val().trim().toLowerCase();
    const shown = [...options].filter(([value, { label, notes }]) =>
      [named(value, label), ...notes].join(' ').toLowerCase().includes(wanted),
    );
    if (shown.length === 0)
      $('<div class="wecom-note">')
        .text(words.say(options.size ? 'pick.noMatch' : 'pick.none'))
        .appendTo(list);
    for (const [value, entry] of shown) option(value, entry).appendTo(list);
  };
  const option = (value, { label, notes }) => {
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
    $('<span class="wecom-option-value">').text(named(value, label)).appendTo(line);
    if (notes.length > 0) $('<span class="wecom-option-notes">').text(notes.join(' · ')).appendTo(line);
    return line;
  };
  const explain = (hint) => {
    reason.empty();
    $('<div class="wecom-note">')
      .text([words.say('pick.noNames'), hint].filter(Boolean).join(' '))
      .appendTo(reason);
  };
  const request = (action, parameters) =>
    ask('options', { ...connectionRequest(connectionId, definition), action, parameters }, words);

  /** Asks for a list, or for the one that stands in for it; what comes too late says so by being undefined. */
  const offered = async (source, parameters) => {
    const mine = ++latest;
    foot.empty();
    $('<div class="wecom-note">').text(words.say('pick.loading')).appendTo(foot);
    const found = await offer(source, parameters, request);
    // The panel may be closed by now, or another department chosen.
    if (!panel[0].isConnected || mine !== latest) return undefined;
    foot.empty();
    if (found.refusal) explain(found.refusal.hint?.[words.language] ?? found.refusal.message);
    return found;
  };
  const load = async (from, parameters) => {
    const found = await offered(from, parameters);
    if (!found) return;
    const { source, answer } = found;
    if (!answer.ok) {
      errorPanel(answer.error, words).appendTo(foot);
      return;
    }
    const action = actionOf(source, definition);
    const outputWords = wordsOf(RED.nodes.getType(`wecom-${action.id}`), `actions.${action.id}.output`);
    for (const item of at(answer.output, source.items) ?? []) collectOption(options, item, source, outputWords);
    if (
      source.label &&
      options.size > 0 &&
      [...options].every(([value, { label }]) => named(value, label) === `${value}`)
    )
      explain();
    draw();
    const next = action.pagination && at(answer.output, action.pagination.next_cursor);
    if (next) {
      $('<button type="button" class="red-ui-button red-ui-button-small">')
        .text(words.say('pick.more'))
        .on('click', () => load(source, { ...parameters, [action.pagination.cursor]: next }))
        .appendTo(foot);
    }
  };
  /** Lets the parameter be chosen that the list depends on, and begins with the first of its values. */
  const loadWithin = async (source) => {
    const action = actionOf(source, definition);
    const found = await offered(action.parameters.properties[source.parameter]['x-ui'].optionsFrom, {});
    if (!found) return;
    const choices = new Map();
    const { answer } = found;
    if (answer.ok) for (const item of at(answer.output, found.source.items)) collectOption(choices, item, found.source);
    if (choices.size === 0) {
      if (source.fallback) await load(source.fallback, {});
      else if (answer.ok) draw();
      else errorPanel(answer.error, words).appendTo(foot);
      return;
    }
    const titles = wordsOf(RED.nodes.getType(`wecom-${action.id}`), `actions.${action.id}.parameters`);
    const line = $('<label>').text(titles.title(source.parameter)).appendTo(within);
    const select = $('<select class="wecom-within">').appendTo(line);
    const values = [...choices.keys()];
    for (const [index, value] of values.entries())
      $('<option>')
        .val(index)
        .text(named(value, choices.get(value).label))
        .appendTo(select);
    const chosen = () => {
      options.clear();
      reason.empty();
      return load(source, { [source.parameter]: values[select.val()] });
    };
    select.on('change', chosen);
    await chosen();
  };

  filter.on('input', draw);
  if (!RED.nodes.node(connectionId)) {
    $('<div class="wecom-note">').text(words.say('pick.noConnection')).appendTo(foot);
    return;
  }
  if (asked.parameter) loadWithin(asked);
  else load(asked, {});
}

function actionOf(source, definition) {
  return definition.actions.find(({ id }) => id === source.action);
}

/** What an action offers; where the connection may not know that, what stands in for it, and WeCom's refusal. */
async function offer(source, parameters, request) {
  const answer = await request(source.action, parameters);
  if (answer.ok || !source.fallback || answer.error.category !== 'permission') return { source, answer };
  return { ...(await offer(source.fallback, {}, request)), refusal: answer.error };
}

/** A value by its name: “研发部 (2)”. */
function named(value, label) {
  return label ? `${label} (${value})` : `${value}`;
}

/** One value, and what else is known of it; one that comes twice (a member of two departments) is one. */
function collectOption(options, item, { items, value, label }, words) {
  const chosen = at(item, value);
  const name = label && at(item, label);
  const listName = items.split('/').at(-1);
  const shown = [value, label].map((pointer) => pointer?.split('/').at(-1));
  const rest = Object.entries(item).filter(([key, other]) => !shown.includes(key) && typeof other !== 'object');
  const note =
    words &&
    rest
      .map(([key, other]) => `${words.text(`${words.path}.${listName}.properties.${key}.title`) ?? key} ${other}`)
      .join(', ');
  const notes = options.get(chosen)?.notes ?? [];
  options.set(chosen, {
    label: name === String(chosen) ? undefined : name,
    notes: [...new Set([...notes, ...(note ? [note] : [])])],
  });
}

/** The connection as the editor has it now: it may not be deployed yet. */
function connectionRequest(id, definition) {
  const node = RED.nodes.node(id);
  const { schema } = definition.connectionTypes.find(({ type }) => `wecom-${type}` === node.type);
  return { connection: id, connectionFields: connectionOf(node, schema, { stored: STORED }) };
}
