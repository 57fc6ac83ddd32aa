/** Questions to the part of this package that runs in Node-RED. */

/** @returns {Promise<object>} The answer; where there is none, one that says so. */
export async function ask(endpoint, body, words) {
  try {
    return await $.ajax({
      url: `wecom-connector/${endpoint}`,
      method: 'POST',
      contentType: 'application/json',
      dataType: 'json',
      data: JSON.stringify({ ...body, lang: words.language }),
    });
  } catch (response) {
    const message = response.responseJSON?.error?.message;
    return { ok: false, error: { message: message ?? words.say('test.unreachable', { status: response.status }) } };
  }
}

/** What to do, in what words that was said, and where WeCom explains it. */
export function errorPanel(error, words) {
  const panel = $('<div class="wecom-failure" role="alert">');
  const line = (text, kind) =>
    $('<div>')
      .addClass(kind ?? '')
      .text(text)
      .appendTo(panel);
  const hint = error.hint?.[words.language];
  if (hint) line(hint);
  if (error.callerIp) line(words.say('test.callerIp', { ip: error.callerIp }));
  line(error.said ?? error.message, hint ? 'wecom-failure-words' : undefined);
  if (error.link) {
    $('<a target="_blank" rel="noreferrer">').attr('href', error.link).text(words.say('test.help')).appendTo(panel);
  }
  return panel;
}
