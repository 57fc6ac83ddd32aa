/**
 * What a host adds to the schemas, which stay as they are: `x-ui` in the form library's own terms, and the options
 * without which a library does not do what the schema says.
 */
import { and, createAjv, isIntegerControl, isOneOfEnumControl, rankWith } from '@jsonforms/core';
import { withJsonFormsOneOfEnumCellProps } from '@jsonforms/react';

/** Properties of rjsf's form. */
export function rjsfAdditions(schema) {
  return {
    uiSchema: Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => {
        const { widget, hint } = property['x-ui'] ?? {};
        // rjsf's own widget for files makes a data: URL, which the connector takes and the stricter schema does not.
        const own = widget !== 'file' && widget;
        return [name, { ...(own && { 'ui:widget': own }), ...(hint && { 'ui:help': hint }) }];
      }),
    ),
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

/** Properties of JSON Forms, `cells` beside those of the renderer set. */
export function jsonFormsAdditions(schema) {
  const options = { textarea: { multi: true }, password: { format: 'password' } };
  return {
    uischema: {
      type: 'VerticalLayout',
      elements: Object.entries(schema.properties).map(([name, property]) => ({
        type: 'Control',
        scope: `#/properties/${name}`,
        options: options[property['x-ui']?.widget],
      })),
    },
    cells: [integerChoiceCell],
    config: { showUnfocusedDescription: true },
    ajv: createAjv({ useDefaults: true }),
  };
}
