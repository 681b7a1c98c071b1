import { expect, test } from 'vitest';

import { daysOf, flawsOf, NEW, promotionFrom, stateOf, type Promotion } from './promotion';

const from = (typed: object) => promotionFrom({ ...NEW, ...typed }, 'INR', 'Asia/Kolkata');

test('a promotion takes off a part or an amount', () => {
  const lists = { shows: [], venues: [], ticket_types: [], weekdays: [] };
  expect(from({ code: ' TUESDAY10 ' })).toEqual({ ...lists, code: 'TUESDAY10', percent: 10 });
  expect(from({ off: 'amount', amount: '50' })).toEqual({ ...lists, amount: { amount_minor: 5_000, currency: 'INR' } });
  expect(from({ name: ' Tuesday price ' })).toEqual({ ...lists, name: 'Tuesday price', percent: 10 });
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

test('what is no promotion says why, and where', () => {
  const flaws = (typed: object) => Object.keys(flawsOf({ ...NEW, ...typed }, 'INR'));
  expect(flaws({})).toEqual([]);
  expect(flaws({ code: 'DIWALI 26' })).toEqual(['code']);
  expect(flaws({ percent: '150' })).toEqual(['percent']);
  expect(flaws({ off: 'amount', amount: 'fifty' })).toEqual(['amount']);
  expect(flaws({ off: 'amount', amount: '0' })).toEqual(['amount']);
  expect(flaws({ from: '2026-12-02', until: '2026-12-01' })).toEqual(['until']);
  expect(flaws({ uses: '0', each: '200000' })).toEqual(['uses', 'each']);
  // An empty field is asked for by the browser, and only when the form is sent.
  expect(flaws({ percent: '', off: 'amount', amount: '' })).toEqual([]);
});

test('the days of a promotion are those that were chosen', () => {
  const days = (one: object) => daysOf(one as Promotion, 'Asia/Kolkata');
  expect(days({ valid_from: '2026-11-30T18:30:00Z', valid_until: '2026-12-24T18:30:00Z' })).toEqual([
    '2026-12-01',
    '2026-12-24',
  ]);
  expect(days({})).toEqual([null, null]);
});

test('a promotion is planned, running, used up or ended', () => {
  const now = Date.parse('2026-12-10T00:00:00Z');
  const state = (one: Partial<Promotion>) => stateOf({ uses: 0, uses_max: 5, ...one } as Promotion, now);
  expect(state({})).toBe('running');
  expect(state({ valid_from: '2026-12-11T00:00:00Z' })).toBe('planned');
  expect(state({ uses: 5 })).toBe('used up');
  expect(state({ uses: 5, valid_until: '2026-12-10T00:00:00Z' })).toBe('ended');
});
