/** The latest entries. The oldest goes when its time is over, or when there is no more room. */
export class Recent {
  #most;
  #kept;
  #now;
  #entries = new Map();

  /** @param {number} [options.kept] How long an entry is kept, in milliseconds. */
  constructor(most, { kept = Number.POSITIVE_INFINITY, now = () => performance.now() } = {}) {
    this.#most = most;
    this.#kept = kept;
    this.#now = now;
  }

  get(key) {
    const entry = this.#entries.get(key);
    return entry && entry.until >= this.#now() ? entry.value : undefined;
  }

  set(key, value) {
    const now = this.#now();
    // A map has them in the order in which they came.
    this.#entries.delete(key);
    this.#entries.set(key, { value, until: now + this.#kept });
    for (const [oldest, { until }] of this.#entries) {
      if (until >= now && this.#entries.size <= this.#most) break;
      this.#entries.delete(oldest);
    }
  }

  /** Whether there is such an entry; otherwise there is now. */
  knows(key) {
    if (this.get(key) !== undefined) return true;
    this.set(key, true);
    return false;
  }
}

/**
 * The events of a URL, by their keys, so that none begins anything twice: WeCom repeats within seconds, but a request is
 * taken for ten minutes, whoever sends it again. More than 166 in every second would be too many.
 */
export function recentEvents(now) {
  return new Recent(100_000, { kept: 10 * 60 * 1000, now });
}
