/** The manifest that the package was built with. */
export { default as manifest } from '../dist/manifest.js';

/** The title of a property: the translation's in Chinese, where there is one; else the schema's. */
export function titleIn(schema, translations, name, language) {
  return (language === 'zh' ? translations?.[name]?.title : undefined) ?? schema?.properties?.[name]?.title;
}

/** What an action or a connection is called where a person meets it: the imperative, where the manifest has one. */
export function labelOf({ label, title }, language) {
  return (label ?? title)[language];
}
