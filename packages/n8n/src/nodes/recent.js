/** The last keys that came by, and no more than that. */
export class Recent {
  #keys = new Set();
  #most;

  constructor(most) {
    this.#most = most;
  }

  /** Whether the key came by before; now it has. */
  knows(key) {
    if (this.#keys.has(key)) return true;
    this.#keys.add(key);
    // The oldest comes first.
    if (this.#keys.size > this.#most) this.#keys.delete(this.#keys.values().next().value);
    return false;
  }
}
