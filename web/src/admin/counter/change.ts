/** The arithmetic of a counter. Pure. */

import type { Money, SoldBooking } from '../../api/types';

/** Money to give back to a customer who pays `price` with `given`; null if it is not enough. */
export function change(price: Money, given: Money): Money | null {
  const left = given.amount_minor - price.amount_minor;
  return left < 0 ? null : { ...price, amount_minor: left };
}

/** What a sale took: of cash, also the sum handed over and the change, if the seller typed a sum that is enough. */
export interface Taken {
  amount: Money;
  method: string;
  cash: { given: Money; back: Money } | null;
}

export function takenOf({ amount, method }: Pick<SoldBooking, 'amount' | 'method'>, given: Money | null): Taken {
  const back = method === 'cash' && given ? change(amount, given) : null;
  return { amount, method, cash: given && back ? { given, back } : null };
}

/** Notes that a customer may hand over for a price: the price itself, and the next round amounts. */
export function likelyNotes(price: Money, decimals: number): Money[] {
  const unit = 10 ** decimals;
  const rounded = [50, 100, 500, 2_000].map((note) => Math.ceil(price.amount_minor / (note * unit)) * note * unit);
  return [...new Set([price.amount_minor, ...rounded])]
    .filter((amount) => amount > 0)
    .sort((a, b) => a - b)
    .slice(0, 4)
    .map((amount_minor) => ({ ...price, amount_minor }));
}
