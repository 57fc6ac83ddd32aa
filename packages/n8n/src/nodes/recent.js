/** The keys that came by a while ago, and no more than so many. */
export class Recent {
  #most;
  #kept;
  #now;
  /** Until when a key is remembered. */
  #keys = new Map();

  /** @param {number} options.kept How long a key is kept, in milliseconds. */
  constructor(most, { kept, now = () => performance.now() }) {
    this.#most = most;
    this.#kept = kept;
    this.#now = now;
  }

  /** Whether the key came by before; now it has. */
  knows(key) {
    const now = this.#now();
    // The oldest comes first.
    for (const [oldest, until] of this.#keys) {
      if (until > now) break;
      this.#keys.delete(oldest);
    }
    if (this.#keys.has(key)) return true;
    if (this.#keys.size >= this.#most) this.#keys.delete(this.#keys.keys().next().value);
    this.#keys.set(key, now + this.#kept);
    return false;
  }
}
