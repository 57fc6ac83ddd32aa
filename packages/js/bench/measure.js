/** `measure.js CLIENT MEASUREMENT BASE`: one measurement in a process of its own; prints a number. */
import { clients, connectionTo } from './clients.js';

const [client, measurement, base] = process.argv.slice(2);

const measurements = {
  /** Milliseconds from the import of the package to the end of the first push. */
  async cold() {
    const began = performance.now();
    await (await clients[client](base))();
    return performance.now() - began;
  },

  /** Pushes in a second, one after the other. */
  async sequential() {
    const push = await clients[client](base);
    for (let warm = 0; warm < 4000; warm += 1) await push();
    const began = performance.now();
    for (let call = 0; call < 4000; call += 1) await push();
    return 4_000_000 / (performance.now() - began);
  },

  /** Pushes in a second, 2,000 at once. The best of several, since the first opens 2,000 connections. */
  async flood() {
    const push = await clients[client](base);
    await push();
    let best = 0;
    for (let round = 0; round < 5; round += 1) {
      const began = performance.now();
      await Promise.all(Array.from({ length: 2000 }, push));
      best = Math.max(best, 2_000_000 / (performance.now() - began));
    }
    return best;
  },

  /** How many messages of 2,000 at once the server had at the same time: it takes a while with each. */
  async underWay() {
    const push = await clients[client](base);
    await push();
    await Promise.all(Array.from({ length: 2000 }, push));
    return (await fetch(`${base}/most`)).json();
  },

  /** MiB that the process had at most, with 2,000 at once. */
  async memory() {
    const push = await clients[client](base);
    await Promise.all(Array.from({ length: 2000 }, push));
    return process.resourceUsage().maxRSS / 1024;
  },

  /** Microseconds that the component takes for a push, in both steps, with what jco makes of it; no HTTP. */
  async guest() {
    const { instantiateComponent, ownComponent } = await import('../src/component.js');
    const { stepwise } = await instantiateComponent(ownComponent);
    const connection = JSON.stringify(connectionTo(base));
    const parameters = JSON.stringify({ to_user: ['zhangsan'], content: '部署完成，请验收。' });
    const answered = (answer) => {
      const body = new TextEncoder().encode(JSON.stringify({ errcode: 0, errmsg: 'ok', ...answer }));
      return { tag: 'response', val: { status: 200, retryAfter: undefined, contentDisposition: undefined, body } };
    };
    const token = answered({ access_token: 'BENCH-access-token-not-real'.padEnd(200, '0'), expires_in: 7200 });
    const sent = answered({ msgid: 'BENCH-message-000000000000000000000000000000000000' });
    const operation = { tag: 'invoke', val: { action: 'push-text-message', parameters, files: [] } };
    const push = () => {
      let step = stepwise.begin(operation, connection, 0n);
      for (let answer = token; step.tag === 'send'; answer = sent) {
        step = stepwise.resume(step.val.call, step.val.method === 'get' ? answer : sent, 0n);
      }
      if (step.tag !== 'done') throw new Error(step.tag);
    };
    for (let warm = 0; warm < 20_000; warm += 1) push();
    const began = performance.now();
    for (let call = 0; call < 20_000; call += 1) push();
    return (performance.now() - began) / 20;
  },
};

console.log(await measurements[measurement]());
// What the server keeps open would keep this process, too.
process.exit(0);
