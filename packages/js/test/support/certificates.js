/** A CA of this test's own, and a certificate of it for 127.0.0.1 and localhost: made by openssl. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * @param {string[]} [extensions] More of the server's certificate: `extendedKeyUsage=clientAuth`.
 * @returns the path of the CA's certificate, and what a server needs.
 */
export async function certificates(t, extensions = []) {
  const folder = await mkdtemp(join(tmpdir(), 'wecom-ca-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = (name) => join(folder, name);
  const openssl = (...words) => promisify(execFile)('openssl', words, { cwd: folder });
  const key = (file) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
  const certificate = (file, subject) => [
    'req',
    '-x509',
    ...key(`${file}.key`),
    '-out',
    `${file}.pem`,
    '-subj',
    subject,
  ];
  await openssl(...certificate('ca', '/CN=CA of a test'), '-days', '2');
  const names = [
    'subjectAltName=IP:127.0.0.1,IP:::1,DNS:localhost',
    'basicConstraints=CA:FALSE',
    ...extensions,
  ].flatMap((extension) => ['-addext', extension]);
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-days', '2'];
  await openssl(...certificate('server', '/CN=localhost'), ...names, ...signed);
  return { ca: path('ca.pem'), key: await readFile(path('server.key')), cert: await readFile(path('server.pem')) };
}
