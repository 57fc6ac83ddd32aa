/** `server.js [DELAY_MS]`: WeCom with fixed answers, as a process of its own; prints its port. */
import { createServer } from 'node:http';

const fixed = (answer) => Buffer.from(JSON.stringify({ errcode: 0, errmsg: 'ok', ...answer }));
const token = fixed({ access_token: 'BENCH-access-token-not-real'.padEnd(200, '0'), expires_in: 7200 });
const sent = fixed({ msgid: 'BENCH-message-000000000000000000000000000000000000' });

const delay = Number(process.argv[2] ?? 0);
/** How many messages are under way, and how many were at most. */
let open = 0;
let most = 0;

const server = createServer((request, response) => {
  const answer = (body) => {
    response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8', 'content-length': body.length });
    response.end(body);
  };
  request.resume();
  request.on('end', () => {
    if (request.url === '/most') return answer(Buffer.from(String(most)));
    if (request.method === 'GET') return answer(token);
    if (delay === 0) return answer(sent);
    open += 1;
    most = Math.max(most, open);
    setTimeout(() => {
      open -= 1;
      answer(sent);
    }, delay);
  });
});
server.keepAliveTimeout = 60_000;
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => console.log(server.address().port));
