/** The name of an action in JavaScript: `do-a-thing` becomes `doAThing`. */
export function methodName(action) {
  return action.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
