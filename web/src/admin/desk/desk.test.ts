import { describe, expect, it } from 'vitest';

import { changesOf } from './changes';
import { inSentences, kindOfCustomer, type DeskBooking } from './words';

const rupees = (amount: number) => ({ amount_minor: amount * 100, currency: 'INR' });

function booking(more: Partial<DeskBooking> = {}): DeskBooking {
  return {
    booking_id: 'b',
    reference: 'K7QM-3XRP',
    status: 'confirmed',
    seats: ['C-7', 'C-8'],
    amount: rupees(760),
    created_at: '2026-11-28T12:30:00Z',
    held_until: '2026-11-28T12:38:00Z',
    screening: { screening_id: 's', starts_at: '', ends_at: '', timezone: 'Asia/Kolkata' },
    payment: { payment_id: 'p', method: 'wallet', status: 'captured' },
    screen: { screen_id: 'r', name: 'Screen 1' },
    reschedulings: [],
    tickets: [],
    ...more,
  } as unknown as DeskBooking;
}

const NOW = Date.parse('2026-11-29T00:00:00Z');
const told = (one: DeskBooking) => inSentences(one, NOW);

describe('a booking at the desk', () => {
  it('is described in sentences', () => {
    expect(told(booking())).toEqual(['Booked Sat, 28 Nov, 6:00 pm.', '₹760 was paid from the wallet.']);
    expect(inSentences(booking(), Date.parse('2027-01-05T00:00:00Z'))[0]).toContain('2026');
    expect(told(booking({ status: 'held', payment: null }))[1]).toBe('Not paid yet; held until 6:08 pm.');
    expect(
      told(booking({ payment: { payment_id: 'p', method: 'complimentary' as 'card', status: 'captured' } }))[1],
    ).toBe('Given by the house.');
  });

  it('says where the money of seats is that were given back', () => {
    const gone = {
      return_id: 'r',
      seats: ['C-9'],
      amount: rupees(380),
      by: 'house',
      returned_at: '2026-11-28T13:30:00Z',
    };
    const back = { status: 'completed', amount: rupees(380), to: 'wallet' } as const;
    expect(told(booking({ returns: [{ ...gone, reason: 'Fell ill.', refund: back }] }))[2]).toBe(
      'The house took back C-9 Sat, 28 Nov, 7:00 pm (Fell ill); ₹380 is in the wallet.',
    );
    expect(told(booking({ returns: [{ ...gone, by: 'customer', refund: null }] }))[2]).toBe(
      'The customer gave back C-9 Sat, 28 Nov, 7:00 pm; the house keeps ₹380.',
    );
  });

  it('says how the house changed the screening, each time', () => {
    const reschedulings = [
      { change_id: 'a', starts_at: '2026-11-28T14:30:00Z', screen: 'Screen 1', changed_at: '2026-11-28T12:45:00Z' },
      { change_id: 'b', starts_at: '2026-11-28T15:30:00Z', screen: 'Screen 1', changed_at: '2026-11-28T13:00:00Z' },
    ];
    const screening = { screening_id: 's', starts_at: '2026-11-28T15:30:00Z', ends_at: '', timezone: 'Asia/Kolkata' };
    const screen = { screen_id: 'r', name: 'Screen 2' };
    expect(told(booking({ reschedulings, screening, screen })).slice(2)).toEqual([
      'The house changed the screening Sat, 28 Nov, 6:15 pm: it begins Sat, 28 Nov, 9:00 pm instead of Sat, 28 Nov, 8:00 pm.',
      'The house changed the screening Sat, 28 Nov, 6:30 pm: in Screen 2 instead of Screen 1.',
    ]);
  });

  it('says who cancelled it, and why', () => {
    const ended = (cancelled: DeskBooking['cancelled']) => told(booking({ status: 'cancelled', cancelled })).at(-1);
    expect(ended({ by: 'house', reason: 'The hall is flooded.' })).toBe(
      'The house cancelled the booking (The hall is flooded).',
    );
    expect(ended({ by: 'customer', reason: null })).toBe('The customer cancelled the booking.');
    expect(ended(null)).toBe('The booking is cancelled.');
  });

  it('says once what several payments return for the same seats', () => {
    const part = { amount: rupees(300), by: 'house', returned_at: '2026-11-28T13:30:00Z' };
    const refund = { status: 'completed', to: 'card' } as const;
    const first = { ...part, return_id: 'r1', seats: [], refund: { ...refund, amount: rupees(300) } };
    const last = { ...part, return_id: 'r2', seats: ['C-9'], refund: { ...refund, amount: rupees(20) } };
    expect(told(booking({ returns: [first, last] })).slice(2)).toEqual([
      'The house took back C-9 Sat, 28 Nov, 7:00 pm; ₹320 is back on the card.',
    ]);
    const going = { ...first, refund: { ...first.refund, status: 'submitted' as const } };
    expect(told(booking({ returns: [going, last] })).at(-1)).toBe(
      'The house took back C-9 Sat, 28 Nov, 7:00 pm; ₹300 is on its way back to the card; ₹20 is back on the card.',
    );
    expect(told(booking({ returns: [first] })).at(-1)).toBe('Of the difference of a move: ₹300 is back on the card.');
  });

  it('says whether a refund has arrived', () => {
    const refund = { amount: rupees(760), to: 'card' } as const;
    const last = (status: string) => told(booking({ status: 'cancelled', refund: { ...refund, status } })).at(-1);
    expect(last('completed')).toBe('₹760 is back on the card.');
    expect(last('submitted')).toBe('₹760 is on its way back to the card.');
    expect(last('review')).toBe('The refund of ₹760 needs a decision.');
  });
});

describe('the customer of a booking', () => {
  const bought = (user_id: string, buyer_erased: boolean) =>
    kindOfCustomer({ booking_id: 'b', customer: { user_id }, buyer_erased });

  it('has an account, or bought at the counter', () => {
    expect(bought('u', false)).toBe('account');
    expect(bought('b', false)).toBe('buyer');
  });

  it('is erased if the booking says so', () => {
    expect(bought('b', true)).toBe('erased');
  });
});

it('the history of a booking has its changes, in the sentences of the API and in order', () => {
  const at = '2026-11-29T10:00:00Z';
  const steps = [
    ['payment_captured', 'We received ₹500.00 by card.'],
    ['move_requested', 'The house moves the customer from seat A-1 to seat B-1. A difference of ₹120.00 is waived.'],
    ['booking_moved', 'The customer has seat B-1 now, with new tickets.'],
    ['seats_returned', 'The customer gave seat B-1 back. ₹250.00 will be refunded.'],
  ].map(([event = '', text = '']) => ({ event, text, time: at }));
  expect(changesOf(steps).map(({ text }) => text)).toEqual([
    'The house moves the customer from seat A-1 to seat B-1. A difference of ₹120 is waived.',
    'The customer has seat B-1 now, with new tickets.',
    'The customer gave seat B-1 back. ₹250 will be refunded.',
  ]);
});
