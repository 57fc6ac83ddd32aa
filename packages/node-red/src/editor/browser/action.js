/** The dialog of an action: drawn from the schema of its parameters. */
import { CONCURRENCY, concurrencyOf } from '../../nodes/turns.js';
import { connectionKnown, onlyConnection } from './connection.js';
import { fieldRow, plainRow } from './field.js';
import { fieldGroup } from './group.js';
import { sentence } from './messages.js';
import { concurrencyProblems, fieldProblems, missingInConnection } from './problems.js';

/** The fields of the dialog that is open; Node-RED opens no two of them for one node. */
const open = new WeakMap();
/** IDs of the nodes whose dialog was closed with a result. */
const saved = new Set();

export function prepareAction(node, action, definition, words) {
  const schema = action.parameters;
  const form = $('#dialog-form .wecom-form');
  // Node-RED has already turned the second into a selection with buttons.
  const name = $('#node-input-name');
  const connection = $('#node-input-connection');
  plainRow(words.say('form.connection'), connection.parent(), true).appendTo(form);

  const connectionType = definition.connectionTypes.find(({ type }) => type === action.connectionType);
  if (!RED.nodes.node(connection.val())) {
    const only = onlyConnection(connectionType.type, node.z);
    if (only) connection.val(only.id).trigger('change');
  }

  const isNew = Object.keys(node.fields ?? {}).length === 0 && node.changed && !saved.has(node.id);
  const dialog = { words, definition, connectionId: () => $('#node-input-connection').val() };
  const changed = () => refresh();
  const concurrency = concurrencyRow(words);
  const group = fieldGroup(form, { schema, saved: node.fields, isNew, words, dialog, changed, more: concurrency });
  const { rows, controls } = group;

  const refresh = () => {
    const known = connectionKnown(connection.val(), connectionType);
    const missing = missingInConnection(schema, known);
    for (const [field, property] of Object.entries(schema.properties)) {
      const sources = property['x-ui']?.fromConnection;
      if (sources === undefined) continue;
      rows[field].require(missing.includes(field));
      // What has to be filled in must not be folded away.
      if (missing.includes(field)) rows[field].row.closest('details').prop('open', true);
      const given = sources.map((source) => known?.[source]).find((value) => value !== undefined);
      const value = typeof given === 'symbol' ? '' : given;
      controls[field].stand(value ? words.say('form.fromConnection', { value }) : undefined);
    }
    group.show(fieldProblems(schema, group.fields(), known));
  };

  plainRow(words.say('form.name'), name.attr('placeholder', node._def.paletteLabel.call(node._def))).appendTo(form);
  group.fill();
  refresh();
  connection.on('change', refresh);
  // The connection that is chosen may be filled in meanwhile, in a dialog of its own.
  const follow = (changed) => {
    if (!form[0].isConnected) RED.events.off('nodes:change', follow);
    else if (changed.id === connection.val()) refresh();
  };
  RED.events.on('nodes:change', follow);
  group.unfold();
  if (concurrencyOf($('#node-input-concurrency').val()) > 1) concurrency.closest('details').prop('open', true);
  open.set(node, group);
}

/** How many messages at once: a property of the node, which Node-RED fills and reads itself. */
function concurrencyRow(words) {
  const { row, control, show } = fieldRow('concurrency', CONCURRENCY, {
    ...words,
    title: () => words.say('form.concurrency'),
    description: () => words.say('form.concurrencyMeaning'),
    hint: () => undefined,
  });
  const input = $('#node-input-concurrency').attr('placeholder', '1').appendTo(control);
  const check = () => {
    const [problem] = concurrencyProblems(input.val());
    show(problem && { text: sentence(problem, words), warning: false });
  };
  input.on('input change', check);
  check();
  return row;
}

export function saveAction(node) {
  const group = open.get(node);
  group.commit();
  node.fields = group.fields();
  saved.add(node.id);
}
