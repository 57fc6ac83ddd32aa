/** Carries out calls with one instance of the component: sends what it hands out, and hands in what came back. */
import { instantiateComponent } from './component.js';
import { exchange, isForToken } from './http.js';
import { Refusal, Trouble } from './trouble.js';

/** The component takes twice as many. Calls beyond this wait for others to end. */
const MOST_CALLS = 4096;
/** The component takes 256 MiB of arguments, where texts are UTF-8. */
const MOST_BYTES = 240 * 1024 * 1024;

export class Engine {
  #component;
  #fetch;
  /** The instance that serves, or a promise of it. */
  #instance;
  #running = new Set();
  #size = 0;
  #queue = new Set();
  #closed = false;

  /** @param {typeof globalThis.fetch} [options.fetch] That of the platform where it is left out, as it is at each call. */
  constructor({ component, fetch }) {
    this.#component = component;
    this.#fetch = fetch ?? ((...args) => globalThis.fetch(...args));
  }

  /**
   * Carries out a call. Resolves to its output; rejects with a Refusal or a Trouble.
   *
   * @param {object} operation As the component takes it.
   * @param {string} connection JSON.
   * @param {typeof globalThis.fetch} [options.fetch] What sends the requests of this call alone.
   * @param {AbortSignal} [options.signal]
   */
  async run(operation, connection, { fetch = this.#fetch, signal }) {
    const call = new Call(operation, connection, fetch);
    const abort = () => call.stop('aborted', {}, signal.reason);
    if (this.#closed) call.stop('closed');
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    try {
      call.ended = this.#queued(call);
      return await call.ended;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** Makes the instance ahead of the first call. Rejects where the component cannot serve. */
  async ready() {
    await this.#serving();
  }

  /** Rejects what waits, gives what is under way this long to end, and takes no more. */
  async close(graceSeconds) {
    this.#closed = true;
    for (const call of this.#queue) call.stop('closed');
    let timer;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, graceSeconds * 1000);
    });
    await Promise.race([Promise.allSettled([...this.#running].map(({ ended }) => ended)), grace]);
    clearTimeout(timer);
    for (const call of this.#running) call.stop('closed');
  }

  async #queued(call) {
    if (call.stopped) throw call.stopped;
    if (this.#queue.size > 0 || !this.#hasRoomFor(call)) {
      try {
        await call.interruptible((resolve) => {
          call.start = resolve;
          this.#queue.add(call);
        });
      } catch (error) {
        this.#queue.delete(call);
        throw error;
      }
    } else {
      this.#take(call);
    }
    try {
      return await this.#carryOut(call);
    } finally {
      this.#running.delete(call);
      this.#size -= call.size;
      this.#next();
    }
  }

  #hasRoomFor({ size }) {
    // One alone always has: the component itself says where it is too long.
    return this.#running.size === 0 || (this.#running.size < MOST_CALLS && this.#size + size <= MOST_BYTES);
  }

  #take(call) {
    this.#running.add(call);
    this.#size += call.size;
  }

  #next() {
    for (const call of this.#queue) {
      if (!this.#hasRoomFor(call)) return;
      this.#queue.delete(call);
      // Whoever has stopped waiting takes no place that nobody would give back.
      if (call.stopped) continue;
      this.#take(call);
      call.start();
    }
  }

  async #carryOut(call) {
    const instance = this.#instance instanceof Instance ? this.#instance : await this.#loaded(call);
    instance.calls.add(call);
    try {
      let step = instance.enter(call, 'begin', call.operation, call.connection);
      for (;;) {
        const { tag, val } = step;
        if (tag === 'done') return val.val;
        if (tag === 'failed') throw new Refusal(val);
        call.open = val.call;
        // Between two steps nothing waits that could be interrupted.
        if (call.stopped) throw call.stopped;
        // What WeCom refused for its token has done nothing: a new one is asked for, or waited for, only then.
        if (tag === 'wait') {
          call.begun = undefined;
          await instance.woken(call, val);
          step = instance.enter(call, 'proceed', val.call);
        } else {
          call.begun = isForToken(val) ? undefined : Date.now();
          const answer = await exchange(val, call.fetch, call);
          step = instance.enter(call, 'resume', val.call, answer);
        }
      }
    } catch (error) {
      if (error === call.stopped) instance.cancel(call.open);
      throw error;
    } finally {
      instance.calls.delete(call);
    }
  }

  /** The instance, when it is there; loading does not keep a call that is to end. */
  async #loaded(call) {
    const instance = await call.interruptible((resolve, reject) => this.#serving().then(resolve, reject));
    if (call.stopped) throw call.stopped;
    return instance;
  }

  async #serving() {
    this.#instance ??= instantiateComponent(this.#component).then(
      ({ stepwise }) => {
        this.#instance = new Instance(stepwise, () => {
          this.#instance = undefined;
        });
        return this.#instance;
      },
      (error) => {
        this.#instance = undefined;
        throw error;
      },
    );
    return this.#instance;
  }
}

