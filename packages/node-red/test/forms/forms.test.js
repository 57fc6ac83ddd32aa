/**
 * The schemas, untouched, in two form libraries that know nothing of them: rjsf and JSON Forms with its vanilla
 * renderers. Each is tried alone, and with what a host adds to it (`host.jsx`).
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import Ajv from 'ajv';
import { findChromium, launchBrowser } from '../../../js/test/support/browser.js';
import { startFormServer } from './server.js';

// Said here, it is said once, and not as hundreds of cancelled tests.
findChromium();

const schemasFolder = new URL('../../../../schemas/', import.meta.url);
const screenshots = fileURLToPath(new URL('../screenshots/', import.meta.url));

const readJson = (path) => JSON.parse(readFileSync(new URL(path, schemasFolder)));
const manifest = readJson('manifest.json');

/** Data of a connection, made of the schema's own examples: the manifest has samples of actions only. */
function sampleConnection({ properties }) {
  const value = ({ examples, format, type, oneOf, minimum, default: fixed }) => {
    if (format === 'password') return 'a-secret-of-this-test';
    // The last choice: the first is what a form may fall back to.
    return fixed ?? examples?.[0] ?? oneOf?.at(-1).const ?? (type === 'integer' ? minimum : 'Text');
  };
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, value(property)]));
}

const forms = [
  ...manifest.actions.map(({ id, sample_parameters }) => {
    const name = `actions/${id}.input`;
    return { name, schema: readJson(`${name}.schema.json`), sample: sample_parameters };
  }),
  ...manifest.connection_types.map(({ type }) => {
    const name = `connection/${type}`;
    const schema = readJson(`${name}.schema.json`);
    return { name, schema, sample: sampleConnection(schema) };
  }),
];

/**
 * Where each library puts things: `fields` are the form's, the others are looked for in a field. `inside` are the fields
 * of a record, `entries` those of a list of records, and in each of those `inEntry` its fields.
 */
const selectors = {
  rjsf: {
    fields: '#root > .rjsf-field',
    title: ':scope > label, :scope > fieldset > legend',
    inside: ':scope > fieldset:not(.rjsf-field) > .rjsf-field',
    list: ':scope > fieldset.rjsf-field',
    records: ':scope > .rjsf-field-array-of-object',
    entries: ':scope > fieldset > .array-item-list > .rjsf-array-item > div > .rjsf-field-object',
    inEntry: ':scope > fieldset > .rjsf-field',
    entry: '.rjsf-array-item input',
    add: ':scope > fieldset > .row > .rjsf-array-item-add button',
    error: '.error-detail',
  },
  jsonforms: {
    fields: 'form > .vertical-layout > .vertical-layout-item',
    title: ':scope > div > label, :scope > div > header > label, :scope > fieldset > legend',
    inside: ':scope > fieldset > .vertical-layout > .vertical-layout-item',
    list: ':scope > div > table, :scope > .array-control-layout',
    records: ':scope > .array-control-layout, :scope > div > table:has(th:nth-child(4))',
    entries: ':scope > .array-control-layout > .children > div, :scope > div > table > tbody > tr:has(button)',
    inEntry: ':scope > .vertical-layout > .vertical-layout-item, :scope > td:has(input, select, textarea)',
    entry: 'tbody input',
    add: ':scope > div > header > button',
    error: '.validation_error, tbody span',
  },
};

