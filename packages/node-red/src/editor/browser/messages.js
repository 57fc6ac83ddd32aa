/** From a broken rule to a sentence in the editor's language. */

/**
 * @typedef {object} Words
 * @property {(key: string, values?: object) => string} say One of this package's own texts.
 * @property {(name: string) => string} title The label of a field.
 * @property {(name: string) => string | undefined} example What the field could hold.
 * @property {(name: string, value: unknown) => string} choice The label of one of its choices.
 * @property {(name: string) => Words} within The texts of the fields that a field has inside it.
 */

/**
 * What is wrong, to be read beside the field or behind its name; of a field inside another, beside that one.
 *
 * @param {import('./validate.js').Problem} problem
 * @param {Words} words Those of the outermost fields.
 */
export function sentence({ path, keyword, limit, condition, characters }, words) {
  const { say } = words;
  const field = locate(path, words);
  let rule = keyword === 'pattern' ? patternRule(field, characters) : say(ruleKey(keyword, limit), { limit });
  if (field.index !== undefined) rule = say('rule.entry', { number: field.index + 1, rule });
  const where = condition && describe(condition.rule, wordsAt(condition.path, words));
  return where ? say('rule.where', { rule, condition: where }) : rule;
}

/** The label of the field that a path leads to; inside another field, with the label of that one, and the entry. */
export function place(path, words) {
  const { outer, words: own, name } = locate(path, words);
  const label = own.title(String(name));
  return [...outer].reverse().reduce((inner, of) => words.say('rule.inside', { outer: of, inner }), label);
}

/** Which entry of a list of records it is. */
export function entryLabel(name, index, words) {
  return words.say('rule.numbered', { field: words.title(name), number: index + 1 });
}

/**
 * @returns The innermost field of a path and the texts of the fields beside it, the entry of it that is meant, and the
 *   labels of what it lies in.
 */
function locate([name, ...rest], words) {
  const next = rest.findIndex((step) => typeof step === 'string');
  if (next < 0) return { name, index: rest[0], words, outer: [] };
  const label = next > 0 ? entryLabel(name, rest[0], words) : words.title(name);
  const inner = locate(rest.slice(next), words.within(name));
  return { ...inner, outer: [label, ...inner.outer] };
}

/** The texts of the fields of the object that a path leads to. */
function wordsAt(path, words) {
  return path.filter((step) => typeof step === 'string').reduce((of, name) => of.within(name), words);
}

/** Which characters are wrong, or how the text should look instead: a pattern is for machines. */
function patternRule({ name, index, words: { say, example } }, characters) {
  if (characters?.length > 0) {
    const shown = characters.slice(0, 5).map((character) => {
      if (character === ' ') return say('rule.blank');
      const isSeen = !/[\p{C}\p{Z}]/u.test(character);
      return isSeen ? `“${character}”` : `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
    });
    return say('rule.characters', { characters: shown.join(say('rule.comma')) });
  }
  const right = index === undefined ? example(name) : example(name)?.split(', ')[0];
  return right ? say('rule.form', { example: right }) : say('rule.pattern');
}

function ruleKey(keyword, limit) {
  if (keyword === 'type') return `rule.type.${limit}`;
  // To demand what is not empty is to demand it; to allow nothing is to demand that it stays empty.
  if ((keyword === 'minItems' || keyword === 'minLength') && limit === 1) return 'rule.required';
  if ((keyword === 'maxItems' || keyword === 'maxLength') && limit === 0) return 'rule.empty';
  return `rule.${keyword}`;
}

/** An `if` in words, as far as it says something about fields. */
function describe(schema, words, negated = false) {
  if (schema.not) return describe(schema.not, words, !negated);
  const { say, title } = words;
  const join = (parts, isAnd) => parts.join(say(isAnd ? 'condition.and' : 'condition.or'));
  if (schema.anyOf) {
    return join(
      schema.anyOf.map((inner) => describe(inner, words, negated)),
      negated,
    );
  }
  const names = new Set([...Object.keys(schema.properties ?? {}), ...(schema.required ?? [])]);
  const parts = [...names].map((name) => {
    const property = schema.properties?.[name] ?? {};
    const field = title(name);
    if (negated && property.const !== undefined) {
      return say('condition.isNot', { field, value: words.choice(name, property.const) });
    }
    if (negated) return say('condition.empty', { field });
    if (property.contains?.const !== undefined) {
      return say('condition.contains', { field, value: words.choice(name, property.contains.const) });
    }
    if (property.const !== undefined) {
      return say('condition.is', { field, value: words.choice(name, property.const) });
    }
    return say('condition.filled', { field });
  });
  return join(parts, !negated);
}

/**
 * Fields of which one must be filled in: where all but the last are missing, the schema demands that.
 *
 * @returns {Record<string, string[]>} The other ones, by field.
 */
export function alternatives(schema) {
  const result = {};
  const collect = (rule, missing) => {
    const demanded = rule.required ?? [];
    if (missing.length > 0 && demanded.length === 1) {
      const all = [...missing, ...demanded];
      for (const name of all) {
        const others = all.filter((other) => other !== name);
        // Two branches may say the same.
        result[name] = [...new Set([...(result[name] ?? []), ...others])];
      }
    }
    for (const inner of rule.allOf ?? []) collect(inner, missing);
    const asked = rule.if?.not?.required ?? [];
    if (rule.then) collect(rule.then, asked.length === 1 ? [...missing, ...asked] : []);
    if (rule.else) collect(rule.else, []);
  };
  collect(schema, []);
  return result;
}

/** In the shape of Node-RED's validators: true, or the sentences that its triangle shows. */
export function sentences(problems, words) {
  const errors = problems.filter(({ warning }) => !warning);
  if (errors.length === 0) return true;
  return errors.map((problem) => {
    return words.say('rule.named', { field: place(problem.path, words), rule: sentence(problem, words) });
  });
}
