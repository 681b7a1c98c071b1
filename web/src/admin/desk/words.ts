/** What the desk says about a booking. Pure. */

import type { Booking, Money } from '../../api/types';
import { wholeReturns, type Refunded } from '../../booking/returns';
import { money, when, whenInYear } from '../../design/format';
import { seatsListed } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';

/** `from the wallet`, `in cash`. */
export function howPaid(method: string): string {
  const known: Record<string, string> = w.told.how;
  return known[method] ?? w.told.by(method.replaceAll('_', ' '));
}

function whereabouts({ amount, status, to }: Refunded): string {
  const { other, ...known } = status === 'completed' ? w.told.arrived : w.told.going;
  const places: Record<string, typeof other> = known;
  return (places[to ?? ''] ?? other)(money(amount));
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

/** A booking with its customer. */
interface Bought {
  booking_id: string;
  customer: { user_id: string };
  buyer_erased: boolean;
}

/**
 * Who the customer is: a person with an account, a buyer at the counter without one, or such a buyer who was erased. The booking's
 * own id stands for a buyer without an account.
 */
export function kindOfCustomer({ booking_id, customer, buyer_erased }: Bought): 'account' | 'buyer' | 'erased' {
  if (customer.user_id !== booking_id) return 'account';
  return buyer_erased ? 'erased' : 'buyer';
}

/** The booking in sentences: bought, paid, given back, ended, and where the money is. */
export function inSentences(booking: DeskBooking, now: number): string[] {
  const { payment, refund, status, amount, screening } = booking;
  // Without the seats: those that it has now may be others than those that were booked.
  const sentences = [w.told.booked(whenInYear(booking.created_at, 'full', now, screening.timezone))];
  if (payment && ['captured', 'refunding', 'refunded'].includes(payment.status))
    sentences.push(
      payment.method === ('complimentary' as string)
        ? w.told.given
        : w.told.paid(money(amount), howPaid(payment.method)),
    );
  else if (status === 'held' || status === 'paying')
    sentences.push(w.told.unpaid(when(booking.held_until, 'time', screening.timezone)));
  else if (status === 'expired') sentences.push(w.told.expired);
  for (const { seats: gone, by, reason, returned_at, amount: worth, refunds } of wholeReturns(booking.returns ?? [])) {
    const back = by === 'customer' ? w.told.gaveBack : w.told.tookBack;
    const why = reason ? ` (${reason.replace(/[.।]$/, '')})` : '';
    const settled = refunds.length > 0 ? refunds.map(whereabouts).join('; ') : w.told.keeps(money(worth));
    if (gone.length === 0) {
      sentences.push(w.told.ofDifference(settled));
      continue;
    }
    const time = whenInYear(returned_at, 'full', now, screening.timezone);
    sentences.push(back(gone.length, seatsListed(gone), time, why, settled));
  }
  if (status === 'cancelled' || status === 'refunded') sentences.push(w.told.cancelled);
  if (refund)
    sentences.push(
      refund.status === 'failed' || refund.status === 'review'
        ? w.told.decision(money(refund.amount))
        : w.told.sentence(whereabouts(refund)),
    );
  return sentences;
}
