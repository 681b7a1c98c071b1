import { describe, expect, it } from 'vitest';

import { paymentPage } from './left';
import { storyOf } from './story';
import { termsInWords } from './types';

describe("the provider's page", () => {
  it('is opened over HTTPS', () => {
    expect(paymentPage('https://checkout.example.com/s/1?a=b', 'https:')).toBe('https://checkout.example.com/s/1?a=b');
  });

  it('is opened over HTTP only from a page that is itself served so', () => {
    expect(paymentPage('http://localhost:4242/pay/1', 'http:')).toBe('http://localhost:4242/pay/1');
    expect(paymentPage('http://localhost:4242/pay/1', 'https:')).toBeNull();
  });

  it('is never a script or another address that does not lead to a page', () => {
    for (const address of [
      'javascript:alert(1)',
      ' JavaScript:alert(1)',
      'data:text/html,x',
      'file:///etc',
      '/x',
      '',
      null,
    ])
      expect(paymentPage(address, 'http:'), String(address)).toBeNull();
  });
});

describe('the story of a booking', () => {
  const steps = (...names: string[]) =>
    names.map((event, index) => ({ event, text: event, time: `2026-11-29T10:00:0${String(index % 10)}Z` }));
  const story = (seats: number, ...names: string[]) => storyOf(steps(...names), seats).map(({ text }) => text);

  it('is five sentences at most, not every step of the machinery', () => {
    expect(
      story(
        2,
        'seats_reserved',
        'booking_opened',
        'payment_attempt_started',
        'payment_attempt_failed',
        'checkout_opened',
        'hold_extended',
        'payment_captured',
        'seats_sold',
        'booking_confirmed',
        'booking_moved',
        'booking_cancelled',
        'refund_requested',
        'refund_attempted',
        'refund_submitted',
        'refund_completed',
        'booking_refunded',
      ),
    ).toEqual(['seats_reserved', 'booking_confirmed', 'booking_moved', 'booking_cancelled', 'booking_refunded']);
  });

  it('says once that the theatre cancelled', () => {
    expect(story(1, 'seats_reserved', 'booking_confirmed', 'screening_cancelled', 'booking_cancelled')).toEqual([
      'seats_reserved',
      'booking_confirmed',
      'screening_cancelled',
    ]);
  });

  it('says how many came in, and nothing of a check-in that was undone', () => {
    const paid = ['seats_reserved', 'booking_confirmed'];
    expect(story(2, ...paid, 'ticket_checked_in').at(-1)).toBe('1 of 2 tickets was used at the door.');
    expect(story(2, ...paid, 'ticket_checked_in', 'ticket_checked_in').at(-1)).toBe(
      'All tickets were used at the door.',
    );
    expect(story(1, ...paid, 'ticket_checked_in').at(-1)).toBe('The ticket was used at the door.');
    expect(story(1, ...paid, 'ticket_checked_in', 'check_in_undone')).toEqual(paid);
  });
});

it('the terms of a cancellation are said before paying', () => {
  const until = '2026-11-29T10:45:00+05:30';
  expect(termsInWords(until, Date.parse('2026-11-28T00:00:00Z'), 'Asia/Kolkata')).toBe(
    'Cancel with a full refund until Sun, 29 Nov, 10:45 am.',
  );
  expect(termsInWords(until, Date.parse('2026-11-30T00:00:00Z'), 'Asia/Kolkata')).toContain('too late');
});
