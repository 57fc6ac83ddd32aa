/**
 * What became of the items of a run. n8n's “Retry On Fail” repeats a whole node with all its items, whatever the error:
 * what was sent must not be sent again, and what was refused is refused again.
 */

/**
 * By what n8n keeps of a node in an execution: it goes when the execution is over, and the outcomes with it.
 *
 * @type {WeakMap<object, { run: number, items: Map<number, { output: object } | { error: Error }> }>}
 */
const executions = new WeakMap();

/** The outcomes of one run of a node; those of its earlier runs are forgotten. */
export class Outcomes {
  #items;

  /** @param {object} [place] What stands for the node in its execution; nothing is remembered without. */
  constructor(place, run) {
    const known = place && executions.get(place);
    this.#items = known !== undefined && known.run === run ? known.items : new Map();
    if (place) executions.set(place, { run, items: this.#items });
  }

  /** Carries out an item, or answers with what became of it before. */
  async of(item, carryOut) {
    const before = this.#items.get(item);
    if (before) {
      if (before.error) throw before.error;
      return before.output;
    }
    try {
      const output = await carryOut();
      this.#items.set(item, { output });
      return output;
    } catch (error) {
      // Only what the connector says can be known to be settled.
      if (error?.class !== undefined && error.class !== 'retryable') this.#items.set(item, { error });
      throw error;
    }
  }
}