/** What a person sees of each field, and of those inside it. Runs in the browser. */
function seen({ fields, title, inside, list, records, entries, inEntry, error }) {
  const value = (control) => {
    if (!control?.value) return undefined;
    if (control.type === 'select-one') return control.selectedOptions[0].label;
    return control.type === 'number' ? Number(control.value) : control.value;
  };
  const all = (of, selector) => [...of.querySelectorAll(selector)];
  const look = (field) => {
    const isTable = field.tagName === 'TD';
    const heading = isTable && field.closest('table').querySelectorAll('th')[field.cellIndex];
    const titles = isTable
      ? heading.textContent
      : all(field, title)
          .map((element) => element.textContent)
          .join(' + ');
    const within = all(field, inside);
    const isGroup = within.length > 0 || field.querySelector(records) !== null;
    const lines = isGroup ? all(field, entries).map((entry) => all(entry, inEntry)) : [];
    // What belongs to a field inside this one is seen there.
    const isOwn = (element) => ![...within, ...lines.flat()].some((inner) => inner.contains(element));
    const controls = all(field, 'input, select, textarea').filter(isOwn);
    const isList = field.querySelector(list) !== null;
    const kind = within.length > 0 ? 'record' : isList ? (isGroup ? 'records' : 'list') : undefined;
    return {
      title: titles.replace(/\*$/, ''),
      required: titles.endsWith('*'),
      control: kind ?? controls.map(({ type }) => type).join(' + '),
      choices: controls.flatMap(({ options = [] }) =>
        [...options].filter((option) => option.value).map(({ label }) => label),
      ),
      value: kind ? (controls.length > 0 ? controls.map(value) : undefined) : value(controls[0]),
      ...(within.length > 0 && { fields: within.map(look) }),
      ...(kind === 'records' && { entries: lines.map((line) => line.map(look)) }),
      errors: all(field, error)
        .filter(isOwn)
        .map((element) => element.textContent)
        .filter(Boolean),
    };
  };
  return all(document, fields).map(look);
}

const ajv = new Ajv({ strict: false });

/** The parts of the schema beside its own properties that hold for these data, by `if`, `then`, `else` and `allOf`. */
function applying(schema, data) {
  const branch = schema.if && (ajv.validate(schema.if, data) ? schema.then : schema.else);
  const parts = [...(branch ? [branch] : []), ...(schema.allOf ?? [])];
  return parts.flatMap((part) => [part, ...applying(part, data)]);
}

const isRecord = (schema) => schema?.properties !== undefined;

/** The data that the form holds when it is opened with `data`. */
function held({ schema, data, library, additions }) {
  const bare = library === 'rjsf' && !additions;
  const within = (inner, value) => held({ schema: inner, data: value, library, additions });
  const filled = (property, value) => {
    if (isRecord(property)) {
      if (value) return within(property, value);
      // rjsf without additions begins records in which there is a choice.
      const begun = bare && within(property, {});
      return begun && Object.keys(begun).length > 0 ? begun : undefined;
    }
    if (isRecord(property.items)) return value?.map((entry) => within(property.items, entry)) ?? begun(property);
    return value ?? fixed(property);
  };
  /** ... and a list that must have entries where it is given with as many empty ones, given or not. */
  const begun = ({ minItems, items }) =>
    minItems && bare
      ? Array.from({ length: minItems }, () => (isRecord(items) ? within(items, {}) : undefined))
      : undefined;
  const fixed = (property) => {
    // JSON Forms fills in defaults only where its validator is told to.
    if (property.default !== undefined) return library === 'rjsf' || additions ? property.default : undefined;
    // rjsf without additions takes the first choice for the default.
    if (property.oneOf) return bare ? property.oneOf[0].const : undefined;
    return begun(property);
  };
  return Object.fromEntries(
    Object.entries(schema.properties)
      .map(([name, property]) => [name, filled(property, data[name])])
      .filter(([, value]) => value !== undefined),
  );
}

/** What a person is to see of each field in a form that was opened with `data`. */
function expected({ schema, data, ...how }) {
  return drawn(schema, held({ schema, data, ...how }), how);
}

