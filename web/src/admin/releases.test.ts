import { expect, test } from 'vitest';

import { isKept, releaseAt } from './releases';

const STARTS = '2026-12-01T20:00:00+05:30';

test('seats are released so many hours before the start, or by hand', () => {
  expect(releaseAt(STARTS, 2)).toBe('2026-12-01T12:30:00.000Z');
  expect(releaseAt(STARTS, 0)).toBeNull();
});

test('a block ends at its time, to the millisecond', () => {
  const end = Date.parse('2026-12-01T12:30:00Z');
  expect(isKept({ release_at: releaseAt(STARTS, 2) }, end - 1)).toBe(true);
  expect(isKept({ release_at: releaseAt(STARTS, 2) }, end)).toBe(false);
  expect(isKept({ release_at: null }, end)).toBe(true);
  expect(isKept({}, end)).toBe(true);
});
