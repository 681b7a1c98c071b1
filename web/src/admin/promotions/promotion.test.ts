import { expect, test } from 'vitest';

import { NEW, promotionFrom, stateOf, type Promotion } from './promotion';

const from = (typed: object) => promotionFrom({ ...NEW, ...typed }, 'INR', 'Asia/Kolkata');

test('a promotion takes off a part or an amount', () => {
  const lists = { shows: [], venues: [], ticket_types: [], weekdays: [] };
  expect(from({ code: ' TUESDAY10 ' })).toEqual({ ...lists, code: 'TUESDAY10', percent: 10 });
  expect(from({ off: 'amount', amount: '50' })).toEqual({ ...lists, amount: { amount_minor: 5_000, currency: 'INR' } });
  for (const wrong of [
    { percent: '0' },
    { percent: '101' },
    { off: 'amount', amount: '' },
    { uses: '0' },
    { each: 'x' },
  ])
    expect(from(wrong)).toBeNull();
});

test('the last day counts in full, and comes after the first', () => {
  expect(from({ from: '2026-12-01', until: '2026-12-24' })).toMatchObject({
    valid_from: '2026-12-01T00:00:00+05:30',
    valid_until: '2026-12-25T00:00:00+05:30',
  });
  expect(from({ from: '2026-12-02', until: '2026-12-01' })).toBeNull();
});

test('a promotion is planned, running, used up or over', () => {
  const now = Date.parse('2026-12-10T00:00:00Z');
  const state = (one: Partial<Promotion>) => stateOf({ uses: 0, uses_max: 5, ...one } as Promotion, now);
  expect(state({})).toBe('running');
  expect(state({ valid_from: '2026-12-11T00:00:00Z' })).toBe('planned');
  expect(state({ uses: 5 })).toBe('used up');
  expect(state({ uses: 5, valid_until: '2026-12-10T00:00:00Z' })).toBe('over');
});
