/** Which node serves which path: of several with the same one the first, and when that is gone the next. */
export class Paths {
  #claims = new Map();

  /**
   * @param {{ serve: (request: object, response: object) => void, begin: () => void }} claim `begin` is called when its
   *   turn has come: at once, or later.
   * @returns {object | undefined} The claim that is in the way.
   */
  claim(path, claim) {
    const claims = this.#claims.get(path) ?? [];
    this.#claims.set(path, [...claims, claim]);
    if (claims.length === 0) claim.begin();
    return claims[0];
  }

  release(path, claim) {
    const [first, ...others] = this.#claims.get(path) ?? [];
    const left = first === claim ? others : [first, ...others.filter((other) => other !== claim)];
    if (left.length > 0) this.#claims.set(path, left);
    else this.#claims.delete(path);
    if (first === claim) left[0]?.begin();
  }

  at(path) {
    return this.#claims.get(path)?.[0];
  }
}

/** The path as it is compared: as a person writes it, without a stroke at the end. None where it is no path. */
export function pathOf(text) {
  const path = typeof text === 'string' ? text.trim() : '';
  if (!/^\/?[^\s?#/][^\s?#]*$/.test(path)) return undefined;
  return decoded(`/${path.replace(/^\/|\/+$/g, '')}`);
}

function decoded(path) {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
