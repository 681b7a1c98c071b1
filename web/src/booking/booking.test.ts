import { describe, expect, it } from 'vitest';

import { paymentPage } from './left';
import { milestones, termsInWords } from './types';

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

describe('the history of a booking', () => {
  const events = (...names: string[]) => names.map((event) => ({ event }));
  const names = (items: { event: string }[]) => items.map(({ event }) => event);

  it('is five sentences at most, not every step of the machinery', () => {
    const all = events(
      'seats_reserved',
      'booking_opened',
      'payment_attempt_started',
      'checkout_opened',
      'hold_extended',
      'payment_captured',
      'seats_sold',
      'booking_confirmed',
      'booking_cancelled',
      'refund_requested',
      'refund_attempted',
      'refund_submitted',
      'refund_completed',
      'booking_refunded',
    );
    expect(names(milestones(all))).toEqual([
      'seats_reserved',
      'booking_confirmed',
      'booking_cancelled',
      'booking_refunded',
    ]);
  });

  it('says once that the theatre cancelled', () => {
    const all = events('seats_reserved', 'booking_confirmed', 'screening_cancelled', 'booking_cancelled');
    expect(names(milestones(all))).toEqual(['seats_reserved', 'booking_confirmed', 'screening_cancelled']);
  });
});

it('the terms of a cancellation are said before paying', () => {
  const until = '2026-11-29T10:45:00+05:30';
  expect(termsInWords(until, Date.parse('2026-11-28T00:00:00Z'), 'Asia/Kolkata')).toBe(
    'Cancel with a full refund until Sun, 29 Nov, 10:45 am.',
  );
  expect(termsInWords(until, Date.parse('2026-11-30T00:00:00Z'), 'Asia/Kolkata')).toContain('too late');
});