/** What a person is to see of each field in a form, or in a record of it, that holds `values`. */
function drawn(schema, values, how) {
  const { library, additions, isTable = false } = how;
  const alone = library === 'jsonforms' && !additions;
  const control = ({ type, format, oneOf, items, const: only, 'x-ui': ui, ...property }) => {
    // JSON Forms' vanilla renderers have nothing for a record.
    if (isRecord(property)) return alone ? '' : 'record';
    if (type === 'array') return isRecord(items) ? 'records' : 'list';
    // JSON Forms takes a constant for a choice of one.
    if (only !== undefined) return library === 'jsonforms' ? 'select-one' : 'text';
    // Without additions they take a choice between integers for an integer...
    if (oneOf) return alone && type === 'integer' ? 'number' : 'select-one';
    if (type === 'integer') return 'number';
    // ... and do not know `format: password`.
    if (format === 'password') return alone ? 'text' : 'password';
    return ui?.widget === 'textarea' && additions ? 'textarea' : 'text';
  };
  // Only rjsf goes by what a rule demands of these data, too.
  const applied = [schema, ...(library === 'rjsf' ? applying(schema, values) : [])];
  const required = applied.flatMap((part) => part.required ?? []);
  const choices = ({ oneOf = [], const: only }) => (only === undefined ? oneOf : [{ title: only, const: only }]);
  const value = (name, property, shown) => {
    if (['record', 'records', ''].includes(shown)) return undefined;
    if (library === 'rjsf' && !additions && shown === 'list' && required.includes(name) && !values[name]) {
      // Without additions it begins a list that is demanded with as many empty entries as it is to have.
      return Array(Math.max(...applied.map(({ properties }) => properties?.[name]?.minItems ?? 0))).fill(undefined);
    }
    if (shown === 'select-one') return choices(property).find((choice) => choice.const === values[name])?.title;
    // A browser shows a text of several lines without its line breaks where the field has one line.
    return shown === 'text' ? values[name]?.replaceAll('\n', '') : values[name];
  };
  // A list in a record has their list of records drawn field by field; else it is a table.
  const isNested = ({ properties }) => Object.values(properties).some(({ type }) => ['array', 'object'].includes(type));
  const inside = ({ items, ...property }, name, shown) => {
    if (shown === 'record') return { fields: drawn(property, values[name] ?? {}, { ...how, isTable: false }) };
    if (shown !== 'records') return {};
    const inner = { ...how, isTable: alone && !isNested(items) };
    return { entries: (values[name] ?? []).map((entry) => drawn(items, entry, inner)) };
  };
  const title = ({ title, items }, name, shown) => {
    if (shown === '') return '';
    return alone && shown === 'records' && isNested(items) ? startCase(name) : title;
  };
  return Object.entries(schema.properties).map(([name, property]) => {
    const shown = control(property);
    return {
      title: title(property, name, shown),
      // Vanilla lists of JSON Forms have no mark, nor have the fields in its tables.
      required: required.includes(name) && !(library === 'jsonforms' && /^(list|records|)$/.test(shown)) && !isTable,
      control: shown,
      choices: shown === 'select-one' ? choices(property).map(({ title }) => title) : [],
      value: value(name, property, shown),
      ...inside(property, name, shown),
    };
  });
}

/** What JSON Forms calls a list that it draws entry by entry. */
function startCase(name) {
  return name.replace(/(^|_)([a-z])/g, (_, before, letter) => (before && ' ') + letter.toUpperCase());
}

/** A value that breaks a rule of the property, and what the error is to say; undefined where none can. */
function broken({ type, const: fixed, oneOf, maxLength, pattern, minLength, minimum, items, properties }) {
  if (fixed !== undefined) return undefined;
  if (oneOf) return { value: 99, says: /one/ };
  if (properties) {
    const inside = faultsOf({ properties });
    return { value: brokenData(inside), inside };
  }
  if (type === 'array') {
    const { value, ...fault } = broken(items);
    return { value: [value], ...fault };
  }
  if (type === 'integer') return { value: minimum - 1, says: new RegExp(`>= ${minimum}`) };
  if (maxLength < 1000) return { value: 'x'.repeat(maxLength + 1), says: new RegExp(`more than ${maxLength}`) };
  if (pattern) return { value: '\u0007', says: /pattern/ };
  if (minLength) return { value: '', says: /fewer than/ };
  return { value: 5, says: /string/ };
}

