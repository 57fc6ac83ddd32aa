/** What takes the place of a one-line field where the value has fields of its own: a group of them, or a list of groups. */
import { fieldGroup } from './group.js';
import { entryLabel } from './messages.js';

/** The fields of one record. */
export function recordEditor({ name, schema, isNew, words, dialog, changed }) {
  const element = $('<div class="wecom-record">');
  let group;
  return {
    element,
    get: () => group.fields(),
    isBlank: () => Object.keys(group.fields()).length === 0,
    set(saved) {
      element.empty();
      group = fieldGroup(element, { schema, saved, isNew, words: words.within(name), dialog, changed });
      group.fill();
      group.unfold();
    },
    commit: () => group.commit(),
    show: (problems, depth) => group.show(problems, depth),
  };
}

/** A list of records, in Node-RED's own editableList: it is what rules of its Switch node stand in. */
export function recordsEditor({ name, schema, isRequired, isNew, words, dialog, changed }, row) {
  const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  // A list that may be left out can always be emptied.
  const least = isRequired ? Math.max(1, minItems) : 0;
  const element = $('<div class="wecom-records">');
  const list = $('<ol>').appendTo(element);
  let isShown = false;

  // What is fading away is gone already.
  const items = () => list.children('li:not(.red-ui-editableList-item-deleting)');
  const entries = () =>
    items()
      .get()
      .map((item) => $(item).children('.red-ui-editableList-item-content').data('data'));

  const addEntry = (content, _, entry) => {
    // The button of the list knows nothing of fields.
    const isAdded = entry.fields === undefined;
    const head = $('<div class="wecom-entry-head">').appendTo(content);
    const fold = $('<button type="button" class="wecom-entry-fold">').attr('title', words.say('form.fold'));
    fold.append('<i class="fa"></i>', '<span class="wecom-entry-label">', '<span class="wecom-entry-summary">');
    fold.appendTo(head);
    const item = content.closest('li');
    // Node-RED tells of it only when the entry has faded away, which the dialog may have by then.
    item
      .children('.red-ui-editableList-item-remove')
      .attr('aria-label', words.say('form.removeRecord'))
      .on('click', update);
    const mover = (icon, key, move) =>
      $('<button type="button" class="red-ui-button red-ui-button-small">')
        .addClass(`wecom-${icon}`)
        .attr({ title: words.say(key), 'aria-label': words.say(key) })
        .append($('<i class="fa">').addClass(`fa-${icon}`))
        .on('click', (event) => {
          move();
          update();
          // The last step upwards leaves nothing to press there.
          const { currentTarget } = event;
          (currentTarget.disabled ? fold : $(currentTarget)).trigger('focus');
        })
        .appendTo(head);
    entry.up = mover('arrow-up', 'form.moveUp', () => item.prev().before(item));
    entry.down = mover('arrow-down', 'form.moveDown', () => item.next().after(item));
    const body = $('<div class="wecom-entry-body">').appendTo(content);
    entry.group = fieldGroup(body, {
      schema: schema.items,
      saved: entry.fields,
      isNew: isNew || isAdded,
      words: words.within(name),
      dialog,
      changed(how) {
        label();
        changed(how);
      },
    });
    entry.group.fill();
    entry.group.unfold();
    entry.head = head;
    entry.open = (isOpen) => {
      body.toggle(isOpen);
      fold.attr('aria-expanded', String(isOpen));
      fold.children('i').attr('class', `fa fa-chevron-${isOpen ? 'down' : 'right'}`);
    };
    fold.on('click', () => entry.open(fold.attr('aria-expanded') !== 'true'));
    entry.open(isAdded);
    if (isShown) {
      // Who goes on to the next is through with those that lack nothing.
      for (const other of entries()) if (other !== entry && other.isGood) other.open(false);
      update();
      body.find('input:visible, textarea:visible').first().trigger('focus');
    }
  };

  /** What tells the entries apart: their numbers, and what stands in them. */
  const label = () => {
    entries().forEach(({ head, group }, index) => {
      head.find('.wecom-entry-label').text(entryLabel(name, index, words));
      head.find('.wecom-entry-summary').text(summary(group.fields(), schema.items, words.within(name)));
    });
  };
  const draw = () => {
    label();
    const all = entries();
    all.forEach(({ up, down }, index) => {
      up.prop('disabled', index === 0);
      down.prop('disabled', index === all.length - 1);
    });
    items()
      .children('.red-ui-editableList-item-remove')
      .toggle(all.length > least);
    const isFull = all.length >= maxItems;
    element
      .find('> .red-ui-editableList > .red-ui-editableList-addButton')
      .prop('disabled', isFull)
      .attr('title', isFull ? words.say('rule.maxItems', { limit: maxItems }) : '');
    row.entries(all.length, maxItems);
  };
  function update() {
    draw();
    changed('left');
  }

  return {
    element,
    get: () => entries().map(({ group }) => group.fields()),
    // Entries in which nothing stands are no list; beside others they are there, and lack what they need.
    isBlank: () => entries().every(({ group }) => Object.keys(group.fields()).length === 0),
    set(saved) {
      list.editableList({
        addButton: words.say('form.addRecord'),
        addItem: addEntry,
        sortItems: update,
        sortable: true,
        removable: true,
        scrollOnAdd: false,
        height: 'auto',
      });
      const given = [saved ?? []].flat();
      for (const fields of given) list.editableList('addItem', { fields: fields ?? {} });
      for (let count = given.length; count < least; count += 1) list.editableList('addItem', {});
      // Of many, a person looks for one.
      if (given.length === 1) entries()[0].open(true);
      draw();
      isShown = true;
    },
    hide: () => row.entries(),
    redraw: draw,
    commit() {
      for (const { group } of entries()) group.commit();
    },
    show(problems, depth) {
      let isWrong = false;
      entries().forEach((entry, index) => {
        const own = problems.filter(({ path }) => path[depth] === index);
        const isBad = entry.group.show(own, depth + 1);
        entry.head.toggleClass('wecom-entry-bad', isBad);
        // What is wrong when the dialog opens must not be folded away.
        if (isBad && entry.isGood === undefined) entry.open(true);
        entry.isGood = own.every(({ warning }) => warning);
        if (isBad) isWrong = true;
      });
      return isWrong;
    },
  };
}

/** The first that is filled in, in short. A choice says least of what tells the entries apart. */
function summary(fields, { properties }, words) {
  const filled = Object.entries(fields);
  const [name, first] = filled.find(([name]) => !properties[name]?.oneOf) ?? filled[0] ?? [];
  if (first === undefined) return '';
  const { type, value } = first;
  if (['msg', 'flow', 'global', 'env'].includes(type)) return `${type}.${value}`;
  if (properties[name]?.oneOf) return words.choice(name, value);
  return typeof value === 'object' && !Array.isArray(value) ? '' : String(value);
}
