/** Node-RED's editor in a browser, worked as a person works it: by mouse and keyboard. */
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const screenshots = fileURLToPath(new URL('../../screenshots/', import.meta.url));

export class Editor {
  page;
  /** What any page or answer of the server brought, for the search for secrets. */
  responses = [];
  #context;

  /** @param {{ locale?: string }} [options] The language of the browser, which the editor follows. */
  static async open(browser, nodeRed, { locale = 'en-US' } = {}) {
    const editor = new Editor();
    editor.#context = await browser.newContext({ locale, viewport: { width: 1440, height: 900 } });
    editor.page = await editor.#context.newPage();
    editor.page.setDefaultTimeout(60_000);
    editor.page.on('response', (response) => {
      const text = response.text().catch(() => '');
      editor.responses.push({ url: response.url(), text });
    });
    await editor.page.goto(nodeRed.url);
    await editor.ready();
    return editor;
  }

  async ready() {
    await this.page.locator('#red-ui-palette-container .red-ui-palette-node').first().waitFor();
    await this.page.locator('#red-ui-header-button-deploy').waitFor();
    await this.page.locator('#red-ui-loading-progress').waitFor({ state: 'hidden' });
  }

  async reload() {
    await this.page.reload();
    await this.ready();
  }

  /** Drags an entry of the palette onto the canvas, and returns the ID of the node that it became. */
  async drag(type, x, y) {
    const entry = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const from = await entry.boundingBox();
    const canvas = await this.page.locator('#red-ui-workspace-chart').boundingBox();
    const before = await this.page.evaluate(() => RED.nodes.filterNodes({}).map(({ id }) => id));
    const { mouse } = this.page;
    await mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await mouse.down();
    await mouse.move(canvas.x + x - 30, canvas.y + y - 30, { steps: 6 });
    await mouse.move(canvas.x + x, canvas.y + y, { steps: 4 });
    await mouse.up();
    const after = await this.page.evaluate(() => RED.nodes.filterNodes({}).map(({ id }) => id));
    return after.find((id) => !before.includes(id));
  }

  /** Draws a wire from the output of a node to the input of another. */
  async wire(from, to) {
    const output = await this.#port(from, 'output');
    const input = await this.#port(to, 'input');
    const { mouse } = this.page;
    await mouse.move(output.x, output.y);
    await mouse.down();
    await mouse.move((output.x + input.x) / 2, (output.y + input.y) / 2, { steps: 4 });
    await mouse.move(input.x, input.y, { steps: 4 });
    await mouse.up();
  }

  async #port(id, kind) {
    const box = await this.page.locator(`[id="${id}"] .red-ui-flow-port-${kind} .red-ui-flow-port`).boundingBox();
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /**
   * Opens the dialog of a node by a double click, and by another where Node-RED took it for two single ones: it looks at
   * its own clock, which a busy machine lets run on.
   */
  async edit(id) {
    const dialog = this.page.locator('#dialog-form');
    const isOpen = () =>
      dialog.waitFor({ timeout: 4000 }).then(
        () => true,
        () => false,
      );
    for (let attempt = 0; attempt < 3 && !(await dialog.isVisible()); attempt += 1) {
      await this.page.locator(`[id="${id}"] .red-ui-flow-node`).dblclick();
      if (await isOpen()) break;
    }
    await dialog.waitFor();
    await this.page.waitForTimeout(400);
  }

  /** The row of a field in the dialog that is on top; not of one with that name inside another field. */
  field(name) {
    const row = `.wecom-field[data-field="${name}"]`;
    return this.page.locator(`.red-ui-tray:last-child ${row}:not(.wecom-control ${row})`);
  }

  async done() {
    await this.page.locator('#node-dialog-ok').click();
    await this.page.locator('#dialog-form').waitFor({ state: 'detached' });
  }

  async cancel() {
    await this.page.locator('#node-dialog-cancel').click();
    await this.page.locator('#dialog-form').waitFor({ state: 'detached' });
  }

  async deploy() {
    const answered = this.page.waitForResponse(
      (response) => response.url().endsWith('/flows') && response.request().method() === 'POST',
    );
    await this.page.locator('#red-ui-header-button-deploy').click();
    const confirm = this.page.locator('#red-ui-notifications button.primary, .red-ui-notification button.primary');
    await Promise.race([
      answered,
      confirm
        .first()
        .waitFor()
        .then(() => confirm.first().click()),
    ]);
    await answered;
    // What it said to that lies over the canvas.
    await this.page.waitForTimeout(300);
  }

  /** Presses the button of an Inject node, again where Node-RED has not started it yet after a deployment. */
  async inject(id) {
    for (let attempt = 0; ; attempt += 1) {
      const answered = this.page.waitForResponse((response) => response.url().includes(`/inject/${id}`));
      await this.page.locator(`[id="${id}"] .red-ui-flow-node-button-button`).click();
      const answer = await answered;
      if (answer.ok()) return;
      if (answer.status() !== 404 || attempt >= 20) throw new Error(`the Inject node answers ${answer.status()}`);
      await this.page.waitForTimeout(200);
    }
  }

