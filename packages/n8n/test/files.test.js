/** Files from n8n's binary data, and back. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bench } from './support/bench.js';

const it = bench();
const content = Buffer.from('周报：本周完成上线\n'.repeat(500));
const file = { data: content.toString('base64'), mimeType: 'text/plain', fileName: '周报.txt' };
const upload = (files) => it.form('upload-media', { kind: 'file', content: '' }, files);

test('a file goes up under its own name, and comes back the same', async () => {
  const up = await it.engine.run(upload({ content: 'report' }), { items: [{ json: {}, binary: { report: file } }] });
  assert.ifError(up.error);
  const { media_id } = up.items[0].json;
  const down = await it.engine.run({ ...it.form('download-media', { media_id }), outputBinaryField: 'copy' });
  assert.ifError(down.error);
  const [{ json, binary }] = down.items;
  assert.deepEqual(json, { file_name: '周报.txt' });
  assert.equal(binary.copy.fileName, '周报.txt');
  assert.deepEqual(Buffer.from(binary.copy.data, 'base64'), content);
});

test('a name in the form counts before that of the file', async () => {
  const given = { ...upload({ content: 'report' }), file_name: 'other.txt' };
  const up = await it.engine.run(given, { items: [{ json: {}, binary: { report: file } }] });
  const { media_id } = up.items[0].json;
  const down = await it.engine.run(it.form('download-media', { media_id }));
  assert.equal(down.items[0].json.file_name, 'other.txt');
});

test('each item has its own file', async () => {
  const items = ['a', 'b'].map((text) => ({
    json: {},
    binary: { data: { ...file, data: Buffer.from(text.repeat(20)).toString('base64'), fileName: `${text}.txt` } },
  }));
  const { items: results } = await it.engine.run(upload({ content: 'data' }), { items });
  const ids = results.map(({ json }) => ({ json }));
  const parameters = { ...it.form('download-media', {}), media_id: '={{ $json.media_id }}' };
  const { items: files } = await it.engine.run(parameters, { items: ids });
  assert.deepEqual(
    files.map(({ json, binary, pairedItem }) => [json.file_name, atob(binary.data.data), pairedItem.item]),
    [
      ['a.txt', 'a'.repeat(20), 0],
      ['b.txt', 'b'.repeat(20), 1],
    ],
  );
});

test('20 MB go up', async () => {
  const large = { ...file, data: Buffer.alloc(20 * 1024 * 1024, 7).toString('base64'), fileName: 'large.bin' };
  const { error, items } = await it.engine.run(upload({ content: 'data' }), {
    items: [{ json: {}, binary: { data: large } }],
  });
  assert.ifError(error);
  assert.match(items[0].json.media_id, /./);
});

test('an expression may bring the file itself', async () => {
  const given = { ...upload({}), content: '={{ $json.file }}' };
  const { error, items } = await it.engine.run(given, { items: [{ json: { file } }] });
  assert.ifError(error);
  assert.match(items[0].json.media_id, /./);
  const other = await it.engine.run(given, { items: [{ json: { file: { a: 1 } } }] });
  assert.match(other.error.message, /Upload a file: what the expression gives is not a file/);
});

test('where the input has no file: the field is named, and WeCom is not asked', async () => {
  await it.simulator.clear();
  for (const binary of [undefined, { other: file }]) {
    const { error } = await it.engine.run(upload({ content: 'report' }), { items: [{ json: {}, binary }] });
    assert.match(error.message, /Upload a file: the input has no file in the field “report”/);
    assert.match(error.description, /node before it/);
    assert.equal(error.context.itemIndex, 0);
  }
  assert.deepEqual(await it.simulator.settled(), []);
});

test('the others go on where one item has no file', async () => {
  const items = [{ json: {} }, { json: {}, binary: { data: file } }];
  const settings = { onError: 'continueErrorOutput' };
  const { good, bad } = await it.engine.run(upload({ content: 'data' }), { items, settings });
  assert.equal(good.length, 1);
  assert.equal(bad.length, 1);
  assert.match(bad[0].json.error.message, /no file in the field “data”/);
});
