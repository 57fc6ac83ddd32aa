/**
 * `npm run bench -- [ROUNDS]`: the connector against `fetch` by hand, in one run, against the same server: nginx, or where
 * that is not installed one in Node.js, which takes longer. Both take turns, so that what else the machine does meets
 * both; the median of the rounds counts.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startNginx } from './nginx.js';

const rounds = Number(process.argv[2] ?? 5);
const file = (name) => fileURLToPath(new URL(name, import.meta.url));

async function serve(delay) {
  const server = spawn(process.execPath, [file('server.js'), delay], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(server.stdout, 'data');
  return { base: `http://127.0.0.1:${String(port).trim()}`, stop: () => server.kill() };
}

/** What answers at once, for each figure but one. */
const nginx = await startNginx();
const quick = nginx ?? (await serve(0));
console.log(`against a server that is ${nginx ? 'nginx' : 'in Node.js: nginx is not installed'}`);

async function measure(client, measurement, at = quick.base) {
  const words = [file('measure.js'), client, measurement, at];
  const { stdout } = await promisify(execFile)(process.execPath, words);
  return Number(stdout);
}

async function median(measurement, names, compare) {
  const found = [];
  for (let round = 0; round < rounds; round += 1) {
    const values = [];
    for (const name of names) values.push(await measure(name, measurement));
    found.push(values);
  }
  const middle = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
  return [middle(found.map(compare)), ...names.map((_, index) => middle(found.map((values) => values[index])))];
}

const both = ['connector', 'hand'];
const print = (what, goal, value, unit, details = []) =>
  console.log(
    `${what}: ${value.toFixed(2)}${unit} (goal ${goal}) ${details.map((detail) => detail.toFixed(0)).join(' / ')}`,
  );

const [sequential, ...inSequence] = await median('sequential', both, ([connector, hand]) => connector / hand);
print('one after the other, throughput', '>= 0.8', sequential, '', inSequence);
const [flood, ...atOnce] = await median('flood', both, ([connector, hand]) => connector / hand);
print('2,000 at once, throughput', '>= 0.9', flood, '', atOnce);
// Not what the package does by itself: what an engine has of passing a function of its own.
for (const [what, measurement] of [
  ['one after the other', 'sequential'],
  ['2,000 at once', 'flood'],
]) {
  const [ratio, ...each] = await median(measurement, ['nodeHttp', 'hand'], ([nodeHttp, hand]) => nodeHttp / hand);
  print(`${what}, by node:http in place of fetch`, 'none', ratio, '', each);
}
async function underWay(client) {
  const slow = await serve(200);
  const most = await measure(client, 'underWay', slow.base);
  slow.stop();
  return most;
}
const underWayOfBoth = [await underWay('connector'), await underWay('hand')];
print('at the same time, answered after 200 ms', '>= 1000', underWayOfBoth[0], ' calls', underWayOfBoth);
const [memory, ...most] = await median('memory', both, ([connector, hand]) => connector - hand);
print('2,000 at once, memory above', '<= 40', memory, ' MiB', most);
const [, ...cold] = await median('cold', both, ([connector]) => connector);
print('first call of a process', '<= 150', cold[0], ' ms', cold);
const [guest] = await median('guest', ['connector'], ([connector]) => connector);
print('in the component, a push', '<= 80', guest, ' µs');
await quick.stop();
