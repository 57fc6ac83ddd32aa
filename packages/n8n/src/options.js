/** What to choose from in lists: values and names, as a read action of the connector returns them. */
import { CUT } from './form/kind.js';
import { say } from './texts.js';

/**
 * Where several values are chosen, n8n wants all of them at once, and asks for no second page: more than these no browser
 * shows in time. The list then says so, since nothing else that n8n shows can.
 */
const MOST_ENTRIES = 2000;
/** Where one is, it asks for the next page when somebody scrolls. */
const PAGE = 100;
/** A list of members is one of a department: so many are asked for at the same time. */
const GROUPS_AT_ONCE = 8;
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
    const asked = (context) => new Source(manifest, source, (...call) => invoke(context, ...call));
    methods.loadOptions[name] = async function () {
      const { options } = await asked(this).page({ most: MOST_ENTRIES + 1 });
      const isCut = options.length > MOST_ENTRIES;
      const note = isCut ? [{ name: say(language, 'cut', { most: MOST_ENTRIES }), value: CUT }] : [];
      return [...special, ...note, ...options.slice(0, MOST_ENTRIES)];
    };
    methods.listSearch[name] = async function (filter, token) {
      const wanted = filter?.trim().toLowerCase() ?? '';
      const isWanted = (option) => option.name.toLowerCase().includes(wanted);
      const { options, next } = await asked(this).page({ most: PAGE, isWanted, token });
      const first = token ? [] : special.filter(isWanted);
      return { results: [...first, ...options], ...(next && { paginationToken: next }) };
    };
  }
  return methods;
}

/** A list to choose from, and what stands in for it where WeCom does not tell it, or nothing of it. */
class Source {
  #manifest;
  #source;
  #invoke;

  constructor(manifest, source, invoke) {
    this.#manifest = manifest;
    this.#source = source;
    this.#invoke = invoke;
  }

  /**
   * At least so many entries that are wanted, or all of them.
   *
   * @param {string} [options.token] What the page before gave as its `next`.
   * @returns {Promise<{ options: { name: string, value: unknown }[], next?: string }>}
   */
  async page({ most, isWanted = () => true, token }) {
    if (token) {
      const { isFallback, at } = JSON.parse(token);
      return this.#read(isFallback, { most, isWanted, at });
    }
    const { fallback } = this.#source;
    let page;
    try {
      page = await this.#read(false, { most, isWanted });
    } catch (error) {
      if (!fallback) throw error;
      // Of the two lists, this is the one that was meant.
      return this.#read(true, { most, isWanted }).catch(() => {
        throw error;
      });
    }
    return page.isEmpty && fallback ? this.#read(true, { most, isWanted }) : page;
  }

  async #read(isFallback, { most, isWanted, at }) {
    const source = isFallback ? this.#source.fallback : this.#source;
    const found = new Map();
    let isEmpty = true;
    for await (const { items, next } of this.#batches(source, at)) {
      for (const item of items) {
        const value = valueAt(item, source.value);
        const label = source.label && valueAt(item, source.label);
        const option = { name: label && label !== String(value) ? `${label} (${value})` : String(value), value };
        isEmpty = false;
        if (isWanted(option)) found.set(value, option);
      }
      if (found.size >= most && next !== undefined) {
        return { options: [...found.values()], next: JSON.stringify({ isFallback, at: next }), isEmpty };
      }
    }
    return { options: [...found.values()], isEmpty };
  }

  /** What the action lists, from a place on; with each part the place behind it, but behind the last. */
  async *#batches(source, at) {
    const { parameters, pagination } = this.#manifest.actions.find(({ id }) => id === source.action);
    const itemsOf = (output) => valueAt(output, source.items) ?? [];
    if (source.parameter) {
      const { optionsFrom } = parameters.properties[source.parameter]['x-ui'];
      const groups = await new Source(this.#manifest, optionsFrom, this.#invoke).page({ most: Infinity });
      for (let index = at ?? 0; index < groups.options.length; index += GROUPS_AT_ONCE) {
        const some = groups.options.slice(index, index + GROUPS_AT_ONCE);
        const outputs = await Promise.all(
          some.map(({ value }) => this.#invoke(source.action, { [source.parameter]: value })),
        );
        const next = index + GROUPS_AT_ONCE;
        yield { items: outputs.flatMap(itemsOf), next: next < groups.options.length ? next : undefined };
      }
      return;
    }
    for (let cursor = at; ; ) {
      const output = await this.#invoke(source.action, cursor ? { [pagination.cursor]: cursor } : {});
      cursor = (pagination && valueAt(output, pagination.next_cursor)) || undefined;
      yield { items: itemsOf(output), next: cursor };
      if (!cursor) return;
    }
  }
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
function valueAt(value, pointer) {
  return pointer
    .split('/')
    .slice(1)
    .reduce((part, key) => part?.[key], value);
}

function camel(id) {
  return id.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
}
