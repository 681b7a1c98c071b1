import type { CategoryPrice } from '../../../api/types';
import { categoryName } from '../../../catalogue/names';
import { isMoney } from '../../../catalogue/time-chip';
import { money } from '../../../design/format';
import { ticketType } from '../../../i18n/ticket-type';

/** `Classic ₹250`, `Gold: Adult ₹400, Child ₹300`: the prices of each category. */
export function pricesInWords(prices: Readonly<Record<string, CategoryPrice>>): string[] {
  return Object.entries(prices).map(([category, price]) => {
    const name = categoryName(category);
    if (isMoney(price)) return `${name} ${money(price)}`;
    const types = Object.entries(price).map(([type, amount]) => `${ticketType(type)} ${money(amount)}`);
    return `${name}: ${types.join(', ')}`;
  });
}
