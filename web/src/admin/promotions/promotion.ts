/** Promotions as a manager types them. Pure. */

import type { components } from '../../api/schema';
import { dayAfter, localMoment, parseMoney } from '../../design/format';

export type Promotion = components['schemas']['PublishedPromotion'];
type Body = components['schemas']['NewPromotion'];
export type Day = components['schemas']['Weekday'];

export const DAYS: readonly Day[] = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

export interface Draft {
  /** Empty: the offer lowers prices by itself. */
  code: string;
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

/** The request for a promotion; null while something typed is not understood. */
export function promotionFrom(draft: Draft, currency: string, timeZone: string): Body | null {
  const percent = draft.off === 'percent' ? number(draft.percent, 1, 100) : undefined;
  const amount = draft.off === 'amount' ? parseMoney(draft.amount, currency) : undefined;
  const uses = draft.uses.trim() === '' ? undefined : number(draft.uses, 1, 100_000);
  const each = draft.each.trim() === '' ? undefined : number(draft.each, 1, 100_000);
  if (percent === null || amount === null || amount?.amount_minor === 0 || uses === null || each === null) return null;
  if (draft.from && draft.until && draft.until < draft.from) return null;
  const code = draft.code.trim();
  return {
    ...(code && { code }),
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

export type State = 'planned' | 'running' | 'used up' | 'over';

export function stateOf({ valid_from, valid_until, uses, uses_max }: Promotion, now: number): State {
  if (valid_until && Date.parse(valid_until) <= now) return 'over';
  if (valid_from && Date.parse(valid_from) > now) return 'planned';
  return uses >= uses_max ? 'used up' : 'running';
}
