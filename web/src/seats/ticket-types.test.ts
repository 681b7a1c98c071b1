import { describe, expect, it } from 'vitest';

import type { Booking } from '../api/types';
import { brokenLimit, feeFor, typesHeld, typesOf, usualType, type Chosen } from './ticket-types';

const rupees = (amount: number) => ({ amount_minor: amount * 100, currency: 'INR' });
const prices = { child: rupees(120), adult: rupees(250), senior: rupees(200) };

it('types are listed dearest first, and a seat is an adult’s until another is chosen', () => {
  expect(typesOf(prices)).toEqual(['adult', 'senior', 'child']);
  expect(usualType(prices)).toBe('adult');
  expect(usualType({ ...prices, standard: rupees(230) })).toBe('standard');
  expect(usualType({ patron: rupees(900), guest: rupees(300) })).toBe('patron');
});

it('a hold of an older version has no types', () => {
  expect(typesHeld({ seats: ['A-1'], lines: [] } as unknown as Booking)).toEqual({});
  expect(typesHeld({ lines: [{ seat: 'A-1', ticket_type: 'child' }] } as unknown as Booking)).toEqual({
    'A-1': 'child',
  });
});

describe('limits', () => {
  const limits = {
    child: { needs_type: 'adult' },
    companion: { needs_accessible: true },
    student: { max: 2 },
  };
  const tickets = (...names: string[]): Chosen[] =>
    names.map((name) => ({ type: name.replace('*', ''), accessible: name.endsWith('*') }));

  it('let no child go alone', () => {
    expect(brokenLimit(tickets('child', 'child'), limits)).toEqual({ limit: 'needs', type: 'child', other: 'adult' });
    expect(brokenLimit(tickets('child', 'adult'), limits)).toBeNull();
  });

  it('give each wheelchair place one companion, who may not sit on it alone', () => {
    expect(brokenLimit(tickets('companion', 'adult*'), limits)).toBeNull();
    expect(brokenLimit(tickets('companion', 'companion', 'adult*'), limits)).toMatchObject({ limit: 'accessible' });
    expect(brokenLimit(tickets('companion*', 'adult'), limits)).toMatchObject({ limit: 'accessible' });
  });

  it('count', () => {
    expect(brokenLimit(tickets('student', 'student'), limits)).toBeNull();
    expect(brokenLimit(tickets('student', 'student', 'student'), limits)).toEqual({
      limit: 'max',
      type: 'student',
      max: 2,
    });
    expect(brokenLimit([], limits)).toBeNull();
  });
});

it('a fee is charged per ticket or per booking, and never for nothing', () => {
  const fee = (per: 'ticket' | 'booking', amount = 20) => ({ fee: { per, amount: rupees(amount) } });
  expect(feeFor(3, fee('ticket'))?.amount_minor).toBe(6_000);
  expect(feeFor(3, fee('booking'))?.amount_minor).toBe(2_000);
  expect(feeFor(0, fee('booking'))).toBeNull();
  expect(feeFor(3, fee('ticket', 0))).toBeNull();
  expect(feeFor(3, {})).toBeNull();
});
