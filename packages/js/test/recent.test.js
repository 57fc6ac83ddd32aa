/** What is remembered of events that came by. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recentEvents } from 'wecom-connector';
import { Recent } from 'wecom-connector/palette';

test('only so much is remembered, and the oldest goes first', () => {
  const recent = new Recent(3);
  for (const key of ['a', 'b', 'c', 'd']) recent.set(key, key.toUpperCase());
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => recent.get(key)),
    [undefined, 'B', 'C', 'D'],
  );
  // What is set again is the newest.
  recent.set('b', 'B2');
  recent.set('e', 'E');
  assert.deepEqual([recent.get('b'), recent.get('c')], ['B2', undefined]);
});

test('what is remembered for a time is so for all of it, however much came since, and no longer', () => {
  let now = 0;
  const recent = new Recent(3, { kept: 10, now: () => now });
  recent.set('a', 'A');
  now = 10;
  recent.set('b', 'B');
  assert.equal(recent.get('a'), 'A');
  now = 11;
  assert.deepEqual([recent.get('a'), recent.get('b')], [undefined, 'B']);
  for (const key of ['c', 'd', 'e']) recent.set(key, key);
  assert.equal(recent.get('b'), undefined, 'the bound holds all the same');
});

test('a key is known once it came by, for its time', () => {
  let now = 0;
  const recent = new Recent(2, { kept: 10, now: () => now });
  const known = (...keys) => keys.map((key) => recent.knows(key));
  assert.deepEqual(known('a', 'a', 'b', 'c', 'b', 'a'), [false, true, false, false, true, false]);
  now = 10;
  assert.deepEqual(known('c', 'a'), [true, true]);
  // Being asked for it does not prolong it.
  now = 11;
  assert.deepEqual(known('a'), [false]);
});

test('a hundred events in every second are remembered for ten minutes', () => {
  let now = 0;
  const recent = recentEvents(() => now);
  recent.set('first', true);
  for (; now < 600_000; now += 10) recent.set(now, true);
  assert.equal(recent.get('first'), true);
  for (let more = 0; more < 100_000; more += 1) recent.set(`more ${more}`, true);
  assert.equal(recent.get('first'), undefined);
});
