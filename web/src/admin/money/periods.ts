/** Periods of a report, and what their sums are called. Pure. */

import type { Money, SalesSum } from '../../api/types';
import { dayAfter, dayName } from '../../design/format';
import { categoryName } from '../../catalogue/names';
import { ticketType } from '../../i18n/ticket-type';
import { w, type WorkTexts } from '../../i18n/work/texts';
import { howPaid } from '../desk/words';

/** A sum of sales as the API has it, with the groups that came later. */
export type SalesRow = SalesSum & {
  hour?: number | null;
  category?: string | null;
  ticket_type?: string | null;
  method?: string | null;
  previous?: Pick<SalesSum, 'bookings' | 'seats' | 'sold' | 'refunded' | 'net'> | null;
};

export interface Period {
  from: string;
  to: string;
}

export type Preset = keyof WorkTexts['office']['sales']['presets'];

/** Periods that are asked for most. */
export const PRESETS: readonly [Preset, (today: string) => Period][] = [
  ['today', (today) => ({ from: today, to: today })],
  ['yesterday', (today) => ({ from: dayAfter(today, -1), to: dayAfter(today, -1) })],
  ['week', (today) => ({ from: dayAfter(today, -6), to: today })],
  ['days30', (today) => ({ from: dayAfter(today, -29), to: today })],
  ['month', (today) => ({ from: `${today.slice(0, 8)}01`, to: today })],
];

/**
 * The preset that a period is; null if it is none. Several may have the same days, on the 30th for example: then it is
 * the one that was asked for.
 */
export function presetOf({ from, to }: Period, today: string, asked: Preset | null): Preset | null {
  const fitting = PRESETS.filter(([, of]) => of(today).from === from && of(today).to === to).map(([name]) => name);
  return asked && fitting.includes(asked) ? asked : (fitting[0] ?? null);
}

/** Days of a period, at most `max`. */
export function daysOf({ from, to }: Period, max = 100): string[] {
  const days: string[] = [];
  for (let day = from; day <= to && days.length < max; day = dayAfter(day, 1)) days.push(day);
  return days;
}

/** What a sum is of, other than a show, a venue or a day: an hour, a category, a ticket type, a way of payment. */
export function kindOfSum(row: SalesRow): string {
  const parts = [
    typeof row.hour === 'number' && w.sales.hours(row.hour),
    row.category && categoryName(row.category),
    row.ticket_type && ticketType(row.ticket_type),
    row.method && capital(howPaid(row.method)),
  ];
  return parts.filter(Boolean).join(', ');
}

/** The name of a sum in the table. */
export function groupName(row: SalesRow): string {
  const parts = [row.show_title, row.venue_name, row.day && dayName(row.day, 'date'), kindOfSum(row)];
  return parts.filter(Boolean).join(', ') || w.sales.total;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `+12 %` of the period before; null if there is nothing to compare with. */
export function growth(now: Money, before: Money | null | undefined): string | null {
  if (!before || before.amount_minor === 0) return null;
  const percent = Math.round(((now.amount_minor - before.amount_minor) / Math.abs(before.amount_minor)) * 100);
  return `${percent < 0 ? '\u2212' : '+'}${String(Math.abs(percent))} %`;
}
