import { Connector, WecomError } from 'wecom-connector';

const wecom = new Connector(); // `language: 'zh'` for errors in Chinese
const content = '部署完成，请验收。';
// The connection is read from the environment.
const sent = await wecom.pushTextMessage(undefined, { to_user: ['zhangsan', 'nobody'], content });
console.log('not reached:', sent.invalid_user); // not reached: [ 'nobody' ]
try {
  await wecom.pushTextMessage(undefined, { to_user: ['nobody'], content });
} catch (error) {
  if (!(error instanceof WecomError)) throw error;
  console.log(error.class, error.category, error.code); // permanent-rejected not-found 81013
}