  /** The text of a node's status. */
  status(id) {
    return this.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`);
  }

  /** Imports an example of the package from Node-RED's import dialog. */
  async importExample(language, name) {
    const entry = (text) => this.page.locator('.red-ui-treeList-label:visible', { hasText: text });
    // A click that the tree does not hear, since the dialog still moves, is made again.
    const expand = async (text, within) => {
      for (let attempt = 0; ; attempt += 1) {
        const expanded = await entry(text).evaluate((label) => label.parentElement.classList.contains('expanded'));
        if (!expanded) await entry(text).click();
        try {
          return await entry(within).waitFor({ timeout: 5000 });
        } catch (error) {
          if (error.name !== 'TimeoutError' || attempt >= 10) throw error;
        }
      }
    };
    await this.page.keyboard.press('Control+i');
    await this.page.locator('#red-ui-tab-red-ui-clipboard-dialog-import-tab-examples a').click();
    await expand('node-red-contrib-wecom-connector', language);
    await expand(language, name);
    await entry(name).click();
    await this.page.locator('#red-ui-clipboard-dialog-ok').click();
    await this.page.locator('#red-ui-clipboard-dialog').waitFor({ state: 'hidden' });
    await this.page.waitForTimeout(500);
  }

  /** Imports nodes as text, as one pastes them from a forum. */
  async importText(nodes) {
    await this.page.keyboard.press('Control+i');
    await this.page.locator('#red-ui-clipboard-dialog-import-text').fill(JSON.stringify(nodes));
    await this.page.locator('#red-ui-clipboard-dialog-ok').click();
    await this.page.locator('#red-ui-clipboard-dialog').waitFor({ state: 'hidden' });
    await this.page.waitForTimeout(500);
  }

  /** Shows a flow by its tab, without the notice that covers the canvas. */
  async showFlow(id) {
    await this.page.locator(`#red-ui-tab-${id} a`).first().click();
    await this.page.locator('#red-ui-notifications .red-ui-notification').first().waitFor({ state: 'hidden' });
  }

  /** Types or chooses the value of a field, as its control asks for it. */
  async fillField(name, schema, value) {
    await this.#fill(this.field(name), schema, value);
  }

