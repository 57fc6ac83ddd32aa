import assert from 'node:assert/strict';
import { catalog } from '../../src/editor/catalog.js';

export function fill(all, key, values = {}) {
  const text = key.split('.').reduce((of, name) => of?.[name], all);
  assert.equal(typeof text, 'string', `there is no text ${key}`);
  return text.replace(/__(\w+?)__/g, (_, name) => values[name]);
}

/** Texts of an action's parameters as the editor looks them up, without the editor. */
export function wordsOf(manifest, language, action) {
  const all = catalog(manifest, language);
  const say = (key, values) => fill(all.ui, key, values);
  const words = (fields) => ({
    say,
    title: (name) => fields?.[name]?.title ?? name,
    choice: (name, value) => fields[name].choices?.[value] ?? String(value),
    example: (name) => fields[name].example || undefined,
    within: (name) => words(fields[name].properties),
  });
  return words(all.actions[action].parameters);
}
