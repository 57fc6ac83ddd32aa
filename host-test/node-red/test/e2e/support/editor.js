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
    editor.page.setDefaultTimeout(15_000);
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

  /** Opens the dialog of a node by a double click. */
  async edit(id) {
    await this.page.locator(`[id="${id}"] .red-ui-flow-node`).dblclick();
    await this.page.locator('#dialog-form').waitFor();
    await this.page.waitForTimeout(400);
  }

  /** The row of a field in the dialog that is on top. */
  field(name) {
    return this.page.locator(`.red-ui-tray:last-child .wecom-field[data-field="${name}"]`);
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

  /** Presses the button of an Inject node. */
  async inject(id) {
    await this.page.locator(`[id="${id}"] .red-ui-flow-node-button-button`).click();
  }

  /** The text of a node's status. */
  status(id) {
    return this.page.locator(`[id="${id}"] .red-ui-flow-node-status-label`);
  }

  async import(flow) {
    await this.page.evaluate((nodes) => {
      RED.view.importNodes(nodes, { addFlow: true, touchImport: true, generateIds: false });
    }, flow);
  }

  async screenshot(name, options = {}) {
    await mkdir(screenshots, { recursive: true });
    await this.page.screenshot({ path: `${screenshots}${name}.png`, ...options });
  }

  async close() {
    await this.#context.close();
  }
}
