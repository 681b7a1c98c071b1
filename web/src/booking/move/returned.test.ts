import { describe, expect, it } from 'vitest';

import type { Booking, Payment } from '../../api/types';
import { isSettled, outcomeOf, type Wished } from './returned';

const NEW: Wished = { screening_id: 'other', seats: ['B-1', 'B-2'] };
const REFUND = { status: 'submitted', amount: { amount_minor: 5_000, currency: 'INR' }, to: 'card' } as const;
const BUYER = { captured_at: '2026-12-01T10:00:00Z' };

function booking(seats: Wished, open = false): Booking {
  return {
    screening: { screening_id: seats.screening_id },
    seats: seats.seats,
    open_move: open ? { ...NEW, move_id: 'move' } : null,
  } as unknown as Booking;
}

function payment(status: Payment['status'], refund: Payment['refund'] = null): Payment {
  return { payment_id: 'move', status, refund, created_at: '2026-12-01T11:00:00Z' } as Payment;
}

const before = booking({ screening_id: 's', seats: ['A-1', 'A-2'] });
const waiting = booking({ screening_id: 's', seats: ['A-1', 'A-2'] }, true);
const after = booking(NEW);

describe('the difference of a move', () => {
  it('is waited for while its seats are kept, and while they follow', () => {
    for (const status of ['pending', 'captured', 'review'] as const)
      expect(outcomeOf(waiting, payment(status), BUYER, NEW), status).toEqual({ step: 'waiting' });
  });

  it('has moved the booking once it has the new seats', () => {
    expect(outcomeOf(after, payment('captured'), BUYER, NEW)).toEqual({ step: 'moved' });
    // The payment was read before the booking.
    expect(outcomeOf(after, payment('pending'), BUYER, NEW)).toEqual({ step: 'moved' });
    // The move was over before this page saw it.
    expect(outcomeOf(after, payment('captured'), BUYER, null)).toEqual({ step: 'moved' });
  });

  it('that was declined, cancelled or too late leaves the booking as it was', () => {
    for (const status of ['failed', 'expired'] as const) {
      expect(outcomeOf(before, payment(status), BUYER, null), status).toEqual({ step: 'unpaid' });
      expect(outcomeOf(waiting, payment(status), BUYER, NEW), status).toEqual({ step: 'unpaid' });
    }
    // The seats were given up, or their time is over.
    expect(outcomeOf(before, payment('pending'), BUYER, NEW)).toEqual({ step: 'unpaid' });
  });

  it('goes back if the move could no longer be made', () => {
    expect(outcomeOf(before, payment('captured'), BUYER, NEW)).toEqual({ step: 'waiting' });
    expect(outcomeOf(before, payment('refunding', REFUND), BUYER, NEW)).toEqual({ step: 'returned', refund: REFUND });
    expect(outcomeOf(before, payment('refunding', REFUND), BUYER, null)).toEqual({ step: 'returned', refund: REFUND });
  });

  it('is no earlier attempt to pay the booking', () => {
    const early = { ...payment('failed'), created_at: '2026-12-01T09:55:00Z' };
    expect(outcomeOf(before, early, BUYER, null)).toEqual({ step: 'elsewhere' });
    expect(outcomeOf(before, payment('failed'), null, null)).toEqual({ step: 'elsewhere' });
  });

  it('is read until nothing more is to come', () => {
    const settled = (status: Payment['status'], refund: Payment['refund'] = null) => isSettled(payment(status, refund));
    expect([settled('pending'), settled('captured'), settled('refunding', REFUND)]).toEqual([false, false, false]);
    expect([settled('failed'), settled('expired')]).toEqual([true, true]);
    expect(settled('refunded', { ...REFUND, status: 'completed' })).toBe(true);
  });
});
