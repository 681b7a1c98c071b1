/** Sums of sales. Pure. */

import type { Money, SalesSum } from '../../api/types';

/** Sales minus refunds, one sum per currency. */
export function sumByCurrency(rows: readonly SalesSum[]): Money[] {
  const sums = new Map<string, number>();
  for (const { net } of rows) sums.set(net.currency, (sums.get(net.currency) ?? 0) + net.amount_minor);
  return [...sums].map(([currency, amount_minor]) => ({ currency, amount_minor }));
}
