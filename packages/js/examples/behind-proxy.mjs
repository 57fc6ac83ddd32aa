import { EnvHttpProxyAgent, fetch } from 'undici';
import { Connector } from 'wecom-connector';

const dispatcher = new EnvHttpProxyAgent(); // HTTPS_PROXY, HTTP_PROXY, NO_PROXY
const wecom = new Connector({ fetch: (url, init) => fetch(url, { ...init, dispatcher }) });
const { department_id } = await wecom.listDepartmentIds(undefined, {});
console.log(department_id.length > 0); // true
await dispatcher.close();