/** What is wrong with each property; undefined where nothing can be. */
function faultsOf({ properties }) {
  return Object.entries(properties).map(([name, property]) => ({ name, fault: broken(property) }));
}

function brokenData(faults) {
  return Object.fromEntries(faults.filter(({ fault }) => fault).map(({ name, fault }) => [name, fault.value]));
}

/** That each field says what is wrong with it, and none of those around or beside it does. */
function assertToldAt(fields, faults) {
  assert.equal(fields.length, faults.length);
  for (const [index, { title, errors, fields: within, entries }] of fields.entries()) {
    const { fault } = faults[index];
    if (fault?.inside) assertToldAt(within ?? entries[0], fault.inside);
    if (fault?.says) assert.match(errors.join(', '), fault.says, title);
    else assert.deepEqual(errors, [], title);
  }
}

/** What is said of a field, or of one inside it. */
function allErrors({ errors, fields = [], entries = [] }) {
  return [errors, ...[...fields, ...entries.flat()].map(allErrors)].flat();
}

/** Whether everyone can be among these receivers. */
const takesAll = ({ items }) => ajv.validate(items, '@all');

const voteCard = {
  card_type: 'vote_interaction',
  main_title: { title: 'Lunch' },
  checkbox: { question_key: 'lunch', option_list: [{ id: 'rice', text: 'Rice' }] },
};

/**
 * Rules across fields: data that break or keep each, beside the rest of the sample but for what is `without`, and the
 * fields that say so.
 */
const rules = {
  'a receiver is given': {
    of: ['to_user', 'to_party'],
    without: ['to_tag', 'to_all'],
    cases: [
      [{}, ['to_user']],
      [{ to_user: [] }, ['to_user']],
      [{ to_user: ['zhangsan'] }, []],
      [{ to_party: [2] }, []],
    ],
  },
  'a tag stands for its members': {
    of: ['to_user', 'to_party', 'to_tag'],
    without: ['to_all'],
    cases: [
      [{ to_tag: [] }, ['to_user']],
      [{ to_tag: [1] }, []],
    ],
  },
  '@all stands for everyone': {
    of: ['to_user', 'to_party'],
    without: ['to_tag', 'to_all'],
    where: ({ to_user }) => takesAll(to_user),
    cases: [
      [{ to_user: ['@all'] }, []],
      // What stands beside it is skipped, not refused.
      [{ to_user: ['@all', 'zhangsan'] }, []],
      [{ to_user: ['@all'], to_party: [2] }, []],
    ],
  },
  '@all is nobody': {
    of: ['to_user', 'to_party'],
    without: ['to_tag', 'to_all'],
    where: ({ to_user }) => !takesAll(to_user),
    cases: [
      [{ to_user: ['@all'] }, ['to_user']],
      [{ to_user: ['zhangsan', '@all'], to_party: [2] }, ['to_user']],
    ],
  },
  'everyone of linked enterprises': {
    of: ['to_user', 'to_party', 'to_all'],
    without: ['to_tag'],
    cases: [
      [{ to_all: 1 }, []],
      [{ to_all: 0 }, ['to_user']],
      [{ to_all: 0, to_user: ['zhangsan'] }, []],
    ],
  },
  'a card is replaced, or its button': {
    of: ['replace_name', 'card'],
    cases: [
      [{}, ['replace_name']],
      [{ replace_name: 'Done' }, []],
      [{ card: voteCard }, []],
      [{ replace_name: 'Done', card: voteCard }, ['replace_name']],
      [{ card: { ...voteCard, checkbox: undefined } }, ['card']],
    ],
  },
  'whose card is updated': {
    of: ['user_ids', 'party_ids', 'tag_ids', 'at_all'],
    cases: [
      [{}, ['user_ids']],
      [{ at_all: 0 }, ['user_ids']],
      [{ at_all: 1 }, []],
      [{ tag_ids: [1] }, []],
    ],
  },
  'a notice has a title or a text': {
    of: ['main_title', 'sub_title_text', 'emphasis_content'],
    cases: [
      [{}, ['sub_title_text']],
      [{ main_title: { desc: 'Text' } }, ['sub_title_text']],
      [{ main_title: { title: 'Text' } }, []],
      [{ sub_title_text: 'Text' }, []],
    ],
  },
  'a click on a notice opens something': {
    of: ['card_action', 'jump_list'],
    cases: [
      [{ card_action: { type: 0 } }, ['card_action']],
      [{ card_action: { type: 1 } }, ['card_action']],
      [{ card_action: { type: 1, url: 'https://example.com' } }, []],
      [{ card_action: { type: 2, url: 'https://example.com' } }, ['card_action']],
      [{ card_action: { type: 2, app_id: 'wx1' } }, []],
    ],
  },
  'departments where their order is given': {
    of: ['department', 'order', 'is_leader_in_dept'],
    cases: [
      [{ order: [1] }, ['department']],
      [{ is_leader_in_dept: [1] }, ['department']],
      [{ order: [1], is_leader_in_dept: [1], department: [2] }, []],
    ],
  },
  'a way to reach a new member': {
    of: ['mobile', 'email'],
    only: 'actions/create-member.input',
    cases: [
      [{}, ['email']],
      [{ mobile: '13800000000' }, []],
      [{ email: 'zhangsan@example.com' }, []],
    ],
  },
  'AppSecret or an access token': {
    of: ['app_secret', 'access_token'],
    cases: [
      [{}, ['app_secret']],
      [{ access_token: '' }, ['app_secret']],
      [{ app_secret: 'a-secret-of-this-test' }, []],
      [{ access_token: 'a-token-of-this-test' }, []],
    ],
  },
};

