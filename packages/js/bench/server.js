/** WeCom with fixed answers, as a process of its own: prints its port. */
import { createServer } from 'node:http';

const fixed = (answer) => Buffer.from(JSON.stringify({ errcode: 0, errmsg: 'ok', ...answer }));
const token = fixed({ access_token: 'BENCH-access-token-not-real'.padEnd(200, '0'), expires_in: 7200 });
const sent = fixed({ msgid: 'BENCH-message-000000000000000000000000000000000000' });

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    const body = request.method === 'GET' ? token : sent;
    response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8', 'content-length': body.length });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
