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
  const value = ({ examples, format, type, minimum, default: fixed }) =>
    fixed ?? examples?.[0] ?? (format === 'password' ? 'a-secret-of-this-test' : type === 'integer' ? minimum : 'Text');
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

/** Where each library puts things: `fields` are the form's, the others are looked for in a field. */
const selectors = {
  rjsf: {
    fields: '#root > .rjsf-field',
    title: ':scope > label, :scope > fieldset > legend',
    list: ':scope > fieldset',
    entry: '.rjsf-array-item input',
    add: '.rjsf-array-item-add button',
    error: '.error-detail',
  },
  jsonforms: {
    fields: '.vertical-layout-item',
    title: ':scope > div > label, :scope > div > header > label',
    list: 'table',
    entry: 'tbody input',
    add: 'header button',
    error: '.validation_error, tbody span',
  },
};

/** What a person sees of each field. Runs in the browser. */
function seen({ fields, title, list, error }) {
  const value = (control) => {
    if (!control?.value) return undefined;
    if (control.type === 'select-one') return control.selectedOptions[0].label;
    return control.type === 'number' ? Number(control.value) : control.value;
  };
  return [...document.querySelectorAll(fields)].map((field) => {
    const titles = [...field.querySelectorAll(title)].map((element) => element.textContent).join(' + ');
    const controls = [...field.querySelectorAll('input, select, textarea')];
    const listed = field.querySelector(list) !== null;
    return {
      title: titles.replace(/\*$/, ''),
      required: titles.endsWith('*'),
      control: listed ? 'list' : controls.map(({ type }) => type).join(' + '),
      choices: controls.flatMap(({ options = [] }) =>
        [...options].filter((option) => option.value).map(({ label }) => label),
      ),
      value: listed ? (controls.length > 0 ? controls.map(value) : undefined) : value(controls[0]),
      errors: [...field.querySelectorAll(error)].map((element) => element.textContent).filter(Boolean),
    };
  });
}

const ajv = new Ajv({ strict: false });

/** The parts of the schema beside its own properties that hold for these data, by `if`, `then` and `else`. */
function applying(schema, data) {
  const branch = schema.if && (ajv.validate(schema.if, data) ? schema.then : schema.else);
  return branch ? [branch, ...applying(branch, data)] : [];
}

/** The data that the form holds when it is opened with `data`. */
function held({ schema, data, library, additions }) {
  const fixed = (property) => {
    // JSON Forms fills in defaults only where its validator is told to.
    if (property.default !== undefined) return library === 'rjsf' || additions ? property.default : undefined;
    // rjsf without additions takes the first choice for the default.
    if (property.oneOf) return library === 'rjsf' && !additions ? property.oneOf[0].const : undefined;
    // ... and begins a list that must have entries where it is given with as many empty ones, given or not.
    if (property.minItems && library === 'rjsf' && !additions) return Array(property.minItems).fill(undefined);
  };
  return Object.fromEntries(
    Object.entries(schema.properties)
      .map(([name, property]) => [name, data[name] ?? fixed(property)])
      .filter(([, value]) => value !== undefined),
  );
}

/** What a person is to see of each field in a form that was opened with `data`. */
function expected({ schema, data, library, additions }) {
  const values = held({ schema, data, library, additions });
  const control = ({ type, format, oneOf, const: only, 'x-ui': ui }) => {
    if (type === 'array') return 'list';
    // JSON Forms takes a constant for a choice of one.
    if (only !== undefined) return library === 'jsonforms' ? 'select-one' : 'text';
    // JSON Forms' vanilla renderers without additions take a choice between integers for an integer...
    if (oneOf) return library === 'rjsf' || additions ? 'select-one' : 'number';
    if (type === 'integer') return 'number';
    // ... and do not know `format: password`.
    if (format === 'password') return library === 'rjsf' || additions ? 'password' : 'text';
    return ui?.widget === 'textarea' && additions ? 'textarea' : 'text';
  };
  // Only rjsf goes by what a rule demands of these data, too.
  const applied = [schema, ...(library === 'rjsf' ? applying(schema, values) : [])];
  const required = applied.flatMap((part) => part.required ?? []);
  const choices = ({ oneOf = [], const: only }) => (only === undefined ? oneOf : [{ title: only, const: only }]);
  const value = (name, property, shown) => {
    if (library === 'rjsf' && !additions && shown === 'list' && required.includes(name) && !values[name]) {
      // Without additions it begins a list that is demanded with as many empty entries as it is to have.
      return Array(Math.max(...applied.map(({ properties }) => properties?.[name]?.minItems ?? 0))).fill(undefined);
    }
    if (shown === 'select-one') return choices(property).find((choice) => choice.const === values[name])?.title;
    // A browser shows a text of several lines without its line breaks where the field has one line.
    return shown === 'text' ? values[name]?.replaceAll('\n', '') : values[name];
  };
  return Object.entries(schema.properties).map(([name, property]) => {
    const shown = control(property);
    return {
      title: property.title,
      // Vanilla lists of JSON Forms have no mark.
      required: required.includes(name) && !(library === 'jsonforms' && shown === 'list'),
      control: shown,
      choices: shown === 'select-one' ? choices(property).map(({ title }) => title) : [],
      value: value(name, property, shown),
    };
  });
}

