/** One thread, one instance of the component. Its calls are synchronous: they block this thread and no other. */
import { parentPort, workerData } from 'node:worker_threads';

async function load() {
  const { component, expected } = workerData;
  let connector;
  let found;
  try {
    ({ connector } = await import(component));
    found = JSON.parse(connector.manifest());
  } catch (error) {
    parentPort.postMessage({ trouble: 'broken', values: { reason: firstLine(error) } });
    return;
  }
  const name = ({ package: contract, version }) => `${contract} ${version}`;
  if (name(found) !== name(expected)) {
    parentPort.postMessage({ trouble: 'otherVersion', values: { found: name(found), expected: name(expected) } });
    return;
  }
  parentPort.on('message', ({ call, args }) => answer(connector, call, args));
  parentPort.postMessage({ ready: true });
}

function answer(connector, call, args) {
  let value;
  try {
    value = connector[call](...args);
  } catch (error) {
    if (error.payload === undefined) {
      // A trap: the instance is in no state to be called again, and this thread has no other.
      parentPort.postMessage({ trouble: 'died', values: { reason: firstLine(error) } });
      parentPort.close();
    } else {
      parentPort.postMessage({ error: error.payload });
    }
    return;
  }
  parentPort.postMessage({ ok: value });
}

function firstLine(error) {
  return String(error?.message ?? error).split('\n')[0];
}

await load();
