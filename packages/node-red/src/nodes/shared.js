import { Connector } from '../runtime/index.js';

/** One connector for all nodes: it is made when the first needs it, and closed when the last is gone. */
export class SharedConnector {
  #options;
  #graceSeconds;
  #onBroken;
  #users = 0;
  #connector;
  #checked;

  /**
   * @param {number} graceSeconds How long calls under way may go on when the last node is gone.
   * @param {(error: Error) => void} onBroken Told once for each connector that its component cannot serve.
   */
  constructor(options, graceSeconds, onBroken) {
    this.#options = options;
    this.#graceSeconds = graceSeconds;
    this.#onBroken = onBroken;
  }

  acquire() {
    this.#users += 1;
    this.#connector ??= new Connector(this.#options);
    return this.#connector;
  }

  /** Resolves when no thread is left, where this was the last user. */
  async release() {
    this.#users -= 1;
    if (this.#users > 0) return;
    const connector = this.#connector;
    this.#connector = undefined;
    this.#checked = undefined;
    await connector.close(this.#graceSeconds);
  }

  /** Rejects where the component cannot serve, and says so in a node's language. */
  check(language) {
    const connector = this.#connector;
    if (!this.#checked) {
      this.#checked = connector.ready();
      // Closed before it was ready: nothing is broken.
      this.#checked.catch((error) => error.class === 'permanent-rejected' && this.#onBroken(error));
    }
    return this.#checked.catch(() => connector.ready({ language }));
  }
}
