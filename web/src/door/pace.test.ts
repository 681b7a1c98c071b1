import { expect, it } from 'vitest';

import { AFTER_MS, BEFORE_MS, OPEN_MS, paceOf } from './pace';

const door = { doors_open_at: '2026-11-28T18:00:00+05:30', undo_until: '2026-11-28T21:00:00+05:30' };
const at = (time: string) => paceOf(door, Date.parse(`2026-11-28T${time}+05:30`));

it('the list of guests is asked for often only while they come in', () => {
  expect(at('17:00:00')).toBe(BEFORE_MS);
  expect(at('18:00:00')).toBe(OPEN_MS);
  expect(at('21:00:00')).toBe(OPEN_MS);
  expect(at('21:00:01')).toBe(AFTER_MS);
});

it('the list is fresh when the doors open', () => {
  expect(at('17:59:30')).toBe(30_000);
  expect(at('17:59:59')).toBe(OPEN_MS);
});

it('a list that is missing is asked for soon', () => {
  expect(paceOf(undefined, 0)).toBe(OPEN_MS);
});
