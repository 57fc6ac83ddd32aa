/** One row of a form: label, control, what is wrong, description and hint. The same in all dialogs. */

/**
 * @param {string} name
 * @param {object} schema The property.
 * @param {import('./messages.js').Words} words
 * @param {{ required?: boolean, alternatives?: string[] }} marks
 */
export function fieldRow(name, schema, words, { required = false, alternatives = [] } = {}) {
  const row = $('<div class="wecom-field">').attr('data-field', name);
  const head = $('<div class="wecom-field-head">').appendTo(row);
  const label = $('<label class="wecom-label">').text(words.title(name)).appendTo(head);
  const star = $('<span class="wecom-required">*</span>').attr('title', words.say('form.required')).appendTo(label);
  star.toggle(required);
  for (const other of alternatives) {
    $('<span class="wecom-alternative">')
      .text(words.say('form.alternative', { field: words.title(other) }))
      .appendTo(label);
  }
  const counter = $('<span class="wecom-counter">').appendTo(head);
  const control = $('<div class="wecom-control">').appendTo(row);
  const below = $('<div class="wecom-below">').appendTo(row);
  const problem = $('<div class="wecom-problem" role="alert">').hide().appendTo(row);
  const notes = $('<div class="wecom-notes">').appendTo(row);
  const description = words.description(name);
  const said = [description, words.hint(name)].join(' ');
  if (description) $('<div>').text(description).appendTo(notes);
  const hint = words.hint(name);
  if (hint)
    $('<div class="wecom-hint"><i class="fa fa-map-signs"></i></div>').append($('<span>').text(hint)).appendTo(notes);

  return {
    row,
    control,
    below,
    /** Where whether it is required hangs on something else than the schema. */
    require(isRequired) {
      star.toggle(required || isRequired);
    },
    /** How much of the limit a text uses up. */
    count(text) {
      showCount(counter, text, schema, words, said);
    },
    /** How many entries there are, where they stand one below the other; nothing where they are not shown. */
    entries(count, limit) {
      const key = Number.isFinite(limit) ? 'form.entries' : 'form.entriesUsed';
      counter.text(count === undefined ? '' : words.say(key, { count, limit }));
      counter.toggleClass('wecom-over', count > limit);
    },
    /** @param {{ text: string, warning: boolean } | undefined} shown */
    show(shown) {
      row.toggleClass('wecom-wrong', shown !== undefined && !shown.warning);
      row.toggleClass('wecom-warned', shown?.warning === true);
      problem.toggle(shown !== undefined).text(shown?.text ?? '');
    },
  };
}

/** A section that is folded until it is needed. */
export function advancedSection(words) {
  const section = $('<details class="wecom-advanced">');
  $('<summary>').text(words.say('form.advanced')).appendTo(section);
  return section;
}

/** Name, as on every node of Node-RED, and the connection: fields of the node rather than of the action. */
export function plainRow(label, input, required = false) {
  const row = $('<div class="wecom-field wecom-plain">');
  const text = $('<label class="wecom-label">').text(label);
  if (required) text.append('<span class="wecom-required">*</span>');
  $('<div class="wecom-field-head">').append(text).appendTo(row);
  $('<div class="wecom-control">').append(input).appendTo(row);
  return row;
}

function showCount(counter, text, schema, words, said) {
  const { unit, limit, count } = lengthOf(text, schema);
  if (limit === undefined) return;
  const isNear = count > limit * 0.9;
  // The limit stands below the field already, in words: until it matters, the length is enough.
  const isSaid = [limit, limit / 1024].some((number) => new RegExp(`(?<!\\d)${number}(?!\\d)`).test(said));
  const key = isSaid && !isNear ? `form.${unit}Used` : `form.${unit}`;
  counter.text(count === 0 ? '' : words.say(key, { count, limit }));
  counter.toggleClass('wecom-over', count > limit);
  // Far from the limit it only distracts.
  counter.toggleClass('wecom-near', count <= limit && isNear);
}

function lengthOf(text, schema) {
  const { maxBytes, maxCharacters } = schema['x-ui'] ?? {};
  if (maxBytes !== undefined) return { unit: 'bytes', limit: maxBytes, count: new TextEncoder().encode(text).length };
  return { unit: 'characters', limit: maxCharacters ?? schema.maxLength, count: [...text].length };
}
