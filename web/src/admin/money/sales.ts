/** Sums of sales, and their table as a file. Pure. */

import type { Money, SalesSum } from '../../api/types';
import { calendarDay, typedMoney } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { kindOfSum } from './periods';

type Amount = 'sold' | 'refunded' | 'net';

/** One sum per currency. */
export function sumByCurrency(rows: readonly SalesSum[], of: Amount = 'net'): Money[] {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const { currency, amount_minor } = row[of];
    sums.set(currency, (sums.get(currency) ?? 0) + amount_minor);
  }
  return [...sums].map(([currency, amount_minor]) => ({ currency, amount_minor }));
}

/** The rows of the day that it is now at their venue, which is not the same day everywhere. */
export function ofToday<T extends { day?: string | null; venue_id?: string | null }>(
  rows: readonly T[],
  zones: ReadonlyMap<string, string>,
  now: number,
): T[] {
  return rows.filter(({ day, venue_id }) => day === calendarDay(now, venue_id ? zones.get(venue_id) : undefined));
}

/** One row per currency with the sums of the others. */
export function totals(rows: readonly SalesSum[]): SalesSum[] {
  return sumByCurrency(rows).map(({ currency }) => {
    const own = rows.filter(({ net }) => net.currency === currency);
    const count = (pick: (row: SalesSum) => number) => own.reduce((total, row) => total + pick(row), 0);
    const amount = (of: Amount) => ({ amount_minor: count((row) => row[of].amount_minor), currency });
    return {
      bookings: count((row) => row.bookings),
      bookings_refunded: count((row) => row.bookings_refunded),
      seats: count((row) => row.seats),
      seats_refunded: count((row) => row.seats_refunded),
      sold: amount('sold'),
      refunded: amount('refunded'),
      net: amount('net'),
    };
  });
}

/** A mark by which spreadsheets recognise UTF-8. */
const BOM = '\ufeff';

/** Sales and their totals as CSV (RFC 4180), with amounts as people write them. */
export function salesCsv(rows: readonly SalesSum[]): string {
  const cell = (value: string | number | null | undefined) => {
    const text = String(value ?? '');
    // A spreadsheet would run a title that begins like this as a formula.
    const safe = /^[=+\-@\t]/.test(text) && typeof value === 'string' && !/^-?\d/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const line = (row: SalesSum, name = row.show_title) => [
    row.day,
    name,
    row.venue_name,
    kindOfSum(row),
    row.bookings,
    row.seats,
    typedMoney(row.sold),
    typedMoney(row.refunded),
    typedMoney(row.net),
    row.net.currency,
  ];
  const head = w.sales.csv;
  const lines = [head, ...rows.map((row) => line(row)), ...totals(rows).map((row) => line(row, w.sales.total))];
  return BOM + lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('');
}
