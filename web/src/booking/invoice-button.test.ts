import { expect, test } from 'vitest';

import type { Booking } from '../api/types';
import { creditNotesOf, wasPaid } from './invoice-button';

function booking(status: string, minor: number, refund: object | null = null): Booking {
  return { status, amount: { amount_minor: minor, currency: 'INR' }, refund, returns: [] } as unknown as Booking;
}

test('bookings that were paid have an invoice, also once their money goes back', () => {
  expect(wasPaid(booking('confirmed', 500))).toBe(true);
  expect(wasPaid(booking('cancelled', 500, { status: 'pending' }))).toBe(true);
  expect(wasPaid(booking('refunded', 500, { status: 'completed' }))).toBe(true);
  expect(wasPaid(booking('confirmed', 0))).toBe(false);
  for (const unpaid of ['held', 'paying', 'expired', 'cancelled']) expect(wasPaid(booking(unpaid, 500))).toBe(false);
});

test('the file has a credit note for each time that money went back', () => {
  const paid = booking('confirmed', 500);
  expect(creditNotesOf(paid)).toBe(0);
  const refund = { status: 'completed', amount: { amount_minor: 250, currency: 'INR' } };
  const given = { return_id: 'r', seats: ['A-1'], refund };
  // Seats that were given back without their money need no credit note.
  const returns = [given, { ...given, return_id: 's', refund: null }] as unknown as Booking['returns'];
  expect(creditNotesOf({ ...paid, returns })).toBe(1);
  expect(creditNotesOf({ ...paid, returns, refund: refund as unknown as Booking['refund'] })).toBe(2);
});
