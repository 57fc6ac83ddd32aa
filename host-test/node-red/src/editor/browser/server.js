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

/** What went wrong, what to do about it, and where WeCom explains it. */
export function errorPanel(error, words) {
  const panel = $('<div class="wecom-failure" role="alert">');
  $('<div class="wecom-failure-message">').text(error.message).appendTo(panel);
  const hint = error.hint?.[words.language];
  if (hint && !error.message.includes(hint)) $('<div>').text(hint).appendTo(panel);
  if (error.callerIp) {
    $('<div>')
      .text(words.say('test.callerIp', { ip: error.callerIp }))
      .appendTo(panel);
  }
  if (error.link) {
    $('<a target="_blank" rel="noreferrer">').attr('href', error.link).text(words.say('test.help')).appendTo(panel);
  }
  return panel;
}
