import { expect, test } from 'vitest';

import { Problem } from '../../../api/problem';
import { changesOf, fieldsOf, pricesFrom } from './changes';

const inr = (amount_minor: number) => ({ amount_minor, currency: 'INR' });
const before = { screen_id: 'one', starts_at: '2026-12-01T19:30:00+05:30', prices: { gold: inr(30_000) } };

test('only what is other than it was is sent', () => {
  expect(changesOf(before, { ...before, starts_at: '2026-12-01T14:00:00Z' })).toEqual({});
  expect(changesOf(before, { ...before, screen_id: 'two' })).toEqual({ screen_id: 'two' });
  const starts_at = '2026-12-01T14:30:00Z';
  expect(changesOf(before, { ...before, starts_at })).toEqual({ starts_at });
  const prices = { gold: inr(30_001) };
  expect(changesOf(before, { ...before, prices })).toEqual({ prices });
  const more = { ...before.prices, silver: inr(1) };
  expect(changesOf(before, { ...before, screen_id: 'two', prices: more })).toEqual({ screen_id: 'two', prices: more });
});

test('a refused screen is explained with the seats that people have', () => {
  const missing = new Problem(409, 'seats-missing', { seats: ['A-11', 'A-12'] });
  expect(missing.message).toBe('The other screen does not have A-11 and A-12, which are taken.');
  const steps = new Problem(409, 'seats-not-accessible', { seats: ['A-1'] });
  expect(steps.message).toBe('Booked as wheelchair places, but not accessible on the other screen: A-1.');
});

test('each ticket type has a price of its own', () => {
  const prices = { gold: { child: inr(10_000), adult: inr(30_000) }, silver: inr(20_000) };
  const fields = fieldsOf(['gold', 'silver', 'new'], prices);
  expect(fields.map(({ id }) => id)).toEqual(['gold/child', 'gold/adult', 'silver', 'new']);
  expect(pricesFrom(fields, ({ before }) => before)).toBeNull();
  const filled = pricesFrom(fields, ({ before }) => before ?? inr(1));
  expect(filled).toEqual({ ...prices, new: inr(1) });
  expect(
    changesOf({ ...before, prices }, { ...before, prices: pricesFrom(fields.slice(0, 3), (one) => one.before) ?? {} }),
  ).toEqual({});
});
