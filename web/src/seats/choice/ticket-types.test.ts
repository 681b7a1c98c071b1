import { describe, expect, it } from 'vitest';

import type { Booking } from '../../api/types';
import { brokenLimit, isHeldAs, feeFor, typesHeld, typesOf, usualType, type Chosen } from './ticket-types';

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

describe('seats that are held', () => {
  const price = { amount_minor: 100, currency: 'INR' };
  const hold = (...types: string[]) => ({
    seats: types.map((_, index) => `A-${String(index + 1)}`),
    lines: types.map((ticket_type, index) => ({ seat: `A-${String(index + 1)}`, ticket_type, price, discount: price })),
  });

  it('are the same whether a room has one type of tickets or names it', () => {
    expect(isHeldAs(hold('standard', 'standard'), ['A-2', 'A-1'], () => null)).toBe(true);
    expect(isHeldAs(hold('adult', 'child'), ['A-1', 'A-2'], (seat) => (seat === 'A-1' ? 'adult' : 'child'))).toBe(true);
    expect(isHeldAs({ ...hold('standard'), lines: [] }, ['A-1'], () => null)).toBe(true);
  });

  it('are others with other seats or types', () => {
    expect(isHeldAs(hold('standard', 'standard'), ['A-1'], () => null)).toBe(false);
    expect(isHeldAs(hold('standard'), ['A-9'], () => null)).toBe(false);
    expect(isHeldAs(hold('adult', 'child'), ['A-1', 'A-2'], () => 'adult')).toBe(false);
  });
});
