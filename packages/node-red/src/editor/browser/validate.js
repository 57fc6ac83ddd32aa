/**
 * Checks values against a JSON Schema, with a third answer beside valid and invalid: UNKNOWN stands for a value that is
 * there, but is known only when the flow runs. Nothing is held against it, and a rule whose condition depends on it is
 * left alone. That is what no ordinary validator offers.
 */

/** A value that the message, a context, the environment or an expression will bring. */
export const UNKNOWN = Symbol('unknown');

const VALID = 1;
const OPEN = 0;
const INVALID = -1;

/**
 * @typedef {object} Problem
 * @property {(string | number)[]} path Where: names and indices.
 * @property {string} keyword The rule that is broken.
 * @property {unknown} limit What the schema says there.
 * @property {boolean} warning The value is taken, but not as it is.
 * @property {{ rule: object, path: (string | number)[] }} [condition] The innermost `if` that makes the rule hold, with
 *   those around it that ask about missing fields, too; and the object that it asks about.
 * @property {string[]} [characters] Those that a pattern does not allow, where it is they that break it.
 */

/** @returns {Problem[]} */
export function validate(schema, value) {
  const problems = [];
  check(schema, value, [], undefined, problems);
  return problems;
}

function check(schema, value, path, condition, problems) {
  if (schema === true) return VALID;
  const report = (keyword, limit, at = path) => {
    problems.push({ path: at, keyword, limit, warning: false, condition });
    return INVALID;
  };
  if (schema === false) return report('false', false);
  if (value === UNKNOWN) return OPEN;
  if (schema.type !== undefined && !isOfType(schema.type, value)) return report('type', schema.type);

  let verdict = VALID;
  const and = (answer) => {
    verdict = Math.min(verdict, answer);
  };
  // Where only the answer counts, problems are thrown away.
  const ask = (inner, of = value) => check(inner, of, path, condition, []);

  if (schema.const !== undefined && value !== schema.const) and(report('const', schema.const));
  if (schema.enum && !schema.enum.includes(value)) and(report('enum', schema.enum));
  if (typeof value === 'number') {
    if (value < schema.minimum) and(report('minimum', schema.minimum));
    if (value > schema.maximum) and(report('maximum', schema.maximum));
  }
  if (typeof value === 'string') and(checkText(schema, value, path, condition, problems, report));
  if (Array.isArray(value)) {
    if (value.length < schema.minItems) and(report('minItems', schema.minItems));
    if (value.length > schema.maxItems) and(report('maxItems', schema.maxItems));
    if (schema.uniqueItems && new Set(value.map((entry) => JSON.stringify(entry))).size < value.length) {
      and(report('uniqueItems', true));
    }
    if (schema.items !== undefined) {
      value.forEach((entry, index) => {
        and(check(schema.items, entry, [...path, index], condition, problems));
      });
    }
    if (schema.contains !== undefined) {
      const best = Math.max(INVALID, ...value.map((entry) => ask(schema.contains, entry)));
      and(best === INVALID ? report('contains', schema.contains) : best);
    }
  }
  if (isObject(value)) {
    for (const name of schema.required ?? []) {
      if (!Object.hasOwn(value, name)) and(report('required', true, [...path, name]));
    }
    for (const [name, inner] of Object.entries(schema.properties ?? {})) {
      if (Object.hasOwn(value, name)) and(check(inner, value[name], [...path, name], condition, problems));
    }
    if (schema.additionalProperties === false) {
      for (const name of Object.keys(value)) {
        if (!Object.hasOwn(schema.properties ?? {}, name)) and(report('additionalProperties', false, [...path, name]));
      }
    }
  }

  for (const inner of schema.allOf ?? []) and(check(inner, value, path, condition, problems));
  if (schema.anyOf) {
    const best = Math.max(...schema.anyOf.map((inner) => ask(inner)));
    and(best === INVALID ? report('anyOf', schema.anyOf) : best);
  }
  if (schema.oneOf) {
    const answers = schema.oneOf.map((inner) => ask(inner));
    const fitting = answers.filter((answer) => answer === VALID).length;
    if (fitting === 1 && !answers.includes(OPEN)) and(VALID);
    else and(fitting > 1 || !answers.includes(OPEN) ? report('oneOf', schema.oneOf) : OPEN);
  }
  if (schema.not !== undefined) {
    const answer = ask(schema.not);
    and(answer === VALID ? report('not', schema.not) : -answer);
  }
  if (schema.if !== undefined) {
    const answer = ask(schema.if);
    const branch = answer === VALID ? schema.then : answer === INVALID ? schema.else : undefined;
    // An `else` says in which case it holds by an `if` of its own, or needs no saying.
    const inner = answer === VALID ? { rule: within(condition, schema.if, path), path } : undefined;
    if (answer === OPEN) and(OPEN);
    else if (branch !== undefined) and(check(branch, value, path, inner, problems));
  }
  return verdict;
}

/** An `if` in the branch of another: where both ask about what is missing, the rule holds for both. */
function within(outer, rule, path) {
  if (!rule.not || !outer?.rule.not || outer.path !== path) return rule;
  return { not: { anyOf: [outer.rule.not, rule.not] } };
}

function checkText(schema, value, path, condition, problems, report) {
  let verdict = VALID;
  const length = characters(value);
  if (length < schema.minLength) verdict = report('minLength', schema.minLength);
  if (length > schema.maxLength) verdict = report('maxLength', schema.maxLength);
  if (schema.pattern && !new RegExp(schema.pattern, 'u').test(value)) {
    verdict = report('pattern', schema.pattern);
    problems.at(-1).characters = notAllowed(schema.pattern, value);
  }
  const { minBytes, maxBytes, maxCharacters, excess } = schema['x-ui'] ?? {};
  if (bytes(value) < minBytes) verdict = report('minBytes', minBytes);
  const over = [
    bytes(value) > maxBytes ? ['maxBytes', 'cutBytes', maxBytes] : undefined,
    length > maxCharacters ? ['maxCharacters', 'cutCharacters', maxCharacters] : undefined,
  ];
  for (const [refused, cut, limit] of over.filter(Boolean)) {
    if (excess === 'cut') problems.push({ path, keyword: cut, limit, warning: true, condition });
    else verdict = report(refused, limit);
  }
  return verdict;
}

/**
 * The characters that the pattern allows nowhere. None where it allows none of the text's by itself: then the form is
 * wrong, and not a character.
 */
function notAllowed(pattern, text) {
  const expression = new RegExp(pattern, 'u');
  // Some may stand behind another only.
  const places = ['', 'a', '0'];
  const all = [...new Set(text)];
  const wrong = all.filter((character) => !places.some((before) => expression.test(before + character)));
  if (places.some((before) => before !== '' && expression.test(before))) return wrong;
  // Of an address no part fits by itself. What nobody sees has to be named all the same: it looks right.
  const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
  return expression.test(text.replace(unseen, '')) ? [...new Set(text.match(unseen))] : [];
}

function isOfType(type, value) {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    case 'null':
      return value === null;
    default:
      // The other names of JSON Schema are those of JavaScript.
      return typeof value === type;
  }
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Length as JSON Schema counts: by code points, not by UTF-16 units. */
export function characters(text) {
  return [...text].length;
}

/** Length in UTF-8. */
export function bytes(text) {
  return new TextEncoder().encode(text).length;
}
