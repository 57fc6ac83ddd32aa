/** All types of nodes, in the order of the page that holds them. */
export function nodeTypes({ connection_types, callback, actions }) {
  return [
    ...connection_types.map(({ type }) => `wecom-${type}`),
    `wecom-${callback.connection_type.type}`,
    'wecom-event',
    'wecom-reply',
    ...actions.map(({ id }) => `wecom-${id}`),
  ];
}
