import { expect, test } from 'vitest';

import { found, LISTED_MAX, stepped, type Pick } from './picking';

const shows: Pick[] = Array.from({ length: 500 }, (_, at) => ({ value: String(at), text: `Show ${String(500 - at)}` }));

test('of a long list, some are shown, by name', () => {
  const { picks, more } = found(shows, '');
  expect(picks.map(({ text }) => text).slice(0, 3)).toEqual(['Show 1', 'Show 2', 'Show 3']);
  expect([picks.length, more]).toEqual([LISTED_MAX, 500 - LISTED_MAX]);
});

test('typing finds each of them, the best first, also with a typo', () => {
  expect(found(shows, 'show 437').picks[0]?.text).toBe('Show 437');
  const few = ['Monsoon Wedding', 'The Monsoon', 'Sakhi'].map((text) => ({ value: text, text }));
  expect(found(few, 'monsson').picks.map(({ text }) => text)).toEqual(['Monsoon Wedding', 'The Monsoon']);
  expect(found(few, 'nothing of it')).toEqual({ picks: [], more: 0 });
});

test('the arrow keys pass every choice and the field', () => {
  expect([stepped(-1, 1, 3), stepped(2, 1, 3), stepped(-1, -1, 3), stepped(0, -1, 3)]).toEqual([0, -1, 2, -1]);
  expect(stepped(-1, 1, 0)).toBe(-1);
});
