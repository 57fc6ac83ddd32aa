/**
 * The control of one parameter: Node-RED's TypedInput, so that every field takes msg, flow, global, env and JSONata, and
 * in place of its one-line text a text area, a list or labelled choices where the schema asks for them.
 */
import { entriesOf, isSeparator, numberIn } from '../../nodes/lenient.js';
import { GROUPS, isRecord } from '../../nodes/records.js';
import { recordEditor, recordsEditor } from './record.js';

const EXPRESSIONS = ['msg', 'flow', 'global', 'env', 'jsonata'];

/**
 * @param {{ control: object, below: object, count: (text: string) => void }} row
 * @param {object} options
 * @param {object} options.schema The property.
 * @param {import('./values.js').Field | undefined} options.field What the node has saved.
 * @param {(how: 'typed' | 'left') => void} options.changed
 */
export function createControl(row, options) {
  const { name, schema, field, words, changed } = options;
  const kind = kindOf(schema);
  const editor = createEditor(kind, row, options);
  const isGroup = GROUPS.includes(kind);
  const literal = literalType(kind, schema, words, name);
  const literalName = literal.value ?? literal;

  const input = $('<input type="text" style="width: 100%">').appendTo(row.control);
  if (editor) editor.element.appendTo(row.control);
  // The environment has nothing but texts.
  const types = isGroup
    ? [literal, 'json', ...EXPRESSIONS.filter((type) => type !== 'env')]
    : [literal, ...EXPRESSIONS];
  if (schema['x-ui']?.clear) {
    types.push({ value: 'clear', label: words.say('type.clear'), icon: 'fa fa-eraser', hasValue: false });
  }
  // A flow written by hand may have a literal that the form itself does not make.
  if (field && !types.some((type) => (type.value ?? type) === field.type)) types.push(field.type);
  input.typedInput({ default: literalName, types });
  // Not those of the fields inside.
  const text = row.control.children('.red-ui-typedInput-container').find('.red-ui-typedInput-input');
  if (isGroup) editor.set(field?.type === literalName ? field.value : undefined);
  if (field) {
    input.typedInput('type', field.type);
    if (!editor || field.type !== literalName) input.typedInput('value', String(field.value ?? ''));
    else if (!isGroup) editor.set(field.value);
  }

  /** What holds where the field is left empty. */
  let otherwise;
  const update = () => {
    const isLiteral = input.typedInput('type') === literalName;
    const showsEditor = editor !== undefined && isLiteral;
    row.control.toggleClass(isGroup ? 'wecom-holds' : 'wecom-own', showsEditor);
    editor?.element.toggle(showsEditor);
    if (isLiteral) editor?.redraw?.();
    else editor?.hide?.();
    text.attr('placeholder', isLiteral ? (otherwise ?? exampleText(words.example(name), words)) : '');
    // The length of an encoded file says nothing to a person.
    row.count(isLiteral && schema.type === 'string' && !schema.contentEncoding ? String(read()) : '');
  };
  const isLiteral = () => input.typedInput('type') === literalName;
  const read = () => (editor && isLiteral() ? editor.get() : input.typedInput('value'));
  input.on('change', () => {
    update();
    changed('typed');
  });
  text.on('input', () => {
    update();
    changed('typed');
  });
  text.on('blur', () => changed('left'));
  if (!isGroup) editor?.element.on('input', update);
  update();

  return {
    isList: kind === 'list',
    field() {
      const value = read();
      const type = input.typedInput('type');
      if (type === 'clear') return { type, value: '' };
      if (isGroup && isLiteral()) return editor.isBlank() ? undefined : { type, value };
      return value === '' || (Array.isArray(value) && value.length === 0) ? undefined : { type, value };
    },
    set(value) {
      input.typedInput('type', literalName);
      if (editor) editor.set(value);
      else input.typedInput('value', String(value));
      update();
      changed('left');
    },
    /** Shows in the empty field what it stands for, instead of an example. */
    stand(text) {
      otherwise = text;
      update();
    },
    /** Takes over what is half typed: a dialog may be closed by keyboard, without leaving the field. */
    commit: () => editor?.commit?.(),
    mark: (indices) => editor?.mark?.(indices),
    /** Whether fields inside this one are shown, each with what is wrong with it. */
    holds: () => isGroup && isLiteral(),
    show: (problems, depth) => editor.show(problems, depth),
  };
}

function createEditor(kind, row, options) {
  const { name, schema, words, changed } = options;
  switch (kind) {
    case 'list':
      return listEditor(schema, words.example(name), words, changed);
    case 'area':
      return textArea(words.example(name), words, changed);
    case 'record':
      return recordEditor(options);
    case 'records':
      return recordsEditor(options, row);
    default:
      return undefined;
  }
}

function kindOf(schema) {
  if (schema.oneOf) return 'choice';
  if (isRecord(schema)) return 'record';
  if (schema.type === 'array' && isRecord(schema.items)) return 'records';
  if (schema.type === 'array') return ['string', 'integer', 'number'].includes(schema.items?.type) ? 'list' : 'json';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string') return schema['x-ui']?.widget === 'textarea' ? 'area' : 'text';
  return schema.type === 'boolean' ? 'bool' : 'json';
}