  async #fill(row, schema, value) {
    await this.#unfold(row);
    if (schema.oneOf) {
      await this.#choose(row, value);
    } else if (schema.properties) {
      await this.fillRecord(row.locator('> .wecom-control > .wecom-record'), schema, value);
    } else if (schema.items?.properties) {
      for (const [index, entry] of value.entries()) {
        const item = row.locator('.wecom-records li').nth(index);
        if ((await item.count()) === 0) await row.locator('.red-ui-editableList-addButton').click();
        await this.fillRecord(item, schema.items, entry);
      }
    } else if (schema.type === 'array') {
      for (const entry of value) {
        await row.locator('.wecom-list-input').fill(String(entry));
        await this.page.keyboard.press('Enter');
      }
    } else {
      await row.locator('textarea:visible, .red-ui-typedInput-input:visible').fill(String(value));
    }
  }

  /** Fills in the fields of a record; `place` is what it stands in. */
  async fillRecord(place, schema, value) {
    for (const [name, inner] of Object.entries(value)) {
      await this.#fill(place.locator(`.wecom-field[data-field="${name}"]`), schema.properties[name], inner);
    }
  }

  /** Chooses like a person, who looks whether the choice was taken: on a busy machine Node-RED may shut its menu first. */
  async #choose(row, value) {
    const trigger = row.locator('.red-ui-typedInput-option-trigger');
    const menu = this.page.locator('.red-ui-typedInput-options:visible');
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await trigger.click();
      const option = menu.locator(`a[value="${value}"]`);
      const label = (await option.textContent()).trim();
      await this.#pick(option, trigger);
      if ((await trigger.textContent()).trim() === label) return;
    }
    throw new Error(`the choice ${value} is not taken`);
  }

  /** Clicks an entry of a menu. While that slides open, the click may go to none: then what opens it is clicked again. */
  async #pick(entry, trigger) {
    await entry.click();
    const menu = this.page.locator('.red-ui-typedInput-options:visible');
    await menu.waitFor({ state: 'hidden', timeout: 3000 }).catch(() => trigger.click());
  }

  async #unfold(row) {
    const folded = row.locator('xpath=ancestor::details[not(@open)]/summary');
    // From the outside in: what is folded away inside a record may be in a record that is folded away.
    while (await folded.count()) await folded.first().click();
  }

  /** Shows the fields that are folded away; not those inside a record. */
  async unfold() {
    const folded = this.page.locator('.red-ui-tray:last-child .wecom-form > details:not([open]) > summary');
    if (await folded.count()) await folded.click();
  }

  /** Where the value of a field comes from: a literal, `msg`, `jsonata` … */
  async chooseType(name, type) {
    const field = this.field(name);
    const trigger = field.locator('.red-ui-typedInput-type-select').first();
    const menu = this.page.locator('.red-ui-typedInput-options:visible');
    // As in #choose: on a busy machine Node-RED may shut its menu before the choice is taken.
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await trigger.click();
      await this.#pick(menu.locator(`a[value="${type}"]`), trigger);
      const taken = await field
        .locator('input.red-ui-typedInput')
        .first()
        .evaluate((input) => $(input).typedInput('type'));
      if (taken === type) return;
    }
    throw new Error(`the type ${type} is not taken`);
  }

  /** The kinds of source that the menu of a field offers, the literal first. */
  async offeredTypes(name) {
    await this.field(name).locator('.red-ui-typedInput-type-select').first().click();
    const menu = this.page.locator('.red-ui-typedInput-options:visible');
    const offered = await menu
      .locator('a')
      .evaluateAll((entries) => entries.map((entry) => entry.getAttribute('value')));
    // The literal, which it is already. A menu that is left open shuts when something else is clicked.
    await this.#pick(menu.locator('a').first(), this.field(name).locator('.wecom-label, label').first());
    return offered;
  }

  /** The kinds of source that a field has for its menu, by its own account, which costs no time. */
  async types(name) {
    const input = this.field(name).locator('> .wecom-control > input.red-ui-typedInput');
    return input.evaluate((element) =>
      $(element)
        .typedInput('instance')
        .typeList.map(({ value }) => value),
    );
  }

  /** The label of the choice that a field shows. */
  async chosen(name) {
    return (await this.field(name).locator('.red-ui-typedInput-option-trigger').textContent()).trim();
  }

  /** The IDs of the connections of a type. */
  async connections(type) {
    return this.page.evaluate((nodeType) => {
      const ids = [];
      RED.nodes.eachConfig((node) => {
        if (node.type === nodeType) ids.push(node.id);
      });
      return ids;
    }, `wecom-${type}`);
  }

  async chooseConnection(id) {
    await this.page.locator('#node-input-connection').selectOption(id);
  }

  /** The address of the picture that an entry of the palette has. */
  async paletteIcon(type) {
    const icon = this.page.locator(`.red-ui-palette-node[data-palette-type="${type}"] .red-ui-palette-icon`);
    const image = await icon.evaluate((element) => getComputedStyle(element).backgroundImage);
    return image.match(/^url\("(.*)"\)$/)?.[1];
  }

  /** What the help sidebar says of a node. */
  async help(id) {
    await this.page.locator('#red-ui-tab-help-link-button').click();
    await this.page.locator(`[id="${id}"] .red-ui-flow-node`).click();
    await this.page.waitForTimeout(100);
    return this.page.locator('.red-ui-sidebar-help-stack .red-ui-help').first().textContent();
  }

  /** Fills in the connection whose dialog is open. */
  async fillConnection(connection) {
    const { type: _, ...fields } = connection;
    for (const [name, value] of Object.entries(fields)) {
      const row = this.field(name);
      await this.#unfold(row);
      await row.locator('input').fill(String(value));
    }
  }

  /** Presses the button, and returns what it found. */
  async testConnection() {
    await this.page.locator('.wecom-test').click();
    const result = this.page.locator('.wecom-test-row .wecom-result');
    await result.waitFor();
    return result;
  }

  /** Adds or updates the connection whose dialog is on top. */
  async closeConnection() {
    await this.page.locator('#node-config-dialog-ok').click();
    await this.page.locator('#node-config-dialog-edit-form').waitFor({ state: 'detached' });
    await this.page.waitForTimeout(400);
  }

  /** What the debug sidebar shows, oldest first. */
  async debugMessages() {
    if (!(await this.page.locator('.red-ui-debug-content-list').isVisible())) {
      await this.page.locator('#red-ui-tab-debug-link-button').click();
    }
    return this.page.locator('.red-ui-debug-msg');
  }

  async clearDebug() {
    await (await this.debugMessages()).first().waitFor();
    await this.page.locator('#red-ui-sidebar-debug-clear').click();
    await this.page.locator('.red-ui-debug-msg').first().waitFor({ state: 'detached' });
  }

  /** What Node-RED's triangle on a node says, by its own account. */
  async problems(id) {
    return this.page.evaluate((node) => RED.nodes.node(node).validationErrors, id);
  }

  async screenshot(name, options = {}) {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: `${screenshots}${name}.png`, ...options });
  }

  /** Names what a test does next; where that fails, a screenshot tells how the editor looked. */
  steps(name) {
    return async (what, act) => {
      try {
        await act();
      } catch (error) {
        await this.screenshot(`failed-${name}`);
        error.message = `${what}: ${error.message}`;
        throw error;
      }
    };
  }

  async close() {
    await this.#context.close();
  }
}
