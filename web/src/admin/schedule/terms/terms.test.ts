import { expect, test } from 'vitest';

import {
  hoursFrom,
  hundredths,
  minutesFrom,
  NO_LIMITS,
  NO_TERMS,
  pricesFrom,
  termsFrom,
  typedFrom,
  typeName,
} from './terms';

const rupees = (amount_minor: number) => ({ amount_minor, currency: 'INR' });

test('one price per category is the simple case', () => {
  expect(pricesFrom(['gold', 'silver'], NO_TERMS, { gold: '300', silver: '200' }, 'INR')).toEqual({
    gold: rupees(30_000),
    silver: rupees(20_000),
  });
  expect(pricesFrom(['gold', 'silver'], NO_TERMS, { gold: '300' }, 'INR')).toBeNull();
  expect(pricesFrom([], NO_TERMS, {}, 'INR')).toBeNull();
  expect(termsFrom(NO_TERMS, 'INR')).toEqual({});
});

test('each ticket type has a price in each category', () => {
  const draft = { ...NO_TERMS, types: { adult: NO_LIMITS, child: { ...NO_LIMITS, max: '3', needs_type: 'adult' } } };
  const typed = { 'gold adult': '300', 'gold child': '150' };
  expect(pricesFrom(['gold'], draft, typed, 'INR')).toEqual({
    gold: { adult: rupees(30_000), child: rupees(15_000) },
  });
  expect(pricesFrom(['gold'], draft, { 'gold adult': '300' }, 'INR')).toBeNull();
  expect(termsFrom(draft, 'INR')).toEqual({
    ticket_types: { child: { needs_accessible: false, max: 3, needs_type: 'adult' } },
  });
  // A type that is no longer chosen is nobody's condition.
  const alone = { ...NO_TERMS, types: { child: { ...NO_LIMITS, needs_type: 'adult' } } };
  expect(termsFrom(alone, 'INR')).toEqual({});
});

test('fee, tax and cancellation are sent as they are typed, or not at all', () => {
  const draft = {
    ...NO_TERMS,
    fee: '11.80',
    per: 'booking' as const,
    taxes: [{ name: ' CGST ', percent: '9' }],
    cancelling: 'until' as const,
    hours: '4',
    kept: '25',
  };
  expect(termsFrom(draft, 'INR')).toEqual({
    fee: { per: 'booking', amount: rupees(1_180) },
    tax_rates: [{ name: 'CGST', percent_hundredths: 900 }],
    cancellation: { until_minutes: 240, fee_minor: 2_500 },
  });
  expect(termsFrom({ ...draft, cancelling: 'never' }, 'INR')?.cancellation).toBe('none');
  for (const wrong of [
    { fee: 'x' },
    { taxes: [{ name: '', percent: '9' }] },
    { hours: '' },
    { minutes: '' },
    { kept: 'x' },
  ])
    expect(termsFrom({ ...draft, ...wrong }, 'INR')).toBeNull();
});

test('a rule for single seats is sent if it is not the usual one', () => {
  expect(termsFrom({ ...NO_TERMS, alone: 'warn' }, 'INR')).toEqual({});
  expect(termsFrom({ ...NO_TERMS, alone: 'refuse' }, 'INR')).toEqual({ single_seats: 'refuse' });
  expect(termsFrom({ ...NO_TERMS, wheelchair: '1.5' }, 'INR')).toEqual({ wheelchair_minutes: 90 });
  for (const wrong of ['soon', '']) expect(termsFrom({ ...NO_TERMS, wheelchair: wrong }, 'INR')).toBeNull();
});

const template = (of: object) => ({
  template_id: 't',
  name: 'Weekday',
  prices: { gold: rupees(30_050), silver: rupees(20_000) },
  ticket_types: {},
  fee: null,
  tax_rates: [],
  cancellation: null,
  single_seats: 'warn' as const,
  wheelchair_minutes: null,
  ...of,
});

test('a template fills in what was typed for it', () => {
  expect(typedFrom(template({}), 'INR')).toEqual({ prices: { gold: '300.5', silver: '200' }, draft: NO_TERMS });
  const draft = {
    types: { adult: NO_LIMITS, child: { ...NO_LIMITS, max: '3', needs_type: 'adult' } },
    fee: '11.8',
    per: 'booking' as const,
    taxes: [{ name: 'CGST', percent: '2.5' }],
    cancelling: 'until' as const,
    hours: '1',
    minutes: '30',
    kept: '25',
    alone: 'refuse' as const,
    wheelchair: '2',
  };
  const prices = { 'gold adult': '300', 'gold child': '150' };
  const sent = { prices: pricesFrom(['gold'], draft, prices, 'INR'), ...termsFrom(draft, 'INR') };
  expect(typedFrom(template(sent), 'INR')).toEqual({ prices, draft });
  const never = typedFrom(template({ cancellation: 'none' }), 'INR').draft;
  expect(never.cancelling).toBe('never');
});

test('a template keeps the minutes of a cancellation', () => {
  for (const until_minutes of [0, 45, 90, 120]) {
    const cancellation = { until_minutes, fee_minor: 0 };
    const { draft } = typedFrom(template({ cancellation }), 'INR');
    expect(termsFrom(draft, 'INR')).toEqual({ cancellation });
  }
});

test('wheelchair places are kept for the same minutes, however few decimals the hours have', () => {
  expect([0, 20, 90, 100].map(hoursFrom)).toEqual(['0', '0.33', '1.5', '1.67']);
  for (let minutes = 0; minutes <= 10_000; minutes += 1) expect(minutesFrom(hoursFrom(minutes))).toBe(minutes);
  const { draft } = typedFrom(template({ wheelchair_minutes: 20 }), 'INR');
  expect(termsFrom(draft, 'INR')).toEqual({ wheelchair_minutes: 20 });
});

test('a template with one flat price and others by type fills in all prices', () => {
  const prices = { gold: { adult: rupees(30_000), child: rupees(15_000) }, silver: rupees(20_000) };
  for (const mixed of [prices, { silver: prices.silver, gold: prices.gold }]) {
    const filled = typedFrom(template({ prices: mixed }), 'INR');
    expect(pricesFrom(['gold', 'silver'], filled.draft, filled.prices, 'INR')).toEqual({
      gold: prices.gold,
      silver: { adult: rupees(20_000), child: rupees(20_000) },
    });
  }
});

test('percentages have at most two decimals', () => {
  expect(['18', '2,5', '0.25', '100'].map(hundredths)).toEqual([1_800, 250, 25, 10_000]);
  expect(['', 'x', '1.234', '-1'].map(hundredths)).toEqual([null, null, null, null]);
});

test('a name of a type is written as the API has it', () => {
  expect(['Group of 4', ' Member ', '!!'].map(typeName)).toEqual(['group-of-4', 'member', '']);
});
