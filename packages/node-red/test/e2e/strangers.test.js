/** What strangers post where the editor and the flows have one root, as they have by default: the editor's parser comes first. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { connectionNode } from '../support/flows.js';
import { assertNoSecret, Caller, newConnection, secretsOf, sleep } from '../support/shared.js';
import { NodeRed } from './support/node-red.js';

const json = 'application/json';
const form = 'application/x-www-form-urlencoded';

for (const module of ['node-red', 'node-red-oldest']) {
  test(`the node answers them, and tells in one line, in ${module}`, async (t) => {
    const nodeRed = await NodeRed.start({ module });
    t.after(() => nodeRed.stop());
    const connection = newConnection();
    const caller = new Caller(connection);
    const { node, credentials } = connectionNode('callback', connection);
    const placed = { z: 'tab', x: 1, y: 1 };
    await nodeRed.deploy([
      { id: 'tab', type: 'tab', label: 'test' },
      { ...node, credentials },
      { ...placed, id: 'event', type: 'wecom-event', connection: 'callback', path: '/wecom', wires: [['debug']] },
      { ...placed, id: 'debug', type: 'debug', active: true, console: true, complete: 'topic', wires: [] },
    ]);
    const post = (body, headers, path = 'wecom') =>
      fetch(`${nodeRed.url}${path}?${caller.post('x').query}`, { method: 'POST', body, headers });
    /** What the log got by something, a moment later. */
    const logged = async (act) => {
      const before = nodeRed.log.length;
      const answer = await act();
      await sleep(200);
      return { answer, lines: nodeRed.log.slice(before).trim().split('\n') };
    };

    const { body } = caller.post('x');
    const long = JSON.stringify({ words: 'private words'.repeat(800_000) });
    for (const [sent, headers, status, says] of [
      [long, { 'content-type': json }, 413, '(size)'],
      [long.slice(0, 2_000_000), { 'content-type': json }, 413, '(size)'],
      ['{"words":"private words', { 'content-type': json }, 400, '(envelope)'],
      ['private words', { 'content-type': json }, 400, '(envelope)'],
      [body.slice(0, 99), { 'content-type': json }, 400, '(envelope)'],
      ['{}', { 'content-type': `${json}; charset=private-words` }, 400, '(envelope)'],
      ['{}', { 'content-type': json, 'content-encoding': 'gzip' }, 400, '(envelope)'],
      [gzipSync(long), { 'content-type': json, 'content-encoding': 'gzip' }, 413, '(size)'],
      [caller.post('<xml/>').body, { 'content-type': json }, 403, '(signature)'],
      [body, { 'content-type': form }, 400, 'that of a form'],
      ['a&'.repeat(2000), { 'content-type': form }, 413, '(size)'],
    ]) {
      const { answer, lines } = await logged(() => post(sent, headers));
      const which = `${sent.slice(0, 20)} ${JSON.stringify(headers)}: ${lines.join('\n')}`;
      assert.equal(answer.status, status, which);
      const words = await answer.text();
      if (status === 400) assert.match(words, /^This URL is for WeCom to call\.[^<>]*\n$/);
      else assert.equal(words, '');
      assert.equal(lines.length, 1, which);
      assert.ok(lines[0].includes(`[warn] [wecom-event:event] A request was refused with ${status}`), which);
      assert.ok(lines[0].includes(says), which);
    }

    const { lines } = await logged(() => {
      const socket = connect(Number(new URL(nodeRed.url).port), '127.0.0.1');
      const head = `POST /wecom?a=b HTTP/1.1\r\nhost: x\r\ncontent-type: ${json}\r\ncontent-length: 1000\r\n\r\n{"private words"`;
      socket.write(head, () => setTimeout(() => socket.destroy(), 50));
    });
    assert.equal(lines.length, 1, lines.join('\n'));
    assert.match(lines[0], /\[warn\] \[wecom-event:event\] A request broke off/);
    assertNoSecret([...secretsOf(connection), 'private-words', 'private words', 'node_modules'], nodeRed.log);

    // WeCom's own, under the type of another: the node reads it.
    const own = caller.post(caller.text('x'));
    const { answer, lines: told } = await logged(() =>
      fetch(`${nodeRed.url}wecom?${own.query}`, { method: 'POST', body: own.body, headers: { 'content-type': json } }),
    );
    assert.deepEqual([answer.status, await answer.text()], [200, '']);
    assert.match(told.join('\n'), /\[debug:debug\]\s+text/);

    // What is not the node's is answered as before.
    const other = await post('{', { 'content-type': json }, 'wecom-other');
    assert.equal(other.status, 400);
    assert.match(await other.text(), /SyntaxError/);
  });
}
