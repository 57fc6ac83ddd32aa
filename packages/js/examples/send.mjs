import { Connector, WecomError } from 'wecom-connector';

const wecom = new Connector(); // `language: 'zh'` for errors in Chinese
// Or { type: 'application', corp_id: 'ww…', app_secret: '…', agent_id: 1000002 }.
const connection = undefined; // WECOM_CORP_ID, WECOM_APP_SECRET and WECOM_AGENT_ID
const sent = await wecom.pushTextMessage(connection, {
  to_user: ['zhangsan', 'nobody'],
  content: '部署完成，请验收。',
});
console.log('not reached:', sent.invalid_user); // not reached: [ 'nobody' ]
try {
  await wecom.pushTextMessage(connection, { to_user: ['nobody'], content: 'x' });
} catch (error) {
  if (!(error instanceof WecomError)) throw error;
  console.log(error.class, error.category, error.code); // permanent-rejected not-found 81013
}
