/** Where the manifest comes apart: its own values, and those of each action. */
const parts = (manifest) => [
  ...Object.keys(manifest)
    .filter((name) => name !== 'actions')
    .map((name) => [name]),
  ...manifest.actions.flatMap((action, index) => Object.keys(action).map((name) => ['actions', index, name])),
];

/** What is worth to be left for later, in letters of JSON. */
const LONG = 400;

/**
 * The manifest as a module, which a browser imports as Node.js does. A process that sends one message needs a hundredth
 * of it: what is long is a text until somebody reads it, which is parsed faster than code.
 */
export function manifestModule(manifest) {
  const short = structuredClone(manifest);
  const long = [];
  for (const path of parts(manifest)) {
    const within = path.slice(0, -1).reduce((value, name) => value[name], short);
    const name = path.at(-1);
    const text = inAscii(JSON.stringify(within[name]));
    if (text.length < LONG) continue;
    // It keeps its place among the others.
    within[name] = null;
    long.push([path, text]);
  }
  return `const manifest = JSON.parse(${JSON.stringify(inAscii(JSON.stringify(short)))});
for (const [path, text] of ${JSON.stringify(long)}) {
  const name = path.pop();
  const within = path.reduce((value, name) => value[name], manifest);
  let read;
  function put(value) {
    Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
  }
  Object.defineProperty(within, name, {
    get() {
      read ??= JSON.parse(text);
      if (Object.isExtensible(within)) put.call(within, read);
      return read;
    },
    set: put,
  });
}
export default manifest;
`;
}

/** A text of ASCII takes half the memory, and is read faster. */
function inAscii(json) {
  return json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
