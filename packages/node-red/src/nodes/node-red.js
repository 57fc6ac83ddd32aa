/** What Node-RED itself means by a value, in the editor and where flows run. */

/** Stands in the editor for a secret that it has stored: the secret never goes back there. */
export const STORED = '__PWRD__';

/** Whether Node-RED puts a variable of the environment in the place of the value when it starts a flow. */
export function isVariable(value) {
  return typeof value === 'string' && /^\$\{[^}]+\}$/.test(value);
}
