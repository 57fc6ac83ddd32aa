import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findChromium } from '../support/browser.js';

test('where Chromium is missing, the error says how to install it', () => {
  assert.throws(() => findChromium('/nowhere:/dev'), { message: 'Chromium is not on PATH: apt-get install chromium' });
});
