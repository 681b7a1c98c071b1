/** Promotions as a manager types them. Pure. */

import type { components } from '../../api/schema';
import { calendarDay, dayAfter, dayName, localMoment, parseMoney } from '../../design/format';
import { w } from '../../i18n/work/texts';

export type Promotion = components['schemas']['PublishedPromotion'];
type Body = components['schemas']['NewPromotion'];
export type Day = components['schemas']['Weekday'];

export const DAYS: readonly Day[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** `Mon`. */
export function weekdayName(day: Day): string {
  // The first day of this month was a Monday.
  return dayName(`2024-01-0${String(DAYS.indexOf(day) + 1)}`, 'weekday');
}

/** Uses of a promotion without a limit, which is also the most that one can have. */
export const MOST_USES = 100_000;

export interface Draft {
  /** Empty: the offer lowers prices by itself. */
  code: string;
  /** For customers. */
  name: string;
  off: 'percent' | 'amount';
  percent: string;
  amount: string;
  /** First and last day, in the time zone of the reader. */
  from: string;
  until: string;
  shows: readonly string[];
  venues: readonly string[];
  ticket_types: readonly string[];
  weekdays: readonly Day[];
  uses: string;
  each: string;
}

export const NEW: Draft = {
  code: '',
  name: '',
  off: 'percent',
  percent: '10',
  amount: '',
  from: '',
  until: '',
  shows: [],
  venues: [],
  ticket_types: [],
  weekdays: [],
  uses: '',
  each: '',
};

function number(text: string, least: number, most: number): number | null {
  const value = /^\d{1,6}$/.test(text.trim()) ? Number(text) : NaN;
  return value >= least && value <= most ? value : null;
}

/** Why what was typed is no promotion, by field. Fields that are merely empty are the browser's to ask for. */
export function flawsOf(draft: Draft, currency: string): Partial<Record<keyof Draft, string>> {
  const wrong = (text: string, most: number) => text.trim() !== '' && number(text, 1, most) === null;
  const amount = draft.amount.trim() === '' ? null : parseMoney(draft.amount, currency);
  return {
    ...(draft.code.trim() && !/^[a-z0-9-]{4,32}$/i.test(draft.code.trim()) && { code: w.promotion.badCode }),
    ...(draft.off === 'percent' && wrong(draft.percent, 100) && { percent: w.promotion.badPercent }),
    ...(draft.off === 'amount' && draft.amount.trim() && !amount?.amount_minor && { amount: w.promotion.badAmount }),
    ...(draft.from && draft.until && draft.until < draft.from && { until: w.promotion.backwards }),
    ...(wrong(draft.uses, MOST_USES) && { uses: w.promotion.badUses }),
    ...(wrong(draft.each, MOST_USES) && { each: w.promotion.badUses }),
  };
}

/** Days on which a promotion counts, both inclusive, in a time zone; null where it has no bound. */
export function daysOf({ valid_from, valid_until }: Promotion, timeZone?: string): [string | null, string | null] {
  return [
    valid_from ? calendarDay(valid_from, timeZone) : null,
    // It ends before this moment, which is midnight if a last day was chosen.
    valid_until ? calendarDay(new Date(Date.parse(valid_until) - 1).toISOString(), timeZone) : null,
  ];
}

/** The request for a promotion; null while something typed is not understood. */
export function promotionFrom(draft: Draft, currency: string, timeZone: string): Body | null {
  const percent = draft.off === 'percent' ? number(draft.percent, 1, 100) : undefined;
  const amount = draft.off === 'amount' ? parseMoney(draft.amount, currency) : undefined;
  const uses = draft.uses.trim() === '' ? undefined : number(draft.uses, 1, MOST_USES);
  const each = draft.each.trim() === '' ? undefined : number(draft.each, 1, MOST_USES);
  if (percent === null || amount === null || amount?.amount_minor === 0 || uses === null || each === null) return null;
  if (draft.from && draft.until && draft.until < draft.from) return null;
  const code = draft.code.trim();
  return {
    ...(code && { code }),
    ...(draft.name.trim() && { name: draft.name.trim() }),
    ...(percent !== undefined && { percent }),
    ...(amount !== undefined && { amount }),
    ...(draft.from && { valid_from: localMoment(draft.from, '00:00', timeZone) }),
    // The last day counts in full.
    ...(draft.until && { valid_until: localMoment(dayAfter(draft.until, 1), '00:00', timeZone) }),
    shows: [...draft.shows],
    venues: [...draft.venues],
    ticket_types: [...draft.ticket_types],
    weekdays: [...draft.weekdays],
    ...(uses !== undefined && { uses_max: uses }),
    ...(each !== undefined && { uses_per_customer_max: each }),
  };
}

export type State = 'planned' | 'running' | 'used up' | 'ended';

export function stateOf({ valid_from, valid_until, uses, uses_max }: Promotion, now: number): State {
  if (valid_until && Date.parse(valid_until) <= now) return 'ended';
  if (valid_from && Date.parse(valid_from) > now) return 'planned';
  return uses >= uses_max ? 'used up' : 'running';
}
