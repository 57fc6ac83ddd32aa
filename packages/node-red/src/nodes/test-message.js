/**
 * The action that a test message goes by: the first one that sends with a connection of that type, and needs nothing
 * but one text for people.
 */
export function testMessage({ actions }, connectionType) {
  return actions.find(({ connection_type, effect, parameters }) => {
    const [name, ...others] = parameters.required ?? [];
    const isText = parameters.properties[name]?.['x-ui']?.widget === 'textarea';
    const isAlone = others.length === 0 && !parameters.if && !parameters.allOf;
    return connection_type === connectionType && effect === 'send' && isText && isAlone;
  });
}
