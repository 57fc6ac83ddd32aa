/** A forward proxy that opens tunnels, as those of companies do. */
import { createServer } from 'node:http';
import { connect } from 'node:net';

/** @param {number} [refusal] The status with which it opens none. */
export async function startProxy(t, refusal) {
  const tunnels = [];
  const sockets = [];
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', ({ url }, socket, head) => {
    tunnels.push(url);
    if (refusal) return socket.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`);
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname.replace(/^\[|\]$/g, ''), () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const side of [socket, upstream]) side.on('error', () => side.destroy());
    sockets.push(socket, upstream);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${server.address().port}`, tunnels };
}

/** The variables that lead a program to a proxy, also to servers on this machine. */
export function proxyVariables({ url }) {
  return { HTTP_PROXY: url, HTTPS_PROXY: url, NO_PROXY: '', http_proxy: url, https_proxy: url, no_proxy: '' };
}
