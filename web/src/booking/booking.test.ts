import { describe, expect, it } from 'vitest';

import type { Booking, Screening } from '../api/types';
import { zoneNote } from '../design/format';
import { discountName, groupsOf } from './bill';
import { calendarEntry } from './tickets/calendar';
import { paymentPage } from './left';
import { storyOf } from './story';
import {
  canGiveBack,
  cancellationInWords,
  isInProgress,
  progressOf,
  refundOfSeats,
  seatRefundInWords,
  termsInWords,
  termsOf,
  whenOf,
} from './types';

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

  it('is one sentence per question, not every step of the machinery', () => {
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

  it('tells each change on its own: what left, what came, and the difference', () => {
    const at = '2026-11-29T10:00:00Z';
    const told = (...said: [string, string][]) =>
      storyOf(
        said.map(([event, text]) => ({ event, text, time: at })),
        3,
      ).map(({ text }) => text);
    expect(
      told(
        ['move_requested', 'You asked to move from seats A-1, A-2 and A-3 to seats B-1, B-2 and B-4.'],
        [
          'booking_moved',
          'You have seats B-1, B-2 and B-4 now, with new tickets. 100.00 AED was paid from your wallet.',
        ],
        ['seats_returned', 'You gave seat B-4 back. ₹250.00 will be refunded.'],
        [
          'move_requested',
          'We are moving you from seats B-1 and B-2 to seats C-1 and C-2 of another screening. ' +
            '₹50.50 more is to be paid by card. The new seats are kept meanwhile.',
        ],
        ['move_paid', 'The difference of ₹50.50 was paid by card.'],
        ['booking_moved', 'You have seats C-1 and C-2 of another screening now, with new tickets.'],
      ),
    ).toEqual([
      'Moved: B-1, B-2 and B-4 instead of A-1 to A-3. 100 AED more was paid from your wallet.',
      'You gave seat B-4 back. ₹250 will be refunded.',
      'Moved: C-1 and C-2 at another time instead of B-1 and B-2. ₹50.50 more was paid by card.',
    ]);
  });

  it('says that a move led to another time, and which difference is waived', () => {
    const time = '2026-11-29T10:00:00Z';
    const there = 'seat B-1 of the screening at 18:30 on 2 December 2026 instead of 18:30 on 27 November 2026';
    const why = 'Reason: The seat was broken. A difference of ₹120.00 is waived.';
    const asked = { event: 'move_requested', text: `We are moving you from seat A-1 to ${there}. ${why}`, time };
    const moved = { event: 'booking_moved', text: `You have ${there} now, with new tickets.`, time };
    expect(storyOf([asked, moved], 1).map(({ text }) => text)).toEqual([
      'Moved: B-1 at another time instead of A-1. Reason: The seat was broken. The difference of ₹120 is waived.',
    ]);
  });

  it('gives the reason of the house for a move, whatever became of the difference', () => {
    const time = '2026-11-29T10:00:00Z';
    const told = (rest: string) => {
      const asked = { event: 'move_requested', text: `We are moving you from seat A-1 to seat B-1.${rest}`, time };
      const moved = { event: 'booking_moved', text: 'You have seat B-1 now, with new tickets.', time };
      return storyOf([asked, moved], 1)[0]?.text.replace('Moved: B-1 instead of A-1.', '');
    };
    expect(told('')).toBe('');
    expect(told(' Reason: Row A leaks. Sorry!')).toBe(' Reason: Row A leaks. Sorry!');
    expect(told(' Reason: Row A leaks. A difference of the prices is waived.')).toBe(' Reason: Row A leaks.');
    expect(told(' Reason: Row A leaks. The new seats cost ₹50.00 less, which is not refunded.')).toBe(
      ' Reason: Row A leaks. The new seats cost ₹50 less, which is not refunded.',
    );
    expect(told(' Reason: Row A leaks. 100.00 AED more is to be paid from your wallet.')).toBe(' Reason: Row A leaks.');
    expect(told(' The new seats cost 100.00 AED less, which is not refunded.')).toBe(
      ' The new seats cost 100 AED less, which is not refunded.',
    );
  });

  it('names no seats of a move that did not happen, and takes the sentence of the API where it reads otherwise', () => {
    const time = '2026-11-29T10:00:00Z';
    const refused = { event: 'move_requested', text: 'You asked to move from seat A-1 to seat B-1.', time };
    const moved = { event: 'booking_moved', text: 'You have seat C-1 now, with new tickets.', time };
    const stays = { event: 'move_refused', text: 'You stay in seat A-1: the new seat is taken.', time };
    expect(storyOf([refused, stays, moved], 1).map(({ text }) => text)).toEqual([moved.text]);
  });

  it('writes times and amounts as all pages do', () => {
    const said = (text: string) =>
      storyOf([{ event: 'seats_reserved', text, time: '2026-11-29T10:00:00Z' }], 1)[0]?.text;
    expect(said('Seats A-1 and A-2 are held until 21:01 on 30 November 2026, for ₹1,450.00.')).toBe(
      'Seats A-1 and A-2 are held until Mon, 30 Nov, 9:01 pm, for ₹1,450.',
    );
    expect(said('Held until 09:05 on 1 Frimaire 2026, for ₹12.50.')).toBe(
      'Held until 09:05 on 1 Frimaire 2026, for ₹12.50.',
    );
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

  it('is read again whenever something happened to the booking', () => {
    const before = {
      status: 'confirmed',
      refund: null,
      open_move: null,
      screening: { screening_id: 's' },
      seats: ['A-1', 'A-2'],
      returns: [],
      reschedulings: [],
    };
    const progress = (change: object = {}) => progressOf({ ...before, ...change } as unknown as Booking);
    const back = (status: string) => [{ return_id: 'r', refund: { status } }];
    const seen = [
      progress(),
      progress({ open_move: { move_id: 'm', paid: false } }),
      progress({ open_move: { move_id: 'm', paid: true } }),
      progress({ seats: ['B-1', 'B-2'] }),
      progress({ screening: { screening_id: 'other' } }),
      progress({ returns: back('submitted') }),
      progress({ returns: back('completed') }),
      progress({ reschedulings: [{ change_id: 'c' }] }),
      progress({ status: 'cancelled', refund: { status: 'submitted' } }),
      progress({ status: 'cancelled', refund: { status: 'completed' } }),
    ];
    expect(new Set(seen).size).toBe(seen.length);
    expect(progress()).toBe(seen[0]);
  });
});

it('the terms of a cancellation are said before paying', () => {
  const until = '2026-11-29T10:45:00+05:30';
  const time = 'Sun, 29 Nov, 10:45 am';
  expect(termsInWords(until, Date.parse('2026-11-28T00:00:00Z'), time)).toBe(
    'Cancel with a full refund until Sun, 29 Nov, 10:45 am.',
  );
  expect(termsInWords(until, Date.parse('2026-11-30T00:00:00Z'), time)).toContain('too late');
});

it('a deadline names the place of its time, where the reader’s clock differs', () => {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const at = (timezone: string) =>
    whenOf({ screening: { timezone }, venue: { city: 'Tabwakea' } }, '2026-11-29T10:45:00Z');
  expect(at('Pacific/Kiritimati')).toBe('Mon, 30 Nov, 12:45 am (Tabwakea time)');
  expect(at(here)).not.toContain('time');
});

describe('the calendar entry', () => {
  const booking = {
    booking_id: 'b-1',
    reference: 'K7QM-3XRP',
    seats: ['A-1', 'A-2'],
    show: { title: 'Love, Lies; and a very long title that has to be folded because it is so long — प्रेम' },
    venue: { name: 'The Lantern', address: '1 Bridge Street, Pune', city: 'Pune' },
    screen: { name: 'Screen 1' },
    screening: { starts_at: '2026-11-30T18:30:00+05:30', ends_at: '2026-11-30T20:30:00+05:30' },
  } as unknown as Booking;
  const entry = calendarEntry(booking, Date.parse('2026-11-29T10:00:00Z'), 'https://tickets.example');
  const unfolded = entry.replaceAll('\r\n ', '').split('\r\n');

  it('has the place, the number, the way to the tickets and a reminder', () => {
    expect(unfolded).toEqual(
      expect.arrayContaining([
        'UID:b-1@ticketshow',
        'DTSTART:20261130T130000Z',
        'LOCATION:The Lantern\\, 1 Bridge Street\\, Pune',
        'DESCRIPTION:Screen 1\\, seats A-1\\, A-2\\nBooking number K7QM-3XRP',
        'URL:https://tickets.example/bookings/b-1',
        'TRIGGER:-PT2H',
      ]),
    );
  });

  it('has no line of more than 75 bytes', () => {
    const lengths = entry.split('\r\n').map((line) => new TextEncoder().encode(line).length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(75);
    expect(unfolded.join('\n')).toContain('SUMMARY:Love\\, Lies\\; and a very long title');
  });
});

describe('a bill', () => {
  const rupees = (amount: number) => ({ amount_minor: amount * 100, currency: 'INR' });
  const line = (seat: string, ticket_type: string, price: number) => ({ seat, ticket_type, price: rupees(price) });

  it('has a line for tickets of the same type and price', () => {
    const lines = [line('A-1', 'adult', 250), line('A-2', 'child', 120), line('A-3', 'adult', 250)];
    expect(groupsOf(lines)).toEqual([
      { type: 'adult', price: rupees(250), seats: ['A-1', 'A-3'] },
      { type: 'child', price: rupees(120), seats: ['A-2'] },
    ]);
    expect(groupsOf([line('A-1', 'adult', 250), line('F-1', 'adult', 400)])).toHaveLength(2);
  });

  it('says where the discount comes from', () => {
    const name = (promotion: object) => discountName({ promotion: { promotion_id: 'p', ...promotion } });
    expect(name({ code: 'TUESDAY10', name: 'Tuesday price' })).toBe('Discount: Tuesday price');
    expect(name({ code: 'TUESDAY10' })).toBe('Discount with TUESDAY10');
    expect(name({ name: 'Tuesday price' })).toBe('Discount: Tuesday price');
    expect(name({})).toBe('Discount, applied automatically');
    expect(discountName({ promotion: null })).toBe('Discount');
  });
});

describe('the refund of a cancellation', () => {
  const booking = (refund: number, to = 'wallet') =>
    ({
      status: 'confirmed',
      amount: { amount_minor: 52_000, currency: 'INR' },
      cancellation: { until: '', to, refund: { amount_minor: refund, currency: 'INR' } },
    }) as unknown as Booking;

  it('says what the house keeps', () => {
    expect(cancellationInWords(booking(52_000))).toContain('the full amount');
    expect(cancellationInWords(booking(45_000))).toBe('₹450 goes back to your wallet at once; ₹70 is kept.');
    expect(cancellationInWords(booking(45_000, 'card'))).toContain('₹70 is kept');
  });

  it('by several payments names each destination with its sum', () => {
    const inr = (rupees: number) => ({ amount_minor: rupees * 100, currency: 'INR' });
    const part = (to: string, amount: number, left: number) => ({ to, amount: inr(amount), left: inr(left) });
    const paid = (refund: number, ...parts: object[]) =>
      ({
        status: 'confirmed',
        amount: inr(520),
        cancellation: { until: '', to: 'card', refund: inr(refund), parts },
      }) as unknown as Booking;
    const all = paid(520, part('card', 400, 400), part('wallet', 120, 120));
    expect(cancellationInWords(all)).toBe(
      'You get back ₹400 to the card you paid with and ₹120 to your wallet. Banks take a few days to show it.',
    );
    expect(cancellationInWords(paid(500, part('card', 400, 400), part('wallet', 100, 120)))).toContain(
      '₹100 to your wallet. Banks take a few days to show it. ₹20 is kept.',
    );
    expect(cancellationInWords(paid(300, part('card', 300, 400), part('wallet', 0, 120)))).toBe(
      '₹300 goes back to the card you paid with; ₹220 is kept. Banks take a few days to show it.',
    );
    expect(cancellationInWords(paid(100, part('card', 0, 400), part('wallet', 100, 120)))).toBe(
      '₹100 goes back to your wallet at once; ₹420 is kept.',
    );
    // Of single seats, the difference comes back first.
    expect(seatRefundInWords(all, inr(260))).toContain('₹120 to your wallet and ₹140 to the card you paid with');
    expect(seatRefundInWords(all, inr(100))).toBe('₹100 goes back to your wallet at once.');
    expect(seatRefundInWords({ ...all, cancellation: null } as unknown as Booking, inr(100))).toContain('wallet');
  });

  it('of some seats is what they cost, less what is kept, and never below nothing', () => {
    const inr = (amount_minor: number) => ({ amount_minor, currency: 'INR' });
    const line = (seat: string, price: number, discount: number) => ({
      seat,
      price: inr(price),
      discount: inr(discount),
    });
    const paid = {
      status: 'confirmed',
      seats: ['A-1', 'A-2', 'A-3'],
      amount: inr(130_000),
      fees: inr(7_080),
      lines: [line('A-1', 60_000, 6_000), line('A-2', 60_000, 6_000), line('A-3', 4_000, 0)],
      payment: { method: 'wallet' },
      cancellation: { until: '2026-12-02T15:00:00+05:30', fee: inr(5_000) },
    } as unknown as Booking;
    const before = Date.parse('2026-12-01T00:00:00Z');
    expect(refundOfSeats(paid, ['A-1', 'A-2'])).toEqual({ refund: inr(103_000), kept: inr(5_000) });
    expect(refundOfSeats(paid, ['A-3'])).toEqual({ refund: inr(0), kept: inr(4_000) });
    expect(refundOfSeats(paid, [])).toEqual({ refund: inr(0), kept: inr(0) });
    expect(canGiveBack(paid, before)).toBe(true);
    expect(canGiveBack(paid, Date.parse('2026-12-03T00:00:00Z'))).toBe(false);
    expect(canGiveBack({ ...paid, payment: { method: 'cash' } } as unknown as Booking, before)).toBe(false);
    expect(canGiveBack({ ...paid, seats: ['A-1'], lines: paid.lines.slice(0, 1) }, before)).toBe(false);
  });

  it('is waited for, also that of single seats', () => {
    const booking = (refund: string | null, ...returns: string[]) =>
      isInProgress({
        status: 'confirmed',
        refund: refund && { status: refund },
        returns: returns.map((status) => ({ refund: { status } })),
      } as unknown as Booking);
    expect(booking(null)).toBe(false);
    expect(booking('requested')).toBe(true);
    expect(booking(null, 'completed', 'submitted')).toBe(true);
    expect(booking(null, 'completed')).toBe(false);
  });

  it('is shown with its terms before paying', () => {
    const screening = {
      cancel_until: '2026-11-29T10:45:00+05:30',
      timezone: 'Asia/Kolkata',
      city: 'Mumbai',
      prices: { gold: { amount_minor: 1, currency: 'INR' } },
    };
    const before = Date.parse('2026-11-28T00:00:00Z');
    const terms = (own: object) => termsOf({ ...screening, ...own } as unknown as Screening, before);
    const note = zoneNote(screening.cancel_until, screening.timezone, screening.city);
    const until = `Sun, 29 Nov, 10:45 am${note ? ` (${note})` : ''}`;
    expect(terms({})).toBe(`Cancel with a full refund until ${until}.`);
    expect(terms({ cancellation: { until_minutes: 120, fee_minor: 5_000 } })).toBe(
      `Cancel until ${until}; ₹50 is kept.`,
    );
    const charged = { fee: { per: 'ticket', amount: { amount_minor: 2_000, currency: 'INR' } } };
    expect(terms(charged)).toBe(`Cancel until ${until}; the booking fee is kept.`);
    expect(terms({ ...charged, cancellation: { until_minutes: 120, fee_minor: 5_000 } })).toBe(
      `Cancel until ${until}; ₹50 and the booking fee are kept.`,
    );
    expect(terms({ cancellation: 'none' })).toBe('Once paid, this cannot be cancelled.');
  });
});
