/** The test of a connection: a button, what WeCom said of each credential at its own field, and all of it in short. */
import { ask, errorPanel } from './server.js';

const ICONS = { proved: 'fa-check-circle', refused: 'fa-times-circle', unproved: 'fa-question-circle' };

/**
 * @param {Record<string, object>} rows The rows of the fields, by name.
 * @param {() => boolean} isComplete Marks what is wrong with what is typed; false where that is anything.
 * @param {() => object} request What names the connection as it is typed.
 * @returns {{ row: object, forget: () => void }} `forget` takes back what was found: something else is typed now.
 */
export function testPanel({ rows, isComplete, request, hasTestMessage }, words) {
  const button = $('<button type="button" class="red-ui-button wecom-test"><i class="fa fa-plug"></i> </button>');
  button.append(document.createTextNode(words.say('test.button')));
  const result = $('<div class="wecom-test-result" aria-live="polite">');
  /** Answers to an earlier question than the last are of no interest. */
  let asked = 0;

  const forget = () => {
    asked += 1;
    result.empty();
    button.prop('disabled', false);
    for (const row of Object.values(rows)) row.below.empty();
  };
  const show = (content) => result.empty().append(content);
  const question = async (endpoint, waiting, draw) => {
    asked += 1;
    const number = asked;
    show($('<div class="wecom-note">').text(waiting));
    button.prop('disabled', true);
    const answer = await ask(endpoint, request(), words);
    if (number !== asked) return;
    button.prop('disabled', false);
    show(draw(answer));
    const [wrong] = result.parents('.wecom-form').find('.wecom-found-refused');
    wrong?.scrollIntoView({ block: 'center' });
  };

  button.on('click', () => {
    forget();
    if (!isComplete()) {
      show(neutral(words.say('test.notAsked')));
      return;
    }
    question('test-connection', words.say('test.running'), (answer) =>
      answer.ok ? checked(answer.checks) : failed(answer.error),
    );
  });

  const checked = (checks) => {
    const states = checks.map((check) => (check.error ? 'refused' : check.proved ? 'proved' : 'unproved'));
    const kind = states.includes('refused') ? 'failure' : states.includes('unproved') ? 'neutral' : 'success';
    const panel = $('<div class="wecom-result">').addClass(`wecom-${kind}`);
    checks.forEach((check, index) => {
      const name = check.pointer?.slice(1) ?? nameOf(check.credential);
      line(states[index], sentenceOf(states[index], name, check.error)).appendTo(panel);
      atField(name, states[index], check.error);
    });
    // Two secrets may have the same to say; beside what is wrong it does not matter.
    const details = kind === 'failure' ? [] : checks.map(({ detail }) => detail[words.language]);
    for (const detail of new Set(details)) $('<div class="wecom-check-detail">').text(detail).appendTo(panel);
    if (hasTestMessage && kind === 'neutral') offerMessage(panel);
    return panel;
  };

  const failed = (error) => {
    const faults = (error.faults ?? []).filter(({ pointer }) => rows[pointer.split('/')[1]]);
    for (const { pointer, message } of faults) atField(pointer.split('/')[1], 'refused', undefined, message);
    if (faults.length > 0) return neutral(words.say('test.notAsked'));
    const name = error.pointer?.slice(1);
    if (rows[name]) {
      atField(name, 'refused', error);
      return $('<div class="wecom-result wecom-failure">').append(line('refused', sentenceOf('refused', name, error)));
    }
    return errorPanel(error, words)
      .addClass('wecom-result')
      .prepend(line('refused', words.say('test.failed')));
  };

  const sentenceOf = (state, name, error) => {
    const field = words.title(name);
    if (state !== 'refused') return words.say('rule.named', { field, rule: words.say(`test.${state}`) });
    const { category, code, brief } = error;
    if (category === 'authentication' && code !== undefined) return words.say('test.wrong', { field, code });
    return words.say('rule.named', { field, rule: brief ?? words.say('test.failed') });
  };

  /** Below the field itself: where WeCom refused it with all that helps, else in a word. */
  const atField = (name, state, error, message) => {
    const place = rows[name]?.below;
    if (!place) return;
    const found = $('<div class="wecom-found">').addClass(`wecom-found-${state}`).appendTo(place);
    if (message !== undefined) line(state, message).appendTo(found);
    else if (state === 'refused') {
      line(state, sentenceOf(state, name, error)).appendTo(found);
      errorPanel(error, words).appendTo(found);
    } else line(state, words.say(`test.${state}`)).appendTo(found);
    // What is folded away is not read.
    found.closest('details').prop('open', true);
  };

  const offerMessage = (panel) => {
    const place = $('<div class="wecom-offer">').appendTo(panel);
    const small = (text) => $('<button type="button" class="red-ui-button red-ui-button-small">').text(text);
    const offer = () => {
      const send = small(words.say('test.send')).addClass('wecom-send').on('click', confirm);
      place.empty().append(send);
    };
    const confirm = () => {
      const now = small(words.say('test.sendNow')).addClass('wecom-send-now primary');
      now.on('click', () =>
        question('test-message', words.say('test.sending'), (answer) =>
          answer.ok
            ? $('<div class="wecom-result wecom-success">').append(line('proved', words.say('test.sent')))
            : failed(answer.error),
        ),
      );
      const cancel = small(words.say('test.cancel')).on('click', offer);
      place.empty().append($('<div>').text(words.say('test.sendConfirm')), now, cancel);
    };
    offer();
  };

  return { row: $('<div class="wecom-test-row">').append(button, result), forget };
}

function line(state, text) {
  return $('<div class="wecom-check">')
    .addClass(`wecom-${state}`)
    .append($('<i class="fa">').addClass(ICONS[state]), $('<div>').text(text));
}

function neutral(text) {
  return $('<div class="wecom-result wecom-neutral">').text(text);
}

/** The connector names a credential as WIT does. */
function nameOf(credential) {
  return credential.replaceAll('-', '_');
}
