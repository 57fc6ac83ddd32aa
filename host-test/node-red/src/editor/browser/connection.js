/** The dialog of a connection: fields from its schema, secrets as Node-RED's credentials, and a test of what is typed. */
import { isVariable, STORED } from '../../nodes/node-red.js';
import { advancedSection, fieldRow } from './field.js';
import { alternatives, sentence } from './messages.js';
import { ask, errorPanel } from './server.js';
import { UNKNOWN, validate } from './validate.js';
import { numberOf } from './values.js';

export function prepareConnection(node, { type, schema }, words) {
  const form = $('#node-config-dialog-edit-form .wecom-form');
  form.parent().addClass('wecom-connection');
  const properties = Object.entries(schema.properties).filter(([, property]) => property.const === undefined);
  const inputs = Object.fromEntries(properties.map(([name]) => [name, $(`#node-config-input-${name}`)]));
  const advanced = advancedSection(words);
  const either = alternatives(schema);
  const rows = {};
  const touched = new Set();
  const isNew = !RED.nodes.node(node.id);

  for (const [name, property] of properties) {
    const input = inputs[name];
    const marks = { required: schema.required?.includes(name), alternatives: either[name] };
    const row = fieldRow(name, property, words, marks);
    row.row.appendTo(property['x-ui']?.group === 'advanced' ? advanced : form);
    row.control.append(input);
    rows[name] = row;
    const [example] = property.examples ?? [];
    if (example !== undefined) input.attr('placeholder', words.say('form.example', { example }));
    if (property.writeOnly) addEye(row, input, words);
    input.on('input change', () => refresh());
    input.on('blur', () => {
      touched.add(name);
      refresh();
    });
  }
  if (advanced.children('.wecom-field').length > 0) advanced.appendTo(form);

  const typed = () => typedIn(schema, (name) => inputs[name].val());
  const refresh = () => {
    const values = connectionFrom(schema, typed(), { stored: UNKNOWN });
    const problems = validate(schema, values);
    for (const [name, row] of Object.entries(rows)) {
      const shown = problems.find(({ path }) => path[0] === name);
      const isDue = shown?.keyword !== 'required' || !isNew || touched.has(name);
      row.show(shown && isDue ? { text: sentence(shown, words), warning: shown.warning } : undefined);
    }
  };
  refresh();
  advanced.prop(
    'open',
    properties.some(([name]) => advanced.has(rows[name].row).length > 0 && inputs[name].val()),
  );

  const button = $('<button type="button" class="red-ui-button wecom-test"><i class="fa fa-plug"></i> </button>');
  button.append(document.createTextNode(words.say('test.button')));
  const result = $('<div class="wecom-test-result" aria-live="polite">');
  button.on('click', async () => {
    for (const name of Object.keys(rows)) touched.add(name);
    refresh();
    result.empty().append($('<div class="wecom-note">').text(words.say('test.running')));
    button.prop('disabled', true);
    const connection = connectionFrom(schema, typed(), { stored: STORED });
    const answer = await ask('test-connection', { id: node.id, type, connection }, words);
    button.prop('disabled', false);
    result.empty().append(answer.ok ? checks(answer.checks, words) : failure(answer.error, words));
  });
  $('<div class="wecom-test-row">').append(button, result).appendTo(form);
}

/**
 * A connection as the schema describes it, from a configuration node.
 *
 * @param {unknown} [stored] What stands for a secret that only Node-RED has.
 */
export function connectionOf(node, schema, { stored = UNKNOWN } = {}) {
  const { credentials } = node;
  const text = (name) => {
    if (!schema.properties[name].writeOnly) return node[name];
    // Loaded only when the dialog opens. What is new in the editor has none; of the rest they may be there.
    if (credentials === undefined) return node.changed ? '' : STORED;
    return credentials[name] ?? (credentials[`has_${name}`] ? STORED : '');
  };
  return connectionFrom(schema, typedIn(schema, text), { stored });
}

function typedIn(schema, text) {
  const names = Object.keys(schema.properties).filter((name) => schema.properties[name].const === undefined);
  return Object.fromEntries(names.map((name) => [name, text(name)]));
}

function connectionFrom(schema, texts, { stored }) {
  const connection = {};
  for (const [name, property] of Object.entries(schema.properties)) {
    const text = texts[name];
    if (property.const !== undefined) connection[name] = property.const;
    else if (text === undefined || text === null || text === '') continue;
    else if (property.writeOnly && text === STORED) connection[name] = stored;
    else if (stored === UNKNOWN && isVariable(text)) connection[name] = UNKNOWN;
    else connection[name] = property.type === 'integer' ? numberOf(text) : text;
  }
  return connection;
}

/** Lets a person see what is being typed; what is stored cannot be seen by anyone. */
function addEye(row, input, words) {
  const button = $('<button type="button" class="red-ui-button wecom-eye"><i class="fa fa-eye"></i></button>');
  button.appendTo(row.control);
  const label = (isShown) => button.attr('title', words.say(isShown ? 'form.hideSecret' : 'form.showSecret'));
  label(false);
  button.on('click', () => {
    const isShown = input.attr('type') === 'text';
    input.attr('type', isShown ? 'password' : 'text');
    button.children().attr('class', isShown ? 'fa fa-eye' : 'fa fa-eye-slash');
    label(!isShown);
  });
  const update = () => {
    const isStored = input.val() === STORED;
    button.toggle(!isStored && input.val() !== '');
    input.attr('title', isStored ? words.say('form.saved') : '');
  };
  input.on('input change', update);
  update();
}

function checks(found, words) {
  const list = $('<div class="wecom-success">');
  for (const { credential, proved, detail } of found) {
    const line = $('<div class="wecom-check">').toggleClass('wecom-proved', proved).appendTo(list);
    $('<i class="fa">')
      .addClass(proved ? 'fa-check-circle' : 'fa-question-circle')
      .appendTo(line);
    const text = $('<div>').appendTo(line);
    const rule = words.say(proved ? 'test.proved' : 'test.unproved');
    // The connector names it as WIT does.
    const field = words.title(credential.replaceAll('-', '_'));
    $('<div class="wecom-check-title">').text(words.say('rule.named', { field, rule })).appendTo(text);
    $('<div>').text(detail[words.language]).appendTo(text);
  }
  return list;
}

function failure(error, words) {
  const panel = errorPanel(error, words);
  $('<div class="wecom-failure-title"><i class="fa fa-times-circle"></i> </div>')
    .append(document.createTextNode(words.say('test.failed')))
    .prependTo(panel);
  return panel;
}
