import { expect, test } from 'vitest';

import type { Booking } from '../api/types';
import { wasPaid } from './invoice-button';

function booking(status: string, minor: number, refund: object | null = null): Booking {
  return { status, amount: { amount_minor: minor, currency: 'INR' }, refund } as unknown as Booking;
}

test('bookings that were paid have an invoice, also once their money goes back', () => {
  expect(wasPaid(booking('confirmed', 500))).toBe(true);
  expect(wasPaid(booking('cancelled', 500, { status: 'pending' }))).toBe(true);
  expect(wasPaid(booking('refunded', 500, { status: 'completed' }))).toBe(true);
  expect(wasPaid(booking('confirmed', 0))).toBe(false);
  for (const unpaid of ['held', 'paying', 'expired', 'cancelled']) expect(wasPaid(booking(unpaid, 500))).toBe(false);
});
