import type { CategoryPrice, Money } from '../../../api/types';
import { isMoney } from '../../../catalogue/time-chip';

/** Terms of a screening that can change. */
interface Terms {
  screen_id: string;
  starts_at: string;
  prices: Record<string, CategoryPrice>;
  wheelchair_minutes?: number | null;
}

/** One price of a screening: of a category, or of a ticket type in it. */
export interface PriceField {
  id: string;
  category: string;
  type: string | null;
  /** None if the screening has no such category yet. */
  before: Money | null;
}

export function fieldsOf(categories: readonly string[], prices: Record<string, CategoryPrice>): PriceField[] {
  return categories.flatMap((category): PriceField[] => {
    const price = prices[category];
    if (!price || isMoney(price)) return [{ id: category, category, type: null, before: price ?? null }];
    return Object.entries(price).map(([type, before]) => ({ id: `${category}/${type}`, category, type, before }));
  });
}

/** The prices as the fields say; `null` while one is missing. */
export function pricesFrom(
  fields: readonly PriceField[],
  amountOf: (field: PriceField) => Money | null,
): Record<string, CategoryPrice> | null {
  const single: Record<string, Money> = {};
  const byType: Record<string, Record<string, Money>> = {};
  for (const field of fields) {
    const amount = amountOf(field);
    if (!amount) return null;
    if (field.type === null) single[field.category] = amount;
    else byType[field.category] = { ...byType[field.category], [field.type]: amount };
  }
  return { ...single, ...byType };
}

/** Only what is other than it was. */
export function changesOf(
  screening: Terms,
  { screen_id, starts_at, prices, wheelchair_minutes }: Terms,
): Partial<Terms> {
  return {
    ...(screen_id !== screening.screen_id && { screen_id }),
    ...(Date.parse(starts_at) !== Date.parse(screening.starts_at) && { starts_at }),
    ...(inOneLine(prices) !== inOneLine(screening.prices) && { prices }),
    ...((wheelchair_minutes ?? null) !== (screening.wheelchair_minutes ?? null) && {
      wheelchair_minutes: wheelchair_minutes ?? null,
    }),
  };
}

/** Amounts by category and ticket type, in an order of their own. */
function inOneLine(prices: Record<string, CategoryPrice>): string {
  const fields = fieldsOf(Object.keys(prices), prices);
  return fields
    .map(({ id, before }) => `${id}=${String(before?.amount_minor)}`)
    .sort()
    .join(' ');
}
