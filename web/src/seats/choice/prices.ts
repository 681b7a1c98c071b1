/** What the seats of a room cost, and what a reader wants to see of them. Pure. */

import type { Money, SeatMap } from '../../api/types';
import type { Plan } from '../map/plan';

export interface Offer {
  category: string;
  price: Money | undefined;
  free: number;
}

/** The categories of a room, front first. */
export function offersOf(plan: Plan, map: SeatMap): Offer[] {
  return plan.categories.map((category) => {
    const rows = map.rows.filter((row) => row.category === category);
    const free = rows.reduce((sum, row) => sum + row.seats.filter(({ status }) => status === 'free').length, 0);
    return { category, price: rows[0]?.seats[0]?.price, free };
  });
}

/** Seats that are free in these categories; in all if null. */
export function freeIn(offers: readonly Offer[], categories: ReadonlySet<string> | null): number {
  const counted = offers.filter(({ category }) => !categories || categories.has(category));
  return counted.reduce((sum, { free }) => sum + free, 0);
}

/** A category, seats up to a price, or all. */
export type Filter = { category: string } | { upTo: number } | null;

/** The prices a reader may set as a limit: those that let more than one category through, and not all. */
export function budgets(offers: readonly Offer[]): Money[] {
  const prices = offers.flatMap(({ price }) => price ?? []).sort((a, b) => a.amount_minor - b.amount_minor);
  const most = prices.at(-1)?.amount_minor ?? 0;
  const within = (limit: number) => prices.filter(({ amount_minor }) => amount_minor <= limit).length;
  const wanted = prices.filter(({ amount_minor }) => amount_minor < most && within(amount_minor) > 1);
  return wanted.filter(({ amount_minor }, at) => wanted[at - 1]?.amount_minor !== amount_minor);
}

/** The categories that pass a filter; null if all do. */
export function categoriesOf(filter: Filter, offers: readonly Offer[]): ReadonlySet<string> | null {
  if (!filter) return null;
  if ('category' in filter) return new Set([filter.category]);
  const passing = offers.filter(({ price }) => price && price.amount_minor <= filter.upTo);
  return new Set(passing.map(({ category }) => category));
}
