// Node-RED requires its nodes; everything else here is ES modules. The same path leads to them from dist/nodes/.
module.exports = async (RED) => {
  const { register } = await import('../../src/nodes/register.js');
  await register(RED);
};
