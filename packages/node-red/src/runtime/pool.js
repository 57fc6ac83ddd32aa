import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

/** What went wrong on this side of the component. `trouble` and `values` say it in any language. */
export class PoolError extends Error {
  constructor(trouble, values) {
    super(trouble);
    this.trouble = trouble;
    this.values = values;
  }
}

/**
 * Worker threads with an instance of the component each. A thread is started when all others are busy, and replaced
 * when it dies. Idle threads do not keep the process alive.
 */
export class Pool {
  #component;
  #expected;
  #size;
  #deadline;
  #threads = new Set();
  /** Tasks that wait, by key, the key that comes next first: who floods one connection does not starve the others. */
  #waiting = new Map();
  #closed = false;

  /**
   * @param {URL} options.component The module of the transpiled component.
   * @param {{ package: string, version: string }} options.expected What the component has to say of itself.
   */
  constructor({ component, expected, size, deadlineSeconds }) {
    this.#component = component;
    this.#expected = { package: expected.package, version: expected.version };
    this.#size = size;
    this.#deadline = deadlineSeconds;
  }

  /**
   * Calls a function of the component. Resolves to `{ ok }` or `{ error }`, and rejects with a PoolError.
   *
   * @param {string} call The function; none only makes sure that there is a worker that can serve.
   * @param {string} key Calls of the same key go to the same worker where it is idle: it has their access token.
   */
  run(call, args, key) {
    if (this.#closed) return Promise.reject(new PoolError('closed', { begun: false }));
    return new Promise((resolve, reject) => {
      const task = { call, args, key, resolve, reject };
      const thread = this.#choose(key);
      if (thread) this.#carryOut(thread, task);
      else if (this.#waiting.has(key)) this.#waiting.get(key).push(task);
      else this.#waiting.set(key, [task]);
    });
  }

  /** Rejects what waits, gives what is under way this long to end, then ends all threads. */
  async close(graceSeconds) {
    this.#closed = true;
    for (const task of [...this.#waiting.values()].flat()) task.reject(new PoolError('closed', { begun: false }));
    this.#waiting.clear();
    const busy = [...this.#threads].filter((thread) => thread.busy);
    let timer;
    const grace = new Promise((resolve) => {
      timer = setTimeout(resolve, graceSeconds * 1000);
    });
    await Promise.race([Promise.allSettled(busy.map((thread) => thread.busy)), grace]);
    clearTimeout(timer);
    await Promise.all([...this.#threads].map((thread) => thread.end('closed', {})));
  }

  #choose(key) {
    const idle = [...this.#threads].filter((thread) => !thread.busy);
    const thread = idle.find((candidate) => candidate.keys.has(key)) ?? idle[0];
    if (thread || this.#threads.size >= this.#size) return thread;
    const started = new Thread(this.#component, this.#expected);
    this.#threads.add(started);
    started.ended.then(() => this.#threads.delete(started));
    return started;
  }

  #carryOut(thread, task) {
    thread.keys.add(task.key);
    thread.busy = thread
      .run(task, this.#deadline)
      .then(task.resolve, task.reject)
      .finally(() => {
        thread.busy = undefined;
        this.#next();
      });
  }

  #next() {
    const [key, tasks] = this.#waiting.entries().next().value ?? [];
    if (!tasks) return;
    const thread = this.#choose(key);
    if (!thread) return;
    const task = tasks.shift();
    this.#waiting.delete(key);
    if (tasks.length > 0) this.#waiting.set(key, tasks);
    this.#carryOut(thread, task);
  }
}

class Thread {
  /** What it is doing, as a promise that never rejects. */
  busy;
  /** Keys of the calls that it has served. */
  keys = new Set();
  /** Resolves when the thread can serve no more. */
  ended;
  #worker;
  #ready;
  #reply;
  #end;
  #over = false;

  constructor(component, expected) {
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#ready = this.#start(component, expected);
    // Whoever runs the first task learns it.
    this.#ready.catch(() => {});
  }

  #start(component, expected) {
    const path = fileURLToPath(component);
    if (!existsSync(path)) {
      this.#end();
      return Promise.reject(new PoolError('missing', { path }));
    }
    return new Promise((resolve, reject) => {
      this.#reply = { resolve, reject };
      this.#worker = new Worker(new URL('worker.js', import.meta.url), {
        workerData: { component: component.href, expected },
        name: 'wecom-connector',
        // Options of the program, such as --input-type, need not suit a thread.
        execArgv: [],
      });
      let started = false;
      this.#worker.on('message', ({ trouble, values, ...reply }) => {
        started = true;
        if (trouble) this.end(trouble, values);
        else this.#reply.resolve(reply);
      });
      // What ends a thread before it could load the component would end the next one, too.
      const fail = (reason) => this.end(started ? 'died' : 'broken', { reason });
      this.#worker.on('error', (error) => fail(String(error?.message ?? error)));
      this.#worker.on('exit', (status) => fail(`exit ${status}`));
    });
  }

  async run({ call, args }, deadlineSeconds) {
    this.#worker?.ref();
    try {
      await this.#ready;
      if (call === undefined) return undefined;
      return await new Promise((resolve, reject) => {
        const timer = setTimeout(() => this.end('deadline', { seconds: deadlineSeconds }), deadlineSeconds * 1000);
        const finish = (settle) => (value) => {
          clearTimeout(timer);
          settle(value);
        };
        this.#reply = {
          begun: true,
          resolve: finish(resolve),
          reject: finish(reject),
        };
        this.#worker.postMessage({ call, args });
      });
    } finally {
      this.#reply = undefined;
      if (!this.#over) this.#worker?.unref();
    }
  }

  /** Ends the thread for a reason, which becomes the answer to what it was doing. */
  async end(trouble, values) {
    this.#over = true;
    this.#end();
    const reply = this.#reply;
    this.#reply = undefined;
    reply?.reject(new PoolError(trouble, { ...values, begun: reply.begun === true }));
    // Who waits for the end must not be left alone by a process that finds nothing else to do.
    this.#worker?.ref();
    await this.#worker?.terminate();
  }
}
