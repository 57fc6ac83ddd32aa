/** What went wrong on this side of the component. `trouble` and `values` say it in any language. */
export class Trouble extends Error {
  constructor(trouble, values = {}, options = undefined) {
    super(trouble, options);
    this.trouble = trouble;
    this.values = values;
  }
}

/** What the component answered to a call that did not end well. */
export class Refusal extends Error {
  constructor(answer) {
    super(answer.tag);
    this.answer = answer;
  }
}
