/** What to choose from in lists: values and names, as a read action of the connector returns them. */
import { say } from './texts.js';

/** A list of members is one of a department; of more departments than these, and of more entries, nobody scrolls a list. */
const MOST_GROUPS = 50;
const MOST_ENTRIES = 2000;
const EVERYONE = '@all';

/** What the method of n8n is called that offers the values of a property. */
export function methodName({ action }, schema) {
  return camel(action) + (takesEveryone(schema) ? 'OrEveryone' : '');
}

/**
 * The methods that the forms name: `loadOptions` for several values, `listSearch` for one.
 *
 * @param {(context: object, action: string, parameters: object) => Promise<object>} invoke
 */
export function optionMethods(manifest, invoke, language) {
  const methods = { loadOptions: {}, listSearch: {} };
  for (const schema of properties(manifest.actions.map(({ parameters }) => parameters))) {
    const source = schema['x-ui']?.optionsFrom;
    if (!source) continue;
    const name = methodName(source, schema);
    const special = takesEveryone(schema)
      ? [{ name: `${say(language, 'everyone')} (${EVERYONE})`, value: EVERYONE }]
      : [];
    const offer = async (context) => [
      ...special,
      ...(await offered(manifest, source, (...call) => invoke(context, ...call))),
    ];
    methods.loadOptions[name] = async function () {
      return offer(this);
    };
    methods.listSearch[name] = async function (filter) {
      const wanted = filter?.trim().toLowerCase() ?? '';
      const options = await offer(this);
      return { results: options.filter((option) => option.name.toLowerCase().includes(wanted)) };
    };
  }
  return methods;
}

async function offered(manifest, source, invoke) {
  try {
    const found = await entriesOf(manifest, source, invoke);
    if (found.length > 0 || !source.fallback) return found;
  } catch (error) {
    if (!source.fallback) throw error;
    try {
      return await entriesOf(manifest, source.fallback, invoke);
    } catch {
      // Of the two lists, this is the one that was meant.
      throw error;
    }
  }
  return entriesOf(manifest, source.fallback, invoke);
}

async function entriesOf(manifest, source, invoke) {
  const found = new Map();
  for (const parameters of await parametersOf(manifest, source, invoke)) {
    const output = await invoke(source.action, parameters);
    for (const item of at(output, source.items) ?? []) {
      const value = at(item, source.value);
      const label = source.label && at(item, source.label);
      found.set(value, label && label !== String(value) ? `${label} (${value})` : String(value));
    }
    if (found.size >= MOST_ENTRIES) break;
  }
  return [...found].slice(0, MOST_ENTRIES).map(([value, name]) => ({ name, value }));
}

/** With what to call the action: once for each value of the parameter that it depends on. */
async function parametersOf(manifest, { action, parameter }, invoke) {
  if (!parameter) return [{}];
  const { parameters } = manifest.actions.find(({ id }) => id === action);
  const groups = await offered(manifest, parameters.properties[parameter]['x-ui'].optionsFrom, invoke);
  return groups.slice(0, MOST_GROUPS).map(({ value }) => ({ [parameter]: value }));
}

/** Every property of these schemas, however deep. */
function properties(schemas) {
  return schemas.flatMap((schema) => {
    const inner = [...Object.values(schema.properties ?? {}), ...(schema.items?.properties ? [schema.items] : [])];
    return [...inner, ...properties(inner)];
  });
}

function takesEveryone(schema) {
  return schema?.examples?.some((example) => Array.isArray(example) && example.includes(EVERYONE)) ?? false;
}

/** The value at a JSON pointer. */
function at(value, pointer) {
  return pointer
    .split('/')
    .slice(1)
    .reduce((part, key) => part?.[key], value);
}

function camel(id) {
  return id.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}
