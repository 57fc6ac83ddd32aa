// Node-RED requires its nodes; everything else is ES modules. This is dist/nodes/wecom.js, and what it imports is bundled.
module.exports = async (RED) => {
  const { register } = await import('../register.js');
  register(RED);
};
