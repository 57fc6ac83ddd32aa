/** The name of an action in JavaScript: `push-text-message` becomes `pushTextMessage`. */
export function methodName(action) {
  return action.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
