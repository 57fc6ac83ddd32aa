/** Values to choose from: with the names that WeCom tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWecom } from '../../js/test/support/wecom.js';
import { bench } from './support/bench.js';

const it = bench();
const message = () => it.form('push-text-message', { content: 'x' });

test('members with their names, once each, and everyone', async () => {
  const options = await it.engine.options('loadOptions', 'listMembersOrEveryone', message());
  assert.deepEqual(options[0], { name: 'Everyone (@all)', value: '@all' });
  const ids = options.map(({ value }) => value);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(options.some(({ name, value }) => value === 'zhangsan' && name !== value && name.endsWith('(zhangsan)')));
});

test('departments with numbers, as the action wants them', async () => {
  const options = await it.engine.options('loadOptions', 'listDepartments', message());
  assert.ok(options.length > 0);
  for (const { name, value } of options) {
    assert.equal(typeof value, 'number');
    assert.match(name, /\(\d+\)$/);
  }
});

test('a locator finds by name and by ID', async () => {
  const search = async (filter) =>
    (await it.engine.options('listSearch', 'listMembers', it.form('get-member', {}), filter)).results;
  const all = await search();
  const [{ name, value }] = all.filter((option) => option.value === 'zhangsan');
  assert.ok(!all.some((option) => option.value === '@all'));
  assert.deepEqual(await search(name.split(' ')[0]), [{ name, value }]);
  assert.ok((await search('ZHANGSAN')).some((option) => option.value === value));
  assert.deepEqual(await search('nobody-of-that-name'), []);
});

test('a value of the list runs as it is', async () => {
  const [{ value }] = (await it.engine.options('listSearch', 'listDepartments', it.form('get-department', {}))).results;
  const id = { __rl: true, mode: 'list', value };
  const { error, items } = await it.engine.run({ ...it.form('get-department', {}), id });
  assert.ifError(error);
  assert.equal(items[0].json.id, value);
});

test('where WeCom tells no names, the IDs', async (t) => {
  const wecom = await startWecom(t, (path) =>
    path === 'department/simplelist'
      ? { errcode: 0, errmsg: 'ok', department_id: [{ id: 7, parentid: 1, order: 1 }] }
      : { errcode: 60011, errmsg: 'no privilege' },
  );
  const engine = it.engineWith(wecom.connection);
  assert.deepEqual(await engine.options('loadOptions', 'listDepartments', message()), [{ name: '7', value: 7 }]);
});

test('what WeCom refuses is said', async () => {
  const engine = it.engineWith({ app_secret: 'wrong-secret', contacts_secret: 'wrong-secret' });
  await assert.rejects(engine.options('loadOptions', 'listDepartments', message()), (error) => {
    assert.match(error.message, /40001/);
    assert.doesNotMatch(error.message, /wrong-secret/);
    return true;
  });
});