class Call {
  /** When its own request was sent, if that was not refused: by the clock that goes on while a process is suspended. */
  begun;
  /** What ended it before its time. */
  stopped;
  /** Ends what it waits for. */
  interrupt;
  /** The number of its open step. */
  open;

  constructor(operation, connection, fetch) {
    this.operation = operation;
    this.connection = connection;
    this.fetch = fetch;
    const { parameters = '', files = [] } = operation.val ?? {};
    // What is one unit of UTF-16 is at most three bytes of UTF-8.
    this.size = files.reduce((sum, { content }) => sum + content.length, 3 * (connection.length + parameters.length));
  }

  stop(trouble, values, cause) {
    if (this.stopped) return;
    this.stopped = new Trouble(trouble, { ...values, begun: this.begun }, { cause });
    this.interrupt?.(this.stopped);
  }

  interruptible(wait) {
    return new Promise((resolve, reject) => {
      this.interrupt = reject;
      wait(resolve, reject);
    });
  }
}

/** An instance of the component, until it traps. */
class Instance {
  calls = new Set();
  /** What waits for another call's token: the number of the step, and what wakes it. */
  waiting = new Map();
  #stepwise;
  #onEnd;
  #trap;

  constructor(stepwise, onEnd) {
    this.#stepwise = stepwise;
    this.#onEnd = onEnd;
  }

  /** Resolves when a call that waits for another one's token can go on: at its deadline, it asks for one itself. */
  async woken(call, { call: open, deadline }) {
    let timer;
    try {
      await call.interruptible((resolve) => {
        this.waiting.set(open, resolve);
        timer = setTimeout(resolve, Number(deadline) - performance.now());
      });
    } finally {
      clearTimeout(timer);
      this.waiting.delete(open);
    }
  }

  /** Begins a call or goes on with it; answers with its next step. */
  enter(call, name, ...args) {
    // What waited for its turn when the instance trapped.
    if (this.#trap) throw new Trouble('died', { reason: this.#trap, begun: call.begun });
    try {
      // Rounded up, so that a timer that ends at a deadline does not come too early.
      const step = this.#stepwise[name](...args, BigInt(Math.ceil(performance.now())));
      this.#wake();
      return step;
    } catch (error) {
      // The component has dropped the call, long after its deadline: this process was suspended.
      if (error?.payload !== undefined) throw new Trouble('dropped', { begun: call.begun });
      this.#end(error);
      throw new Trouble('died', { reason: this.#trap, begun: call.begun });
    }
  }

  /** Drops a call, whatever it waits for. */
  cancel(open) {
    if (this.#trap || open === undefined) return;
    try {
      this.#stepwise.cancel(open);
      this.#wake();
    } catch (error) {
      this.#end(error);
    }
  }

  #wake() {
    if (this.waiting.size === 0) return;
    for (const call of this.#stepwise.woken()) this.waiting.get(call)?.();
  }

  /** A trap leaves the instance in no state to be called again: what it has under way comes to no answer. */
  #end(error) {
    this.#trap = String(error?.message ?? error).split('\n')[0];
    this.#onEnd();
    for (const call of this.calls) call.stop('died', { reason: this.#trap });
  }
}
