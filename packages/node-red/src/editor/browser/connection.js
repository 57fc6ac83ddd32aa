/** The dialog of a connection: fields from its schema, secrets as Node-RED's credentials, and a test of what is typed. */
import { bare, halfWidth } from '../../nodes/lenient.js';
import { isVariable, STORED } from '../../nodes/node-red.js';
import { advancedSection, fieldRow } from './field.js';
import { alternatives, sentence } from './messages.js';
import { testPanel } from './test-panel.js';
import { UNKNOWN, validate } from './validate.js';
import { isEmpty, taken } from './values.js';

export function prepareConnection(node, { type, schema, isTested, hasTestMessage }, words) {
  const form = $('#node-config-dialog-edit-form .wecom-form');
  form.parent().addClass('wecom-connection');
  const properties = Object.entries(schema.properties).filter(([, property]) => property.const === undefined);
  const inputs = Object.fromEntries(properties.map(([name]) => [name, $(`#node-config-input-${name}`)]));
  const advanced = advancedSection(words);
  const either = alternatives(schema);
  const rows = {};
  const touched = new Set();
  let test;
  const isNew = !RED.nodes.node(node.id);

  for (const [name, property] of properties) {
    const input = inputs[name];
    const marks = { required: schema.required?.includes(name), alternatives: either[name] };
    const row = fieldRow(name, property, words, marks);
    row.row.appendTo(property['x-ui']?.group === 'advanced' ? advanced : form);
    row.control.append(input);
    rows[name] = row;
    const example = words.example(name);
    if (example !== undefined) input.attr('placeholder', words.say('form.example', { example }));
    if (property.writeOnly) addEye(row, input, words);
    input.on('input change', () => {
      refresh();
      test?.forget();
    });
    input.on('blur', () => {
      touched.add(name);
      refresh();
    });
  }
  if (advanced.children('.wecom-field').length > 0) advanced.appendTo(form);

  const typed = () => typedIn(schema, (name) => inputs[name].val());
  /** Shows what is wrong, and says whether anything is. */
  const refresh = () => {
    const values = connectionFrom(schema, typed(), { stored: UNKNOWN });
    const problems = validate(schema, values);
    for (const [name, row] of Object.entries(rows)) {
      const shown = problems.find(({ path }) => path[0] === name);
      const isDue = shown?.keyword !== 'required' || !isNew || touched.has(name);
      row.show(shown && isDue ? { text: sentence(shown, words), warning: shown.warning } : undefined);
    }
    return problems.some(({ warning }) => !warning);
  };
  refresh();
  advanced.prop(
    'open',
    properties.some(([name]) => advanced.has(rows[name].row).length > 0 && inputs[name].val()),
  );

  if (!isTested) return;
  const isComplete = () => {
    for (const name of Object.keys(rows)) touched.add(name);
    return !refresh();
  };
  const request = () => ({ id: node.id, type, connection: connectionFrom(schema, typed(), { stored: STORED }) });
  test = testPanel({ rows, isComplete, request, hasTestMessage }, words);
  test.row.appendTo(form);
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

/** What is known of the connection that is chosen; undefined where none of that type is. */
export function connectionKnown(id, { type, schema }) {
  const node = RED.nodes.node(id);
  return node?.type === `wecom-${type}` ? connectionOf(node, schema) : undefined;
}

/** The connection of a type, where there is one and no other that a node on that flow could use. */
export function onlyConnection(type, flow) {
  const found = [];
  RED.nodes.eachConfig((node) => {
    if (node.type === `wecom-${type}` && !node.d && (!node.z || node.z === flow)) found.push(node);
  });
  return found.length === 1 ? found[0] : undefined;
}

/** The field of a node that holds which connection it has. */
export function connectionField(type, words) {
  return {
    value: '',
    type,
    required: true,
    // Two arguments, or Node-RED takes the answer for true or false.
    validate(id, _options) {
      return connectionProblem(id, type, words()) ?? true;
    },
  };
}

/** As Node-RED checks the choice of a configuration node, and its type, which it takes for granted. */
function connectionProblem(id, type, { say }) {
  const field = say('form.connection');
  if (!id || id === '_ADD_') return RED._('validator.errors.missing-required-prop', { prop: field });
  const node = RED.nodes.node(id);
  if (!node) return RED._('validator.errors.missing-config', { prop: field });
  if (node.type !== type) {
    const definition = RED.nodes.getType(type);
    return say('rule.named', { field, rule: say('form.otherConnection', { type: definition.paletteLabel() }) });
  }
  return node.valid === false ? RED._('validator.errors.invalid-config', { prop: field }) : undefined;
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
    else {
      // Quotes come along when a value is copied out of a file, and full-width characters from a Chinese keyboard.
      const value = taken(typeof text === 'string' ? halfWidth(bare(text)) : text, property);
      if (!isEmpty(value)) connection[name] = value;
    }
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