/** The data of a case: departments of linked enterprises are texts. */
function suited(given, { properties }) {
  const entry = (name, value) => (properties[name].items?.type === 'string' ? String(value) : value);
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((one) => entry(name, one)) : value,
    ]),
  );
}

const omit = (data, names) => Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));

describe('schemas in form libraries', { timeout: 900_000 }, () => {
  let server;
  let browser;
  let page;
  let complaints = [];

  before(async () => {
    mkdirSync(screenshots, { recursive: true });
    server = await startFormServer();
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    page.setDefaultTimeout(30_000);
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(server.origin);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** Draws a form; what the page complains of meanwhile, and until the next form, is in `complaints`. */
  async function open(form) {
    complaints = [];
    await page.evaluate((options) => window.showForm(options), form);
  }

  const submit = () => page.evaluate(() => window.submitForm());
  const look = async (library) => page.evaluate(seen, selectors[library]);
  const eachField = (fields, change) =>
    fields.map(({ fields: within, entries, ...field }) => ({
      ...change(field),
      ...(within && { fields: eachField(within, change) }),
      ...(entries && { entries: entries.map((entry) => eachField(entry, change)) }),
    }));
  const withoutErrors = (fields) => eachField(fields, ({ errors, ...field }) => field);

  /** Types `data` into the empty form, or record, as a person does. */
  async function fill(library, schema, data, all = page.locator(selectors[library].fields)) {
    const { inside, entries, inEntry, entry, add } = selectors[library];
    for (const [index, [name, property]] of Object.entries(schema.properties).entries()) {
      // A constant stands there already.
      if (data[name] === undefined || property.const !== undefined) continue;
      const field = all.nth(index);
      if (isRecord(property)) {
        await fill(library, property, data[name], field.locator(inside));
      } else if (Array.isArray(data[name])) {
        for (const [position, value] of data[name].entries()) {
          await field.locator(add).click();
          if (isRecord(property.items)) {
            await fill(library, property.items, value, field.locator(entries).nth(position).locator(inEntry));
          } else await field.locator(entry).nth(position).fill(String(value));
        }
      } else if (property.oneOf) {
        const { title } = property.oneOf.find((choice) => choice.const === data[name]);
        await field.locator('select').selectOption({ label: title });
      } else {
        await field.locator('input, textarea').fill(String(data[name]));
      }
    }
  }

  for (const library of Object.keys(selectors)) {
    for (const { name, schema, sample } of forms) {
      test(`${library} alone, ${name}: every field, and the sample`, async () => {
        const form = { library, schema, additions: false };
        await open({ ...form, schema: name });
        assert.deepEqual(withoutErrors(await look(library)), expected({ ...form, data: {} }));

        await open({ ...form, schema: name, data: sample });
        assert.deepEqual(withoutErrors(await look(library)), expected({ ...form, data: sample }));
        // What rjsf alone begins by itself, and the schema then refuses, nobody can leave out.
        const data = held({ ...form, data: sample });
        assert.deepEqual(await submit(), ajv.validate(schema, data) ? data : undefined);
        // Of a record the vanilla renderers say that they have nothing for it.
        const isTold = (text) => library === 'jsonforms' && text.startsWith('No applicable cell found');
        const records = Object.values(schema.properties).filter(isRecord);
        assert.equal(complaints.some(isTold), library === 'jsonforms' && records.length > 0);
        assert.deepEqual(
          complaints.filter((text) => !isTold(text)),
          [],
        );
      });

      test(`${library}, ${name}: every field, and the sample typed in`, async () => {
        const form = { library, schema, additions: true };
        await open({ ...form, schema: name });
        assert.deepEqual(withoutErrors(await look(library)), expected({ ...form, data: {} }));

        await fill(library, schema, sample);
        assert.deepEqual(
          await look(library),
          eachField(expected({ ...form, data: sample }), (field) => ({ ...field, errors: [] })),
        );
        assert.deepEqual(await submit(), sample);
        assert.deepEqual(complaints, []);
      });

      test(`${library}, ${name}: what is wrong, at its field`, async () => {
        const faults = faultsOf(schema);
        const data = brokenData(faults);
        await open({ library, schema: name, additions: true, data });
        // Where nothing can be wrong, there is nothing to refuse.
        const canBeWrong = Object.keys(data).length > 0;
        assert.deepEqual(await submit(), canBeWrong ? undefined : {});
        assertToldAt(await look(library), faults);

        const missing = (schema.required ?? []).filter((property) => schema.properties[property].default === undefined);
        if (missing.length > 0) {
          await open({ library, schema: name, additions: true });
          assert.equal(await submit(), undefined);
          const fields = await look(library);
          for (const property of missing) {
            const field = fields[Object.keys(schema.properties).indexOf(property)];
            assert.match(allErrors(field).join(), /required/, property);
          }
        }
        assert.deepEqual(complaints, []);
      });

      for (const [rule, { of, without = [], only = name, where = () => true, cases }] of Object.entries(rules)) {
        if (only !== name || !of.every((property) => property in schema.properties)) continue;
        if (!where(schema.properties)) continue;
        test(`${library}, ${name}: ${rule}`, async () => {
          for (const [given, wrong] of cases) {
            const data = { ...omit(sample, [...of, ...without]), ...suited(given, schema) };
            await open({ library, schema: name, additions: true, data });
            const submitted = await submit();
            const fields = await look(library);
            assert.deepEqual(
              Object.keys(schema.properties).filter((_, index) => allErrors(fields[index]).length > 0),
              wrong,
              JSON.stringify(given),
            );
            assert.deepEqual(submitted, wrong.length > 0 ? undefined : data);
          }
        });
      }
    }

    test(`${library}: a screenshot`, async () => {
      const name = 'actions/push-text-message.input';
      const { schema, sample } = forms.find((form) => form.name === name);
      await open({ library, schema: name, additions: true, data: omit(sample, ['content']) });
      assert.equal(await submit(), undefined);
      assert.equal((await look(library)).length, Object.keys(schema.properties).length);
      await page.screenshot({ path: `${screenshots}forms-${library}.png`, fullPage: true });
    });
  }
});
