/** The fields of an action, or of a record inside it: a row and a control for each. */
import { createControl } from './controls.js';
import { advancedSection, fieldRow } from './field.js';
import { addFile } from './file.js';
import { alternatives, place, sentence } from './messages.js';
import { addPicker } from './picker.js';

/**
 * Draws the rows. `fill` then makes the controls: only in the page can Node-RED's fields tell how wide they are.
 *
 * @param {object} element Where they are drawn.
 * @param {object} group
 * @param {object} group.schema
 * @param {Record<string, import('./values.js').Field>} [group.saved]
 * @param {boolean} group.isNew What a person has not come to yet is not wrong.
 * @param {import('./messages.js').Words} group.words Those of these fields.
 * @param {{ words: object, definition: object, connectionId: () => string }} group.dialog What all groups in it share;
 *   its words are those of the outermost fields.
 * @param {(how: 'typed' | 'left') => void} group.changed
 * @param {object} [group.more] A row that stands behind those that are folded away.
 */
export function fieldGroup(element, { schema, saved, isNew, words, dialog, changed, more }) {
  const required = schema.required ?? [];
  const either = alternatives(schema);
  const properties = Object.entries(schema.properties);
  const advanced = advancedSection(words);
  const rows = {};
  const controls = {};
  const touched = new Set();

  for (const [name, property] of properties) {
    const row = fieldRow(name, property, words, { required: required.includes(name), alternatives: either[name] });
    row.row.appendTo(property['x-ui']?.group === 'advanced' ? advanced : element);
    rows[name] = row;
  }
  if (more) more.appendTo(advanced);
  if (advanced.children('.wecom-field').length > 0) advanced.appendTo(element);

  const fields = () => {
    const found = properties.map(([name]) => [name, controls[name].field()]);
    return Object.fromEntries(found.filter(([, field]) => field !== undefined));
  };

  return {
    rows,
    controls,
    fill() {
      let isReady = false;
      for (const [name, property] of properties) {
        controls[name] = createControl(rows[name], {
          name,
          schema: property,
          field: saved?.[name],
          isRequired: required.includes(name),
          isNew: isNew || saved?.[name] === undefined,
          words,
          dialog,
          changed(how) {
            if (how === 'left') touched.add(name);
            if (isReady) changed(how);
          },
        });
        addFile(rows[name], controls[name], property, words);
        if (property['x-ui']?.optionsFrom) {
          addPicker(rows[name], controls[name], property, dialog.definition, words, dialog.connectionId);
        }
      }
      isReady = true;
    },
    fields,
    /**
     * Shows what is wrong, each at its field.
     *
     * @param {import('./validate.js').Problem[]} problems
     * @param {number} depth Where in their paths the names of these fields stand.
     * @returns {boolean} whether anything is shown as wrong
     */
    show(problems, depth = 0) {
      let isWrong = false;
      for (const [name, row] of Object.entries(rows)) {
        const own = problems.filter(({ path }) => path[depth] === name);
        const isInside = ({ path }) => path.slice(depth + 1).some((step) => typeof step === 'string');
        const holds = controls[name].holds();
        if (holds && controls[name].show(own.filter(isInside), depth + 1)) isWrong = true;
        const here = holds ? own.filter((problem) => !isInside(problem)) : own;
        const shown = here.find(({ warning }) => !warning) ?? here[0];
        const isMissing = shown && !isInside(shown) && ['required', 'notInConnection'].includes(shown.keyword);
        const isDue = !isMissing || !isNew || touched.has(name);
        row.show(shown && isDue ? { text: said(shown, isInside(shown), dialog), warning: shown.warning } : undefined);
        if (shown && isDue && !shown.warning) isWrong = true;
        controls[name].mark(here.map(({ path }) => path[depth + 1]).filter((step) => typeof step === 'number'));
      }
      return isWrong;
    },
    /** Shows the fields that are folded away, where there is something to see. */
    unfold() {
      const folded = properties.filter(([name]) => advanced.has(rows[name].row).length > 0).map(([name]) => name);
      if (advanced.find('.wecom-wrong, .wecom-warned').length > 0 || folded.some((name) => controls[name].field()))
        advanced.prop('open', true);
    },
    commit() {
      for (const control of Object.values(controls)) control.commit();
    },
  };
}

/** Where the field is written as JSON, what is wrong inside it is told with its place. */
function said(problem, isInside, { words }) {
  const rule = sentence(problem, words);
  return isInside ? words.say('rule.named', { field: place(problem.path, words), rule }) : rule;
}
