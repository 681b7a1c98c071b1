/** Facts about bookings that several pages show. Pure. */

import type { Booking } from '../api/types';
import { money, when } from '../design/format';
import { t } from '../i18n/texts';

export type Group = 'upcoming' | 'past' | 'cancelled';

/** Returns the list that shows a booking. */
export function groupOf(booking: Booking, now: number): Group {
  switch (booking.status) {
    case 'cancelled':
    case 'refunded':
    case 'expired':
      return 'cancelled';
    case 'held':
    case 'paying':
    case 'confirmed':
      return Date.parse(booking.screening.ends_at) < now ? 'past' : 'upcoming';
  }
}

/** How long before its start a booking is shown enlarged, in milliseconds. */
const NEXT_UP_MS = 24 * 3_600_000;

/** True on the day of a paid booking, until the screening is over. */
export function isNextUp({ status, screening }: Booking, now: number): boolean {
  return (
    status === 'confirmed' && Date.parse(screening.starts_at) - now < NEXT_UP_MS && Date.parse(screening.ends_at) > now
  );
}

/** True while the booking can be paid. A payment in progress may outlast the hold. */
export function isOpen(booking: Booking, now: number): boolean {
  return (booking.status === 'held' && Date.parse(booking.held_until) > now) || booking.status === 'paying';
}

/** The terms of a cancellation, for the reader who has not paid yet. */
export function termsInWords(until: string, now: number, timeZone: string): string {
  return Date.parse(until) > now ? t.checkout.terms(when(until, 'full', timeZone)) : t.checkout.tooLate;
}

/** Describes the refund of a cancellation before it is confirmed. */
export function cancellationInWords(booking: Booking): string {
  const { cancellation } = booking;
  if (!cancellation || booking.status !== 'confirmed') return t.booking.nothingToRefund;
  const amount = money(cancellation.refund);
  return cancellation.to === 'card' ? t.booking.refundToCard(amount) : t.booking.refundToWallet(amount);
}
