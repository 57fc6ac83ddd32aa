/** The dialog of an action: drawn from the schema of its parameters. */
import { connectionKnown, onlyConnection } from './connection.js';
import { createControl } from './controls.js';
import { advancedSection, fieldRow, plainRow } from './field.js';
import { addFile } from './file.js';
import { alternatives, sentence } from './messages.js';
import { addPicker } from './picker.js';
import { fieldProblems, missingInConnection } from './problems.js';

/** The controls of the dialog that is open; Node-RED opens no two of them for one node. */
const open = new WeakMap();
/** IDs of the nodes whose dialog was closed with a result. */
const saved = new Set();

export function prepareAction(node, action, definition, words) {
  const schema = action.parameters;
  const required = schema.required ?? [];
  const either = alternatives(schema);
  const form = $('#dialog-form .wecom-form');
  // Node-RED has already turned the second into a selection with buttons.
  const name = $('#node-input-name');
  const connection = $('#node-input-connection');
  plainRow(words.say('form.connection'), connection.parent(), true).appendTo(form);
  const advanced = advancedSection(words);

  const connectionType = definition.connectionTypes.find(({ type }) => type === action.connectionType);
  if (!RED.nodes.node(connection.val())) {
    const only = onlyConnection(connectionType.type, node.z);
    if (only) connection.val(only.id).trigger('change');
  }

  const controls = {};
  const rows = {};
  const touched = new Set();
  // What a person has not come to yet is not wrong.
  const isNew = Object.keys(node.fields ?? {}).length === 0 && node.changed && !saved.has(node.id);

  const refresh = () => {
    const known = connectionKnown(connection.val(), connectionType);
    const missing = missingInConnection(schema, known);
    for (const [field, property] of Object.entries(schema.properties)) {
      const source = property['x-ui']?.fromConnection;
      if (source === undefined) continue;
      rows[field].require(missing.includes(field));
      // What has to be filled in must not be folded away.
      if (missing.includes(field)) rows[field].row.closest('details').prop('open', true);
      const value = typeof known?.[source] === 'symbol' ? '' : known?.[source];
      controls[field].stand(value ? words.say('form.fromConnection', { value }) : undefined);
    }
    const problems = fieldProblems(schema, collect(controls), known);
    for (const [field, row] of Object.entries(rows)) {
      const own = problems.filter(({ path }) => path[0] === field);
      const shown = own.find(({ warning }) => !warning) ?? own[0];
      const isMissing = ['required', 'notInConnection'].includes(shown?.keyword);
      const isDue = !isMissing || !isNew || touched.has(field);
      row.show(shown && isDue ? { text: sentence(shown, words), warning: shown.warning } : undefined);
      controls[field].mark(own.filter(({ path }) => typeof path[1] === 'number').map(({ path }) => path[1]));
    }
  };

  for (const [field, property] of Object.entries(schema.properties)) {
    const row = fieldRow(field, property, words, { required: required.includes(field), alternatives: either[field] });
    row.row.appendTo(property['x-ui']?.group === 'advanced' ? advanced : form);
    rows[field] = row;
  }
  if (advanced.children('.wecom-field').length > 0) advanced.appendTo(form);
  plainRow(words.say('form.name'), name.attr('placeholder', node._def.paletteLabel.call(node._def))).appendTo(form);

  // Only in the page can Node-RED's fields tell how wide they are.
  let isReady = false;
  for (const [field, property] of Object.entries(schema.properties)) {
    const changed = (how) => {
      if (how === 'left') touched.add(field);
      if (isReady) refresh();
    };
    controls[field] = createControl(rows[field], property, node.fields?.[field], words, field, changed);
    addFile(rows[field], controls[field], property, words);
    if (property['x-ui']?.optionsFrom) {
      addPicker(rows[field], controls[field], property, definition, words, () => $('#node-input-connection').val());
    }
  }
  isReady = true;
  refresh();
  connection.on('change', refresh);
  // The connection that is chosen may be filled in meanwhile, in a dialog of its own.
  const follow = (changed) => {
    if (!form[0].isConnected) RED.events.off('nodes:change', follow);
    else if (changed.id === connection.val()) refresh();
  };
  RED.events.on('nodes:change', follow);
  if (advanced.find('.wecom-wrong, .wecom-warned').length > 0 || hasValue(advanced, controls))
    advanced.prop('open', true);
  open.set(node, controls);
}

export function saveAction(node) {
  const controls = open.get(node);
  for (const control of Object.values(controls)) control.commit();
  node.fields = collect(controls);
  saved.add(node.id);
}

function collect(controls) {
  const fields = Object.entries(controls).map(([name, control]) => [name, control.field()]);
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined));
}

function hasValue(section, controls) {
  const names = section.find('.wecom-field').map((_, row) => row.dataset.field);
  return names.get().some((name) => controls[name].field() !== undefined);
}
