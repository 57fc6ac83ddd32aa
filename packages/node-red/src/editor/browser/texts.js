/**
 * Texts in the editor's language, from the catalogs of the node set.
 *
 * @param {object} type A registered type of node.
 * @param {string} fields Where in the catalog the texts of its fields stand.
 */
export function wordsOf(type, fields) {
  // Where there is no text, Node-RED answers with the key.
  const text = (key, values) => {
    const answer = type._(key, values);
    return answer === key ? undefined : answer;
  };
  const of = (name, key) => text(`${fields}.${name}.${key}`);
  return {
    say: (key, values) => type._(`ui.${key}`, values),
    title: (name) => of(name, 'title') ?? name,
    description: (name) => of(name, 'description'),
    hint: (name) => of(name, 'hint'),
    example: (name) => of(name, 'example') || undefined,
    choice: (name, value) => of(name, `choices.${value}`) ?? String(value),
    within: (name) => wordsOf(type, `${fields}.${name}.properties`),
    path: fields,
    /** Any other text of the catalog. */
    text,
    /** The language of the catalog that is in use, as the manifest names it. */
    language: type._('language').startsWith('zh') ? 'zh' : 'en',
  };
}
