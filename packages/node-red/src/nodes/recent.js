/** The latest entries, of which the oldest goes when there is no more room. */
export class Recent {
  #most;
  #entries = new Map();

  constructor(most) {
    this.#most = most;
  }

  get(key) {
    return this.#entries.get(key);
  }

  set(key, value) {
    this.#entries.set(key, value);
    // A map has them in the order in which they came.
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value);
  }
}
