import { describe, expect, it } from 'vitest';

import type { Booking } from '../../api/types';
import { consequenceOf, refusalInWords, waysToSettle } from './settling';

const rupees = (amount: number) => ({ amount_minor: amount * 100, currency: 'INR' });

function ways(method: string, difference: number) {
  const booking = { payment: { method } } as unknown as Pick<Booking, 'payment'>;
  return waysToSettle(booking, rupees(difference), rupees(50));
}

describe('the difference of a move at the desk', () => {
  it('is paid by the customer, from the wallet or not at all, if a card paid the booking', () => {
    expect(ways('card', 100).map(({ wish, text }) => [wish, text])).toEqual([
      [{ settle: 'pay', method: 'card' }, 'The customer pays ₹100 by card'],
      [{ settle: 'pay', method: 'wallet' }, '₹100 from the customer’s wallet'],
      [{ settle: 'waive' }, 'The house waives ₹100'],
    ]);
    // No card takes so little.
    expect(ways('card', 49).map(({ key }) => key)).toEqual(['wallet', 'waive']);
    expect(ways('card', 50).map(({ key }) => key)).toEqual(['card', 'wallet', 'waive']);
  });

  it('comes from the wallet if that paid the booking, and the counter charges nothing again', () => {
    expect(ways('wallet', 100).map(({ wish }) => wish)).toEqual([{ settle: 'pay' }, { settle: 'waive' }]);
    expect(ways('cash', 100).map(({ key }) => key)).toEqual(['waive']);
  });

  it('goes back to where the money came from, or the house keeps it', () => {
    expect(ways('card', -100).map(({ text }) => text)).toEqual(['₹100 back to the card', 'The house keeps ₹100']);
    expect(ways('wallet', -100).map(({ wish }) => wish)).toEqual([{ settle: 'refund' }, { settle: 'waive' }]);
    expect(ways('upi', -100).map(({ key }) => key)).toEqual(['waive']);
    expect(ways('card', 0).map(({ key }) => key)).toEqual(['refund']);
    expect(waysToSettle({ payment: null }, null, rupees(50))).toEqual([]);
  });

  it('is explained where it costs the customer money', () => {
    const [card, wallet, waive] = ways('card', 100);
    expect(consequenceOf(card, '10 minutes')).toContain('10 minutes');
    expect(consequenceOf(wallet, '10 minutes')).toContain('at once');
    expect(consequenceOf(waive, '10 minutes')).toBeUndefined();
    expect(consequenceOf(undefined, '10 minutes')).toBeUndefined();
  });

  it('is refused in words for the desk, and not for the customer', () => {
    for (const slug of ['insufficient-funds', 'difference-not-paid', 'move-given-up', 'too-many-checkouts']) {
      expect(refusalInWords(slug)).toMatch(/customer|withdrawn/);
    }
    expect(refusalInWords('seat-taken')).toBeNull();
  });
});
