/** What becomes of the difference of a move at the desk. Pure. */

import type { Booking, Money } from '../../api/types';
import { hindranceOf } from '../../booking/move/choice';
import type { Wish } from '../../booking/move/moving';
import { money } from '../../design/format';
import { w } from '../../i18n/work/texts';

/** A way to settle a difference. */
export interface Way {
  key: 'card' | 'wallet' | 'refund' | 'waive';
  /** What the API is asked for. */
  wish: Pick<Wish, 'settle' | 'method'>;
  text: string;
}

/**
 * The ways to settle a difference, in the order in which they are offered. Money of the counter is neither charged nor
 * returned here, and no card takes less than `cardMin`.
 */
export function waysToSettle(booking: Pick<Booking, 'payment'>, difference: Money | null, cardMin: Money): Way[] {
  if (!difference) return [];
  const more = difference.amount_minor;
  if (more === 0) return [{ key: 'refund', wish: { settle: 'refund' }, text: w.relocate.same }];
  const amount = money({ ...difference, amount_minor: Math.abs(more) });
  const waive: Way = {
    key: 'waive',
    wish: { settle: 'waive' },
    text: more > 0 ? w.relocate.waive(amount) : w.relocate.keep(amount),
  };
  if (hindranceOf(booking, difference)) return [waive];
  const isCards = booking.payment?.method === 'card';
  if (more < 0) {
    const text = isCards ? w.relocate.toCard(amount) : w.relocate.toWallet(amount);
    return [{ key: 'refund', wish: { settle: 'refund' }, text }, waive];
  }
  const wallet: Way = {
    key: 'wallet',
    wish: isCards ? { settle: 'pay', method: 'wallet' } : { settle: 'pay' },
    text: w.relocate.pay(amount),
  };
  if (!isCards || more < cardMin.amount_minor) return [wallet, waive];
  const card: Way = { key: 'card', wish: { settle: 'pay', method: 'card' }, text: w.relocate.byCard(amount) };
  return [card, wallet, waive];
}

/** What a way to pay means for the customer; nothing to say about the others. `time` is that to pay by card. */
export function consequenceOf(way: Way | undefined, time: string): string | undefined {
  if (way?.key === 'card') return w.relocate.byCardHow(time);
  if (way?.key === 'wallet') return w.relocate.walletHow;
  return undefined;
}

/** Texts at the desk for refusals that the catalogue words for the customer. */
const REFUSALS: Record<string, () => string> = {
  'insufficient-funds': () => w.relocate.poor,
  'difference-not-paid': () => w.relocate.notPaid,
  'move-given-up': () => w.relocate.wasWithdrawn,
  'too-many-checkouts': () => w.relocate.tooManyOpen,
};

/** What the desk says about a refusal; null if the catalogue's text fits. */
export function refusalInWords(slug: string): string | null {
  return REFUSALS[slug]?.() ?? null;
}
