/** The palette's entries. */

/**
 * Labels are longer than Node-RED's palette is made for, and many: this gives each group a heading, and the nodes in it
 * the width of the palette. The category stands behind Node-RED's own first one, unless the settings order categories.
 */
export function dressPalette(type, definition, { group, heading, short, names }) {
  const place = $(`#red-ui-palette-wecom-${group}`);
  if (place.children('.wecom-palette-heading').length === 0) {
    $('<div class="wecom-palette-heading">').text(heading).prependTo(place);
  }
  const category = place.closest('.red-ui-palette-category');
  if (!RED.settings.paletteCategories && !RED.settings.theme('palette.categories')) {
    const first = $('#red-ui-palette-container-common');
    if (first.length > 0 && !first.next().is(category)) first.after(category);
  }
  const node = place.children(`[data-palette-type="${type}"]`).addClass('wecom-palette-node');
  node.css('height', '');
  node.find('.red-ui-palette-label').text(short);
  node.find('.red-ui-palette-port').css('top', '');
  // What Node-RED's search looks at: by its name in WeCom's tables, and by the name of the product, it is found, too.
  node.attr('data-palette-label', [...new Set(names), definition._('package')].join(' '));
}
