/**
 * The test page: draws a schema of the repository, as it is, with rjsf or with JSON Forms. `showForm` draws a form,
 * `submitForm` presses its button.
 */
import { JsonForms } from '@jsonforms/react';
import { vanillaCells, vanillaRenderers } from '@jsonforms/vanilla-renderers';
import Form from '@rjsf/core';
import validator from '@rjsf/validator-ajv8';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { jsonFormsAdditions, rjsfAdditions } from './host.jsx';

function Rjsf({ schema, data, additions }) {
  return (
    <Form
      {...(additions && rjsfAdditions(schema))}
      schema={schema}
      validator={validator}
      formData={data}
      // The browser's own bubbles would hide what the schema says.
      noHtml5Validate
      showErrorList={false}
      onError={() => {
        window.form.refused = true;
      }}
      onSubmit={({ formData }) => {
        window.form.submitted = formData;
      }}
    />
  );
}

function VanillaJsonForms({ schema, data, additions }) {
  const { cells = [], renderers = [], ...rest } = additions ? jsonFormsAdditions(schema) : {};
  return (
    <form
      onSubmit={async (event) => {
        event.preventDefault();
        const { form } = window;
        // JSON Forms tells of changes some milliseconds after them.
        await new Promise((resolve) => setTimeout(resolve, 50));
        if (form.errors.length === 0) form.submitted = form.data;
        else form.refused = true;
      }}
    >
      <h1>{schema.title}</h1>
      <p>{schema.description}</p>
      <JsonForms
        {...rest}
        schema={schema}
        data={data}
        renderers={[...vanillaRenderers, ...renderers]}
        cells={[...vanillaCells, ...cells]}
        onChange={(state) => Object.assign(window.form, state)}
      />
      <button type="submit">Submit</button>
    </form>
  );
}

/** Untouched means untouched while the page runs, too: a library that writes to the schema fails. */
function deepFreeze(value) {
  if (value !== null && typeof value === 'object') Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

const libraries = { rjsf: Rjsf, jsonforms: VanillaJsonForms };
let root;

/** What became of the form that is shown. */
window.form = {};

/**
 * Draws `schemas/<schema>.schema.json` with `data` in the form at first; `additions` for what a host adds (`host.jsx`).
 */
window.showForm = async ({ library, schema, data = {}, additions = false }) => {
  root?.unmount();
  root = createRoot(document.querySelector('main'));
  window.form = {};
  const Library = libraries[library];
  const response = await fetch(`/schemas/${schema}.schema.json`);
  const form = <Library schema={deepFreeze(await response.json())} data={data} additions={additions} />;
  flushSync(() => root.render(form));
};

/** Presses the button; the data, or undefined where the form refuses them. */
window.submitForm = async () => {
  document.querySelector('button[type=submit]').click();
  while (window.form.submitted === undefined && !window.form.refused) await new Promise(requestAnimationFrame);
  return window.form.submitted;
};
