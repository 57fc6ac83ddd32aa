/**
 * Serves the test page and the repository's schemas, the files themselves, on a port of loopback.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const schemasFolder = new URL('../../../../schemas/', import.meta.url);

const html = `<!doctype html>
<meta charset="utf-8">
<title>Forms</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<main></main>
<script type="module" src="/page.js"></script>
`;

async function bundle() {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.jsx', import.meta.url))],
    bundle: true,
    format: 'esm',
    jsx: 'automatic',
    // React says what it is given wrongly only in its development build.
    define: { 'process.env.NODE_ENV': '"development"' },
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].contents;
}

/** Builds the page in memory and serves it; `origin` is where, `close()` ends it. */
export async function startFormServer() {
  const files = {
    '/': ['text/html', html],
    '/page.js': ['text/javascript', await bundle()],
    '/page.css': ['text/css', readFileSync(new URL('page.css', import.meta.url))],
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const [, schema] = pathname.match(/^\/schemas\/((?:actions|connection)\/[a-z0-9.-]+\.schema\.json)$/) ?? [];
    const [type, body] = schema
      ? ['application/json', readFileSync(new URL(schema, schemasFolder))]
      : (files[pathname] ?? []);
    response.writeHead(body === undefined ? 404 : 200, type && { 'content-type': type });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