/** Node-RED's description of the type that is no expression. */
function literalType(kind, schema, words, name) {
  const textIcon = 'red/images/typedInput/az.svg';
  const numberIcon = 'red/images/typedInput/09.svg';
  switch (kind) {
    case 'choice':
      return choiceType(
        schema.type === 'string' ? 'str' : 'num',
        schema.oneOf.map((entry) => [entry.const, words.choice(name, entry.const)]),
        words,
      );
    case 'bool':
      return choiceType(
        'bool',
        [
          [true, words.say('form.yes')],
          [false, words.say('form.no')],
        ],
        words,
      );
    case 'list':
      // valueLabel keeps TypedInput's own field hidden; the editor stands beside it.
      return { value: 'list', label: words.say('type.list'), icon: 'fa fa-tags', valueLabel() {} };
    case 'record':
    case 'records': {
      const label = words.say(`type.${kind}`);
      return { value: kind, label, icon: 'fa fa-th-list', valueLabel: (place) => place.text(label) };
    }
    case 'area':
      return { value: 'str', label: words.say('type.text'), icon: textIcon, valueLabel() {} };
    case 'number':
      return { value: 'num', label: words.say('type.number'), icon: numberIcon };
    case 'text':
      return { value: 'str', label: words.say('type.text'), icon: textIcon };
    default:
      return kind;
  }
}

/** One of some values, or none of them. */
function choiceType(value, choices, words) {
  const options = choices.map(([choice, label]) => ({ value: String(choice), label }));
  return {
    value,
    label: words.say('type.choice'),
    icon: 'fa fa-list-ul',
    options: [{ value: '', label: words.say('form.notSet') }, ...options],
  };
}

function exampleText(example, words) {
  return example === undefined ? '' : words.say('form.example', { example });
}

function textArea(example, words, changed) {
  const element = $('<textarea class="wecom-area" rows="4" spellcheck="false">').attr(
    'placeholder',
    exampleText(example, words),
  );
  element.on('input', () => changed('typed')).on('blur', () => changed('left'));
  return { element, get: () => element.val(), set: (value) => element.val(String(value)) };
}

/** Entries as tags, with a field behind them to type or paste more. */
function listEditor(schema, example, words, changed) {
  const isNumber = schema.items.type !== 'string';
  const { separator } = schema['x-ui'] ?? {};
  const element = $('<div class="wecom-list">');
  const input = $('<input type="text" class="wecom-list-input">').appendTo(element);
  let entries = [];
  let marked = [];

  const draw = () => {
    element.children('.wecom-entry').remove();
    entries.forEach((entry, index) => {
      const tag = $('<span class="wecom-entry">').toggleClass('wecom-entry-wrong', marked.includes(index));
      $('<span>').text(String(entry)).appendTo(tag);
      $('<button type="button">×</button>')
        .attr('aria-label', words.say('form.removeEntry', { entry }))
        .on('click', () => {
          entries.splice(index, 1);
          redraw();
          input.trigger('focus');
        })
        .appendTo(tag);
      tag.insertBefore(input);
    });
    input.attr('placeholder', entries.length === 0 ? exampleText(example, words) : '');
    input.attr('title', words.say('form.addEntry'));
  };
  const redraw = () => {
    marked = [];
    draw();
    changed('typed');
  };
  const split = (text) => entriesOf(text, separator).map((part) => (isNumber ? numberIn(part) : part));
  const take = (text) => {
    const added = split(text);
    if (added.length === 0) return;
    entries.push(...added);
    redraw();
  };
  const commit = () => {
    const text = input.val();
    input.val('');
    take(text);
  };

  input.on('keydown', (event) => {
    if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      commit();
    } else if (event.key === 'Backspace' && input.val() === '' && entries.length > 0) {
      event.preventDefault();
      input.val(String(entries.pop()));
      redraw();
    }
  });
  input.on('input', () => {
    if ([...input.val()].some((character) => isSeparator(character, separator))) commit();
  });
  input.on('paste', (event) => {
    const text = event.originalEvent.clipboardData?.getData('text') ?? '';
    // A line break would be lost in a field of one line.
    if (!/\n/.test(text)) return;
    event.preventDefault();
    take(input.val() + text);
    input.val('');
  });
  input.on('focus', () => element.addClass('wecom-focus'));
  input.on('blur', () => {
    element.removeClass('wecom-focus');
    commit();
    changed('left');
  });
  element.on('click', (event) => {
    if (event.target === element[0]) input.trigger('focus');
  });
  draw();

  return {
    element,
    get: () => [...entries],
    commit,
    set(values) {
      entries = Array.isArray(values) ? [...values] : split(String(values ?? ''));
      draw();
    },
    mark(indices) {
      if (indices.join() === marked.join()) return;
      marked = indices;
      draw();
    },
  };
}