/** A value that breaks a rule of the property, and what the error is to say; undefined where none can. */
function broken({ type, const: fixed, oneOf, maxLength, pattern, minLength, minimum, items }) {
  if (fixed !== undefined) return undefined;
  if (oneOf) return { value: 99, says: /one/ };
  if (type === 'array') {
    const { value, says } = broken(items);
    return { value: [value], says };
  }
  if (type === 'integer') return { value: minimum - 1, says: new RegExp(`>= ${minimum}`) };
  if (maxLength < 1000) return { value: 'x'.repeat(maxLength + 1), says: new RegExp(`more than ${maxLength}`) };
  if (pattern) return { value: '\u0007', says: /pattern/ };
  if (minLength) return { value: '', says: /fewer than/ };
  return { value: 5, says: /string/ };
}

/** Rules across fields: data that break or keep each, beside the rest of the sample, and the fields that say so. */
const rules = {
  'a receiver is given': {
    of: ['to_user', 'to_party'],
    cases: [
      [{}, ['to_user']],
      [{ to_user: [] }, ['to_user']],
      [{ to_user: ['zhangsan'] }, []],
      [{ to_party: [2] }, []],
    ],
  },
  '@all stands for everyone': {
    of: ['to_user', 'to_party'],
    cases: [
      [{ to_user: ['@all'] }, []],
      // What stands beside it is skipped, not refused.
      [{ to_user: ['@all', 'zhangsan'] }, []],
      [{ to_user: ['@all'], to_party: [2] }, []],
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

const omit = (data, names) => Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));

describe('schemas in form libraries', { timeout: 120_000 }, () => {
  let server;
  let browser;
  let page;
  let complaints = [];

  before(async () => {
    mkdirSync(screenshots, { recursive: true });
    server = await startFormServer();
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 800, height: 600 } });
    page.setDefaultTimeout(5000);
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
  const withoutErrors = (fields) => fields.map(({ errors, ...field }) => field);

  /** Types `data` into the empty form as a person does. */
  async function fill(library, schema, data) {
    const { fields, entry, add } = selectors[library];
    for (const [index, [name, { oneOf, const: only }]] of Object.entries(schema.properties).entries()) {
      // A constant stands there already.
      if (data[name] === undefined || only !== undefined) continue;
      const field = page.locator(fields).nth(index);
      if (Array.isArray(data[name])) {
        for (const [position, value] of data[name].entries()) {
          await field.locator(add).click();
          await field.locator(entry).nth(position).fill(String(value));
        }
      } else if (oneOf) {
        await field
          .locator('select')
          .selectOption({ label: oneOf.find((choice) => choice.const === data[name]).title });
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
        // A list that may be left out, and has entries where it is not, is one that rjsf alone cannot leave out.
        const lists = Object.entries(schema.properties).filter(([name, { minItems }]) => minItems && !(name in sample));
        const isStuck = library === 'rjsf' && lists.length > 0;
        assert.deepEqual(await submit(), isStuck ? undefined : held({ ...form, data: sample }));
        assert.deepEqual(complaints, []);
      });

      test(`${library}, ${name}: every field, and the sample typed in`, async () => {
        const form = { library, schema, additions: true };
        await open({ ...form, schema: name });
        assert.deepEqual(withoutErrors(await look(library)), expected({ ...form, data: {} }));

        await fill(library, schema, sample);
        assert.deepEqual(
          await look(library),
          expected({ ...form, data: sample }).map((field) => ({ ...field, errors: [] })),
        );
        assert.deepEqual(await submit(), sample);
        assert.deepEqual(complaints, []);
      });

      test(`${library}, ${name}: what is wrong, at its field`, async () => {
        const faults = Object.entries(schema.properties).map(([property, rule]) => [property, broken(rule)]);
        const data = Object.fromEntries(
          faults.filter(([, fault]) => fault).map(([property, fault]) => [property, fault.value]),
        );
        await open({ library, schema: name, additions: true, data });
        assert.equal(await submit(), undefined);
        for (const [index, { title, errors }] of (await look(library)).entries()) {
          const fault = faults[index][1];
          if (fault) assert.match(errors.join(', '), fault.says, title);
          else assert.deepEqual(errors, [], title);
        }

        const missing = (schema.required ?? []).filter((property) => schema.properties[property].default === undefined);
        if (missing.length > 0) {
          await open({ library, schema: name, additions: true });
          assert.equal(await submit(), undefined);
          const fields = await look(library);
          for (const property of missing) {
            const { errors } = fields[Object.keys(schema.properties).indexOf(property)];
            assert.match(errors.join(), /required/, property);
          }
        }
        assert.deepEqual(complaints, []);
      });

      for (const [rule, { of, only = name, cases }] of Object.entries(rules)) {
        if (only !== name || !of.every((property) => property in schema.properties)) continue;
        test(`${library}, ${name}: ${rule}`, async () => {
          for (const [given, wrong] of cases) {
            const data = { ...omit(sample, of), ...given };
            await open({ library, schema: name, additions: true, data });
            const submitted = await submit();
            const fields = await look(library);
            assert.deepEqual(
              Object.keys(schema.properties).filter((_, index) => fields[index].errors.length > 0),
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
