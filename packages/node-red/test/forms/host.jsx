/**
 * What a host adds to the schemas, which stay as they are: `x-ui` in the form library's own terms, and the options
 * without which a library does not do what the schema says.
 */
import {
  and,
  createAjv,
  isControl,
  isIntegerControl,
  isObjectArrayControl,
  isObjectControl,
  isOneOfEnumControl,
  rankWith,
} from '@jsonforms/core';
import { JsonFormsDispatch, withJsonFormsDetailProps, withJsonFormsOneOfEnumCellProps } from '@jsonforms/react';
import { ArrayControl } from '@jsonforms/vanilla-renderers';

/** What rjsf draws the properties of a schema by, and of the records in it. */
function rjsfProperties(schema) {
  return Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => {
      const { widget, hint } = property['x-ui'] ?? {};
      // rjsf's own widget for files makes a data: URL, which the connector takes and the stricter schema does not.
      const own = widget !== 'file' && widget;
      const inside = {
        ...(property.properties && rjsfProperties(property)),
        ...(property.items?.properties && { items: rjsfProperties(property.items) }),
      };
      return [name, { ...inside, ...(own && { 'ui:widget': own }), ...(hint && { 'ui:help': hint }) }];
    }),
  );
}

/** Properties of rjsf's form. */
export function rjsfAdditions(schema) {
  return {
    uiSchema: rjsfProperties(schema),
    // Without it rjsf submits every record that nobody filled in, with nothing in it.
    omitExtraData: true,
    experimental_defaultFormStateBehavior: {
      // Without it rjsf takes the first choice for the default of a choice that was left out, and submits it.
      constAsDefaults: 'skipOneOf',
      // Without these rjsf begins a list that a rule demands, with empty entries, and keeps it when none does any more.
      arrayMinItems: { populate: 'never' },
      emptyObjectFields: 'skipEmptyDefaults',
    },
  };
}

/**
 * A choice between integers. JSON Forms' vanilla cell for choices hands on the text of the option, and its cell for
 * integers goes first.
 */
function IntegerChoiceCell({ id, data, enabled, path, options, handleChange }) {
  return (
    <select
      id={id}
      disabled={!enabled}
      value={data ?? ''}
      onChange={({ target }) => handleChange(path, target.value === '' ? undefined : Number(target.value))}
    >
      <option value="" />
      {options.map(({ value, label }) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

const integerChoiceCell = {
  tester: rankWith(3, and(isOneOfEnumControl, isIntegerControl)),
  cell: withJsonFormsOneOfEnumCellProps(IntegerChoiceCell),
};

/** A record: its title, and its fields below. The vanilla renderers have nothing for it. */
function Record({ label, required, errors, schema, path, renderers, cells, enabled }) {
  return (
    <fieldset>
      <legend>{required ? `${label}*` : label}</legend>
      {errors && <div className="validation_error">{errors}</div>}
      <JsonFormsDispatch
        schema={schema}
        uischema={layout(schema)}
        path={path}
        renderers={renderers}
        cells={cells}
        enabled={enabled}
      />
    </fieldset>
  );
}

const record = { tester: rankWith(3, and(isControl, isObjectControl)), renderer: withJsonFormsDetailProps(Record) };

/**
 * Lists of records as the vanilla renderers have them where a record has a list inside it: one below the other. In their
 * table a field has neither a mark nor its own errors.
 */
const listOfRecords = { tester: rankWith(5, isObjectArrayControl), renderer: ArrayControl };

/** What JSON Forms draws the properties of a schema by. */
function layout(schema) {
  const options = { textarea: { multi: true }, password: { format: 'password' } };
  return {
    type: 'VerticalLayout',
    elements: Object.entries(schema.properties).map(([name, property]) => ({
      type: 'Control',
      scope: `#/properties/${name}`,
      // A list of records is named after its entries, else.
      ...(property.items?.properties && { label: property.title }),
      options: {
        ...options[property['x-ui']?.widget],
        ...(property.items?.properties && { detail: layout(property.items) }),
      },
    })),
  };
}

/** Properties of JSON Forms, `cells` and `renderers` beside those of the renderer set. */
export function jsonFormsAdditions(schema) {
  return {
    uischema: layout(schema),
    cells: [integerChoiceCell],
    renderers: [record, listOfRecords],
    config: { showUnfocusedDescription: true },
    ajv: createAjv({ useDefaults: true }),
  };
}
