/** Which nodes of a workflow may have sent something when the run broke off. */
import { manifest } from 'wecom-connector/palette';
import { AS_JSON, MORE } from '../form/kind.js';
import { nodeDescription } from '../form/node.js';
import { language } from '../language.js';

const actions = new Map(manifest.actions.map((action) => [action.id, action]));
const { name, properties } = nodeDescription(manifest, language);
/** With the package's own name before it: others may call a node the same. As a tool of an agent it is another type. */
const TYPES = ['', 'Tool'].map((suffix) => `n8n-nodes-wecom-connector.${name}${suffix}`);

/**
 * @returns {{ name: string, seconds?: number }[]} The nodes whose call must not be repeated unseen; `seconds`: for how
 *   long it may be all the same, since WeCom drops what it has had before.
 */
export function sendersOf(nodes) {
  return nodes
    .filter(({ type, disabled }) => TYPES.includes(type) && !disabled)
    .map(({ name, parameters = {} }) => ({ name, parameters, action: actions.get(operationOf(parameters)) }))
    .filter(({ action }) => action && !action.idempotent)
    .map(({ name, parameters, action }) => ({ name, seconds: secondsOf(parameters, action) }));
}

/** n8n does not keep what a form begins with. */
function operationOf({ resource = defaultOf('resource'), operation = defaultOf('operation', resource) }) {
  return operation;
}

function defaultOf(field, resource) {
  const isShown = ({ displayOptions }) => !displayOptions || displayOptions.show.resource.includes(resource);
  return properties.find((property) => property.name === field && isShown(property))?.default;
}

/** Nothing where the value is known only when the node runs: by an expression, or from JSON, which counts first. */
function secondsOf({ [MORE]: more, ...parameters }, { idempotent_with }) {
  const seconds = { ...parameters, ...more }[idempotent_with];
  return Number.isInteger(seconds) && seconds > 0 && !more?.[AS_JSON] ? seconds : undefined;
}
