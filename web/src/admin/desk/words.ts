/** What the desk says about a booking. Pure. */

import type { Booking, Money } from '../../api/types';
import { wholeReturns, type Refunded } from '../../booking/returns';
import { screenName } from '../../catalogue/names';
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

/** A reason of the staff, within a sentence. */
function because(reason: string | null | undefined): string {
  return reason ? ` (${reason.replace(/[.।]$/, '')})` : '';
}

/** A sentence and its moment. */
interface Told {
  at: string;
  text: string;
}

function returnsOf({ returns = [], screening }: DeskBooking, now: number): Told[] {
  return wholeReturns(returns).map(({ seats: gone, by, reason, returned_at: at, amount: worth, refunds }) => {
    const settled = refunds.length > 0 ? refunds.map(whereabouts).join('; ') : w.told.keeps(money(worth));
    if (gone.length === 0) return { at, text: w.told.ofDifference(settled) };
    const back = by === 'customer' ? w.told.gaveBack : w.told.tookBack;
    const time = whenInYear(at, 'full', now, screening.timezone);
    return { at, text: back(gone.length, seatsListed(gone), time, because(reason), settled) };
  });
}

/** Other times and screens that the house gave the screening. */
function reschedulingsOf({ reschedulings, screening, screen }: DeskBooking, now: number): Told[] {
  const time = (moment: string) => whenInYear(moment, 'full', now, screening.timezone);
  return reschedulings.map(({ starts_at, screen: before, changed_at: at }, index) => {
    const next = reschedulings[index + 1] ?? { starts_at: screening.starts_at, screen: screen.name };
    const changes = [
      Date.parse(next.starts_at) !== Date.parse(starts_at) && w.told.otherTime(time(next.starts_at), time(starts_at)),
      next.screen !== before && w.told.otherScreen(screenName(next.screen), screenName(before)),
    ];
    return { at, text: w.told.rescheduled(time(at), changes.filter(Boolean).join(', ')) };
  });
}

/** The booking in sentences: bought, paid, changed and given back in the order of time, ended, and where the money is. */
export function inSentences(booking: DeskBooking, now: number): string[] {
  const { payment, refund, status, amount, screening, cancelled } = booking;
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
  const changes = [...reschedulingsOf(booking, now), ...returnsOf(booking, now)];
  changes.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  sentences.push(...changes.map(({ text }) => text));
  if (status === 'cancelled' || status === 'refunded') {
    const by = cancelled?.by === 'customer' ? w.told.customerCancelled : w.told.houseCancelled;
    sentences.push(cancelled ? by(because(cancelled.reason)) : w.told.cancelled);
  }
  if (refund)
    sentences.push(
      refund.status === 'failed' || refund.status === 'review'
        ? w.told.decision(money(refund.amount))
        : w.told.sentence(whereabouts(refund)),
    );
  return sentences;
}
