/** Sums of sales. Pure. */

import type { Money, SalesSum } from '../../api/types';

/** What came in less what went back, one sum a currency. */
export function sumByCurrency(rows: readonly SalesSum[]): Money[] {
  const sums = new Map<string, number>();
  for (const { net } of rows) sums.set(net.currency, (sums.get(net.currency) ?? 0) + net.amount_minor);
  return [...sums].map(([currency, amount_minor]) => ({ currency, amount_minor }));
}
