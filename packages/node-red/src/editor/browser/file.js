/** A button that puts a file from this computer into a field, in the encoding that the schema names. */

/** What it holds is part of the flow, and Node-RED takes no more than 5 MB of flows in a deployment. */
const MOST_BYTES = 3 * 1024 * 1024;

/** Adds the button where the field takes a file in Base64. */
export function addFile(row, control, schema, words) {
  if (schema['x-ui']?.widget !== 'file') return;
  const chooser = $('<input type="file" style="display: none">').appendTo(row.control);
  const button = $(
    '<button type="button" class="red-ui-button wecom-pick"><i class="fa fa-folder-open-o"></i></button>',
  )
    .attr({ title: words.say('file.choose'), 'aria-label': words.say('file.choose') })
    .on('click', () => chooser.trigger('click'));
  button.appendTo(row.control);
  const note = (text) => row.below.empty().append($('<div class="wecom-note">').text(text));

  chooser.on('change', async () => {
    const [file] = chooser[0].files;
    // The same file can be chosen again after it was changed.
    if (!file) return;
    const size = sizeOf(file.size);
    const most = Math.min(Math.floor((schema.maxLength ?? Number.POSITIVE_INFINITY) / 4) * 3, MOST_BYTES);
    if (file.size > most) {
      note(
        words.say(most < MOST_BYTES ? 'file.tooLarge' : 'file.tooLargeHere', {
          name: file.name,
          size,
          limit: sizeOf(most),
        }),
      );
    } else {
      control.set(await encoded(file));
      note(words.say('file.chosen', { name: file.name, size }));
    }
    chooser.val('');
  });
}

function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function sizeOf(bytes) {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
