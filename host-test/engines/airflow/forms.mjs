/**
 * Airflow's page for connections in Chromium: the form of each type, filled in and saved, and its button Test.
 *
 *     node forms.mjs URL FORMS SCREENSHOT < VALUES
 *
 * FORMS is the package's _connections.json, and VALUES has for each type of connection what a person fills in. Prints what
 * the button answered, by type, and what the same request is answered without a port. SCREENSHOT is a file, or empty.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launchBrowser } from '../../../packages/js/test/support/browser.js';

const [url, forms, screenshot] = process.argv.slice(2);
const types = JSON.parse(readFileSync(forms, 'utf8'));
const values = JSON.parse(readFileSync(0, 'utf8'));
const STANDARD = ['Host', 'Login', 'Port', 'Schema', 'Password'];
const answers = {};
const isRequired = ({ schema }) => !schema.type.includes('null');

/** Opens the form of a type, and looks whether it is the one that the package describes. */
async function opened(page, type) {
  await page.goto(`${url}/connections`);
  await page.getByRole('button', { name: 'Add Connection' }).click();
  const form = page.getByRole('dialog');
  await form.locator('[name=connection_id]').fill(`form_${type['connection-type']}`);
  await form.getByRole('combobox').fill(type['hook-name']);
  await page.getByRole('option', { name: type['hook-name'], exact: true }).click();
  const { 'hidden-fields': hidden, relabeling } = type['ui-field-behaviour'];
  for (const name of STANDARD) {
    const shown = hidden.includes(name.toLowerCase()) || name.toLowerCase() in relabeling ? 0 : 1;
    assert.equal(await form.getByText(name, { exact: true }).count(), shown, `the field ${name} of Airflow`);
  }
  for (const title of Object.values(relabeling)) await form.getByText(title, { exact: true }).waitFor();
  return form;
}

/** Fills in a form, and compares its fields with the schemas. */
async function filled(form, type, given) {
  if ('password' in given) await form.locator('[name=password]').fill(given.password);
  await form.getByRole('button', { name: /^Extra Fields(?! JSON)/ }).click();
  const [first] = Object.values(type['conn-fields']);
  await form.locator('label').filter({ hasText: first.label }).waitFor();
  const labels = (await form.locator('label').allTextContents()).map((text) => text.trim());
  for (const [name, { label, description, schema }] of Object.entries(type['conn-fields'])) {
    const field = form.locator(`[name=element_${name}]`);
    const title = isRequired({ schema }) ? `${label} *` : label;
    assert.ok(labels.includes(title), `${title} is not among ${labels}`);
    await form.getByText(description.split('\n')[0]).waitFor();
    if (schema.format === 'password') assert.equal(await field.getAttribute('type'), 'password', `${name} is hidden`);
    if (name in given) await field.fill(String(given[name]));
  }
}

const browser = await launchBrowser();
try {
  const page = await (await browser.newContext({ locale: 'en-US', viewport: { width: 1000, height: 1000 } })).newPage();
  page.setDefaultTimeout(20_000);
  for (const type of types) {
    const name = type['connection-type'];
    const form = await opened(page, type);
    const save = form.getByRole('button', { name: 'Save' });
    if (Object.values(type['conn-fields']).some(isRequired)) {
      // It cannot be saved as long as a field is empty that has to be filled in.
      await form.locator('button:disabled').filter({ hasText: 'Save' }).waitFor();
    }
    await filled(form, type, values[name]);
    if (screenshot && name === types[0]['connection-type']) {
      await form.locator('[name=connection_id]').scrollIntoViewIfNeeded();
      await page.screenshot({ path: screenshot });
    }
    await save.click();
    const row = page.getByRole('row').filter({ hasText: `form_${name}` });
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.url().endsWith('/connections/test')),
      row.getByRole('button', { name: 'Test Connection' }).click(),
    ]);
    // Airflow's page sends the port 0 for a connection that has none, and 3.3.1 and 3.3.2 refuse that.
    const { port, ...rest } = answer.request().postDataJSON();
    assert.equal(port, 0);
    const headers = { authorization: answer.request().headers().authorization };
    const again = await page.request.post(answer.url(), { headers, data: rest });
    answers[name] = { button: await answer.json(), without_port: await again.json() };
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(answers));
