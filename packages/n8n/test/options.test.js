/** Values to choose from: with the names that WeCom tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Simulator } from '../../js/test/support/simulator.js';
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

/** An enterprise of 120 departments with 30 members each, of whom one is in all of them. */
function enterprise(t, more = {}) {
  let atOnce = 0;
  const seen = { most: 0 };
  const departments = Array.from({ length: 120 }, (_, index) => ({ id: index + 1, name: `D${index + 1}` }));
  const members = (id) => [
    { userid: 'boss', name: 'The Boss', department: [id] },
    ...Array.from({ length: 29 }, (_, index) => ({
      userid: `u${id}-${index}`,
      name: `N${id}.${index}`,
      department: [id],
    })),
  ];
  const answer = async (path, response) => {
    if (path in more) return more[path](response);
    if (path === 'department/list') return { errcode: 0, errmsg: 'ok', department: departments };
    atOnce += 1;
    seen.most = Math.max(seen.most, atOnce);
    await new Promise((resolve) => setTimeout(resolve, 5));
    atOnce -= 1;
    const id = Number(new URL(response.req.url, 'http://localhost').searchParams.get('department_id'));
    return { errcode: 0, errmsg: 'ok', userlist: members(id) };
  };
  return startWecom(t, answer).then((wecom) => ({ ...wecom, seen }));
}
const EVERY_MEMBER = 120 * 29 + 1;

/** All that a locator offers, page by page. */
async function scrolled(engine, filter) {
  const pages = [];
  for (let token; ; ) {
    const form = it.form('get-member', {});
    const { results, paginationToken } = await engine.options('listSearch', 'listMembers', form, filter, token);
    pages.push(results);
    token = paginationToken;
    if (!token) return pages;
  }
}

test('every member of a large enterprise is reached by scrolling, and by searching', async (t) => {
  const wecom = await enterprise(t);
  const engine = it.engineWith(wecom.connection);
  const pages = await scrolled(engine);
  assert.ok(pages.length > 10, `${pages.length} pages`);
  assert.ok(pages[0].length < 400, `${pages[0].length} on the first`);
  assert.equal(new Set(pages.flat().map(({ value }) => value)).size, EVERY_MEMBER);
  assert.ok(wecom.seen.most <= 8, `${wecom.seen.most} requests at once`);
  // In the last department.
  assert.deepEqual(await scrolled(engine, 'N120.28'), [[{ name: 'N120.28 (u120-28)', value: 'u120-28' }]]);
  assert.deepEqual(await scrolled(engine, 'nobody'), [[]]);
});

test('a list of several ends at 2000, and says so; whom it lacks is given by ID', async (t) => {
  const simulator = await Simulator.start();
  t.after(() => simulator.stop());
  const { base_url, corp_id, contacts_secret } = simulator.connection('application');
  const call = async (path, body) => {
    const answer = await fetch(`${base_url}/cgi-bin/${path}`, body && { method: 'POST', body: JSON.stringify(body) });
    const { errcode, ...fields } = await answer.json();
    assert.equal(errcode, 0, path);
    return fields;
  };
  const { access_token } = await call(`gettoken?corpid=${corp_id}&corpsecret=${contacts_secret}`);
  const member = (index) => ({
    userid: `m${index}`,
    name: `M ${index}`,
    department: [1],
    email: `m${index}@example.com`,
  });
  const create = (index) => call(`user/create?access_token=${access_token}`, member(index));
  const engine = it.engineWith(simulator.connection('application'));
  const offered = () => engine.options('loadOptions', 'listMembersOrEveryone', message());

  const few = await offered();
  const lacking = Array.from({ length: 2000 - (few.length - 1) }, (_, index) => index);
  await Promise.all(lacking.map(create));
  const full = await offered();
  assert.equal(full.length, 2001);
  assert.ok(!full.some(({ value }) => value === '…'));

  await create(2000);
  const cut = await offered();
  assert.deepEqual([cut.length, new Set(cut.map(({ value }) => value)).size], [2002, 2002]);
  assert.deepEqual(cut[1], { name: '… Only 2000 are listed: give others by ID, in an expression', value: '…' });

  const listed = new Set(cut.map(({ value }) => value));
  const everyone = [...full.map(({ value }) => value), 'm2000'];
  const [left, ...others] = everyone.filter((id) => !listed.has(id));
  assert.deepEqual(others, []);
  const sent = async (to_user) => {
    await simulator.clear();
    const { error } = await engine.run({ ...message(), to_user });
    assert.ifError(error);
    return (await simulator.at('message/send')).map(({ body, errcode }) => [body.touser, errcode]);
  };
  assert.deepEqual(await sent(`={{ ['${left}'] }}`), [[left, 0]]);
  // The note is none of those that get it.
  assert.deepEqual(await sent(['…', 'zhangsan']), [['zhangsan', 0]]);
});

test('where WeCom tells IDs alone, it tells them page by page', async (t) => {
  const ids = (from) => Array.from({ length: 150 }, (_, index) => ({ userid: `id${from + index}`, department: 1 }));
  const wecom = await enterprise(t, {
    'department/list': () => ({ errcode: 60011, errmsg: 'no privilege' }),
    'department/simplelist': () => ({ errcode: 60011, errmsg: 'no privilege' }),
    'user/list_id': ({ req }) => {
      const asked = wecom.received.filter((path) => path === 'user/list_id').length;
      assert.equal(req.method, 'POST');
      return { errcode: 0, errmsg: 'ok', ...(asked < 3 && { next_cursor: `c${asked}` }), dept_user: ids(asked * 150) };
    },
  });
  const pages = await scrolled(it.engineWith({ ...wecom.connection, contacts_secret: 'also-not-real' }));
  assert.deepEqual([pages.length, new Set(pages.flat().map(({ value }) => value)).size], [3, 450]);
});
