/** Files: as bytes through the component to a server, and from a server back. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { Connector } from 'wecom-connector';
import { instantiateComponent, ownComponent } from '../src/component.js';
import { errorOf } from './support/errors.js';

const MEGABYTE = 1024 * 1024;
const wecom = new Connector();

/** A server that keeps what is uploaded, and answers a download with `attachment`. */
async function startFiles(t, attachment = {}) {
  const uploads = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const body = Buffer.concat(await request.toArray());
    const answer = (value) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    if (url.pathname.endsWith('/gettoken')) {
      answer({ errcode: 0, errmsg: 'ok', access_token: 'FILES-token-not-real', expires_in: 7200 });
    } else if (url.pathname.endsWith('/media/get')) {
      response.writeHead(200, attachment.headers).end(attachment.content);
    } else {
      const form = new Response(body, { headers: { 'content-type': request.headers['content-type'] } });
      const [file] = [...(await form.formData()).values()];
      const content = Buffer.from(await file.arrayBuffer());
      uploads.push({ type: url.searchParams.get('type'), name: file.name, content, headers: request.headers });
      answer({ errcode: 0, errmsg: 'ok', type: 'file', media_id: 'MEDIA', created_at: '1380000000' });
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const base_url = `http://127.0.0.1:${server.address().port}`;
  const secret = { app_secret: 'FILES-secret-not-real' };
  return { uploads, connection: { type: 'application', corp_id: 'ww0000000000000000', ...secret, base_url } };
}

/** Every byte, more than once. */
const everyByte = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256));
const file = { file_name: '周报 7月.xlsx', kind: 'file' };

describe('a file is uploaded byte for byte', () => {
  for (const [form, content] of Object.entries({
    'a Buffer': everyByte,
    'a part of a buffer': new Uint8Array(Buffer.concat([Buffer.alloc(7), everyByte])).subarray(7),
    'an ArrayBuffer': new Uint8Array(everyByte).buffer,
    'an array of another realm': runInNewContext('Uint8Array.from(bytes)', { bytes: [...everyByte] }),
    'a Blob': new Blob([everyByte]),
    'a File': new File([everyByte], 'another name.txt'),
    Base64: everyByte.toString('base64'),
    'a data: URL': `data:application/octet-stream;base64,${everyByte.toString('base64')}`,
  })) {
    test(form, async (t) => {
      const { connection, uploads } = await startFiles(t);
      const parameters = Object.freeze({ ...file, content });
      assert.deepEqual(await wecom.uploadMedia(connection, parameters), { media_id: 'MEDIA', created_at: 1380000000 });
      const [{ headers, ...upload }] = uploads;
      assert.deepEqual(upload, { type: 'file', name: file.file_name, content: everyByte });
      assert.ok(Number(headers['content-length']) > everyByte.length, 'the body is not chunked');
    });
  }

  test('one of 20 MB, with less than ten times that in memory', { skip: process.platform !== 'linux' }, async (t) => {
    const { connection, uploads } = await startFiles(t);
    const program = `
      import { readFileSync } from 'node:fs';
      import { Connector } from 'wecom-connector';
      const wecom = new Connector();
      const most = () => /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] / 1024;
      const [connection, parameters, size] = JSON.parse(process.argv[1]);
      await wecom.ready();
      const content = Buffer.alloc(size, 'x');
      const before = most();
      await wecom.uploadMedia(connection, { ...parameters, content });
      console.log(most() - before);`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', program, JSON.stringify([connection, file, 20 * MEGABYTE])],
      { cwd: fileURLToPath(new URL('..', import.meta.url)), timeout: 60_000 },
    );
    assert.equal(uploads[0].content.length, 20 * MEGABYTE);
    t.diagnostic(`peak memory above that before the call: ${Number(stdout).toFixed(0)} MiB`);
    assert.ok(Number(stdout) < 200, stdout);
  });
});

