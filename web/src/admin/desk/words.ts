/** What the desk says about a booking. Pure. */

import type { Booking, Money } from '../../api/types';
import { listed } from '../../i18n/language';
import { money, when } from '../../design/format';

/** Ways of payment, at the site and at the counter. */
const METHODS: Record<string, string> = {
  wallet: 'from the wallet',
  card: 'by card',
  cash: 'in cash',
  card_terminal: 'by card at the counter',
  upi: 'by UPI',
  complimentary: 'nothing, as a guest of the house',
};

/** `from the wallet`, `in cash`. */
export function howPaid(method: string): string {
  return METHODS[method] ?? `by ${method.replaceAll('_', ' ')}`;
}

/** Where returned money is once it has arrived, and where it goes until then. */
const PLACES: Record<string, [string, string]> = {
  card: ['back on the card', 'on its way back to the card'],
  wallet: ['in the wallet', 'on its way to the wallet'],
  cash: ['returned in cash', 'being returned in cash'],
};

function whereabouts({ amount, status, to }: NonNullable<Booking['refund']>): string {
  const [arrived, going] = PLACES[to ?? ''] ?? ['returned', 'being returned'];
  return `${money(amount)} is ${status === 'completed' ? arrived : going}`;
}

/** Seats that were given back while the rest of the booking stayed. */
export interface Returned {
  return_id: string;
  seats: string[];
  amount: Money;
  by: string;
  reason?: string | null;
  returned_at: string;
  refund?: Booking['refund'];
}

/** A booking with what the desk knows of it beside what its customer sees. */
export type DeskBooking = Booking & { returns?: Returned[] };

/** The booking in sentences: bought, paid, given back, ended, and where the money is. */
export function inSentences(booking: DeskBooking): string[] {
  const { payment, refund, status, seats, amount, screening } = booking;
  const sentences = [`Booked ${when(booking.created_at, 'full', screening.timezone)}: ${listed(seats)}.`];
  if (payment && ['captured', 'refunding', 'refunded'].includes(payment.status))
    sentences.push(
      payment.method === ('complimentary' as string)
        ? 'Given by the house.'
        : `${money(amount)} was paid ${howPaid(payment.method)}.`,
    );
  else if (status === 'held' || status === 'paying')
    sentences.push(`Not paid yet; held until ${when(booking.held_until, 'time', screening.timezone)}.`);
  else if (status === 'expired') sentences.push('It was not paid in time, and the seats went back on sale.');
  for (const { seats: gone, by, reason, returned_at, amount: worth, refund: back } of booking.returns ?? []) {
    const who = by === 'customer' ? 'The customer gave' : 'The house took';
    const why = reason ? ` (${reason.replace(/\.$/, '')})` : '';
    const settled = back ? whereabouts(back) : `the house keeps ${money(worth)}`;
    sentences.push(`${who} back ${listed(gone)} ${when(returned_at, 'full', screening.timezone)}${why}; ${settled}.`);
  }
  if (status === 'cancelled' || status === 'refunded') sentences.push('The booking is cancelled.');
  if (refund)
    sentences.push(
      refund.status === 'failed' || refund.status === 'review'
        ? `The refund of ${money(refund.amount)} needs a decision.`
        : `${whereabouts(refund)}.`,
    );
  return sentences;
}
