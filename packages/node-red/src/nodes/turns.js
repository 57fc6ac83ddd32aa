import { numberIn } from './lenient.js';

/** How many messages a node may send at once. */
export const CONCURRENCY = { type: 'integer', minimum: 1, maximum: 100 };

/** That number by what the form saved; one where that says nothing. */
export function concurrencyOf(value) {
  const number = numberIn(value);
  const isAllowed = Number.isInteger(number) && number >= CONCURRENCY.minimum && number <= CONCURRENCY.maximum;
  return isAllowed ? number : 1;
}

/** Lets so many through at once, in the order in which they came. */
export class Turns {
  #free;
  #waiting = [];

  constructor(concurrency) {
    this.#free = concurrency;
  }

  /** Resolves when it is the caller's turn, which lasts until `give`: to whether the caller had to wait. */
  async take() {
    if (this.#free === 0) {
      await new Promise((resolve) => this.#waiting.push(resolve));
      return true;
    }
    this.#free -= 1;
    return false;
  }

  give() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
