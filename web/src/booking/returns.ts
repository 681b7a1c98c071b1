/** Seats that went back on sale, each time with all the money for them. Pure. */

import type { Booking, Money } from '../api/types';
import { money } from '../design/format';
import { t } from '../i18n/texts';

/** Where returned money is. */
export type Refunded = Pick<NonNullable<Booking['refund']>, 'status' | 'to' | 'amount'>;

interface Part {
  seats: string[];
  amount: Money;
  returned_at: string;
  refund?: Refunded | null | undefined;
}

export type Whole<R extends Part> = R & { refunds: Refunded[] };

/**
 * If the difference of a move was paid, two payments bought the seats, and each returns a part of the price: the first part has
 * no seats, the last one, of the same moment, names them. Parts that have gone the same way as far are one sum.
 */
export function wholeReturns<R extends Part>(parts: readonly R[]): Whole<R>[] {
  const whole: Whole<R>[] = [];
  for (const part of parts) {
    const refunds = part.refund ? [part.refund] : [];
    const begun = whole.at(-1);
    if (begun?.seats.length === 0 && begun.returned_at === part.returned_at) {
      whole.pop();
      const amount = plus(begun.amount, part.amount);
      whole.push({ ...part, amount, refunds: summed([...begun.refunds, ...refunds]) });
    } else whole.push({ ...part, refunds });
  }
  return whole;
}

/** Says where returned money is. */
export function whereabouts({ status, to, amount: sum }: Refunded): string {
  const amount = money(sum);
  const isCard = to === 'card';
  if (status === 'completed') return isCard ? t.booking.onCard(amount) : t.booking.inWallet(amount);
  if (status === 'failed' || status === 'review') return t.booking.check(amount);
  return isCard ? t.booking.toCard(amount) : t.booking.toWallet(amount);
}

function summed(refunds: readonly Refunded[]): Refunded[] {
  const sums: Refunded[] = [];
  for (const refund of refunds) {
    const same = sums.findIndex(({ status, to }) => status === refund.status && to === refund.to);
    const sum = sums[same];
    if (sum) sums[same] = { ...sum, amount: plus(sum.amount, refund.amount) };
    else sums.push(refund);
  }
  return sums;
}

function plus(one: Money, other: Money): Money {
  return { ...one, amount_minor: one.amount_minor + other.amount_minor };
}