describe('the component holds 256 MiB of arguments', () => {
  const content = new Uint8Array(20 * MEGABYTE).fill(120);
  const connection = { type: 'application', corp_id: 'ww0', access_token: 'FILES-token-not-real' };
  const uploaded = { errcode: 0, errmsg: 'ok', type: 'file', media_id: 'MEDIA', created_at: '1380000000' };

  test('files beyond that wait for their turn, and none is refused', async (t) => {
    let now = 0;
    let most = 0;
    const slow = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 100));
      now -= 1;
      return Response.json(uploaded);
    };
    const wecom = new Connector({ fetch: slow });
    t.after(() => wecom.close(0));
    const uploads = Array.from({ length: 16 }, () => wecom.uploadMedia(connection, { ...file, content }));
    assert.deepEqual([...new Set((await Promise.all(uploads)).map(({ media_id }) => media_id))], ['MEDIA']);
    assert.equal(most, 11);
  });

  test('and says so of one more, to an engine that begins it all the same', async () => {
    const { stepwise } = await instantiateComponent(ownComponent);
    const parameters = JSON.stringify(file);
    const operation = {
      tag: 'invoke',
      val: { action: 'upload-media', parameters, files: [{ parameter: 'content', content }] },
    };
    const begin = () => stepwise.begin(operation, JSON.stringify(connection), 0n);
    const open = Array.from({ length: 12 }, begin);
    assert.deepEqual([...new Set(open.map(({ tag }) => tag))], ['send']);
    const { tag, val } = begin();
    assert.deepEqual([tag, val.tag, val.val.category, val.val.api], ['failed', 'retryable', 'limit', 'media/upload']);
    const body = new TextEncoder().encode(JSON.stringify(uploaded));
    const answer = { tag: 'response', val: { status: 200, body } };
    for (const { val } of open) assert.equal(stepwise.resume(val.call, answer, 0n).tag, 'done');
    assert.equal(begin().tag, 'send');
  });

  test('one call that is longer alone is told by what is wrong with it, and the next one is served', async (t) => {
    const wecom = new Connector({ fetch: async () => Response.json({ errcode: 0, errmsg: 'ok', msgid: 'MESSAGE' }) });
    t.after(() => wecom.close(0));
    const push = (text) => wecom.pushTextMessage({ ...connection, agent_id: 1 }, { to_user: ['a'], content: text });
    const error = await errorOf(push('x'.repeat(257 * MEGABYTE)));
    assert.equal(error.class, 'permanent-invalid-parameters');
    assert.match(error.message, /must have at most 8388608 bytes in UTF-8, and has 269484/);
    assert.equal((await push('x')).msg_id, 'MESSAGE');
  });
});

describe('a file that cannot be sent is told by its field, and nothing is sent', () => {
  const broken = Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new Error('it is gone')) });
  for (const [what, content, words] of [
    ['an empty one', new Uint8Array(), /File \(content\) must have more than 5 bytes/],
    ['one of five bytes', new Uint8Array(5), /File \(content\) must have more than 5 bytes/],
    ['one that is too large', new Uint8Array(20 * MEGABYTE + 1), /File \(content\) .*20 MB/],
    ['one that is gone', broken, /File \(content\) cannot be read: it is gone/],
    ['a list of bytes', [1, 2, 3, 4, 5, 6], /File \(content\) /],
    ['a view in an object', { data: new Uint8Array(6) }, /JSON: Uint8Array/],
  ]) {
    test(what, async (t) => {
      const { connection, uploads } = await startFiles(t);
      const error = await errorOf(wecom.uploadMedia(connection, { ...file, content }));
      assert.equal(error.class, 'permanent-invalid-parameters');
      assert.ok(error.faults[0].pointer.startsWith('/content'), error.faults[0].pointer);
      assert.match(error.message, words);
      assert.deepEqual(uploads, []);
    });
  }

  test('beside a field that throws, that one is named', async (t) => {
    const { connection } = await startFiles(t);
    const parameters = {
      content: everyByte,
      kind: 'file',
      get file_name() {
        throw new Error('no name');
      },
    };
    const error = await errorOf(wecom.uploadMedia(connection, parameters));
    assert.deepEqual([error.faults[0].pointer, error.faults.length], ['/file_name', 1]);
  });
});

describe('a file is downloaded', () => {
  const media = { media_id: 'MEDIA' };
  const download = async (t, header, content) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-disposition': header };
    const { connection } = await startFiles(t, { headers, content });
    return wecom.downloadMedia(connection, media);
  };

  test('with its name, as WeCom writes that', async (t) => {
    // node:http takes each letter for a byte.
    const header = Buffer.from('attachment; filename="周报 7月.xlsx"').toString('latin1');
    const output = await download(t, header, everyByte);
    assert.deepEqual(output, { file_name: '周报 7月.xlsx', content: everyByte.toString('base64') });
  });

  test('with its name, where a fetch of its own has read that already', async (t) => {
    const { connection } = await startFiles(t);
    const own = async (url, init) => {
      if (!url.includes('/media/get')) return fetch(url, init);
      const { body } = new Response(everyByte);
      const headers = { get: (name) => (name === 'content-disposition' ? 'attachment; filename="周报.xlsx"' : null) };
      return { status: 200, type: 'basic', headers, body };
    };
    const { file_name } = await new Connector({ fetch: own }).downloadMedia(connection, media);
    assert.equal(file_name, '周报.xlsx');
  });

  test('of 20 MB', async (t) => {
    const content = Buffer.alloc(20 * MEGABYTE, everyByte);
    const output = await download(t, 'attachment; filename="a.bin"', content);
    assert.ok(Buffer.from(output.content, 'base64').equals(content));
  });
});
