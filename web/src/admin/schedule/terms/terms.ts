/** Ticket types, fee, tax and cancellation of new screenings, as a manager types them. Pure. */

import type { components } from '../../../api/schema';
import type { CategoryPrice, ListedTerms, Money } from '../../../api/types';
import { isMoney } from '../../../catalogue/time-chip';
import { parseMoney, typedMoney } from '../../../design/format';

export type Terms = Pick<
  components['schemas']['NewScreening'],
  'ticket_types' | 'fee' | 'tax_rates' | 'cancellation' | 'single_seats' | 'wheelchair_minutes'
>;

/** Limits of a ticket type. */
export interface TypeDraft {
  max: string;
  needs_type: string;
  needs_accessible: boolean;
}

export interface TaxDraft {
  name: string;
  percent: string;
}

export interface TermsDraft {
  /** By ticket type, in the order of their choice; without any, all tickets are standard. */
  types: Readonly<Record<string, TypeDraft>>;
  fee: string;
  per: 'ticket' | 'booking';
  taxes: readonly TaxDraft[];
  /** The rule of the installation, one of these screenings, or no cancellation. */
  cancelling: 'usual' | 'until' | 'never';
  /** Last time of a cancellation before the start. */
  hours: string;
  minutes: string;
  kept: string;
  /** Rule for choices that leave a single seat. */
  alone: components['schemas']['SingleSeats'];
  /** Hours before the start until which wheelchair places are kept for those who ask; null if they are not. */
  wheelchair: string | null;
}

export const NO_LIMITS: TypeDraft = { max: '', needs_type: '', needs_accessible: false };

export const NO_TERMS: TermsDraft = {
  types: {},
  fee: '',
  per: 'ticket',
  taxes: [],
  cancelling: 'usual',
  hours: '2',
  minutes: '0',
  kept: '',
  alone: 'warn',
  wheelchair: null,
};

/** Name of the field of a price; without a type, all tickets of the category cost the same. */
export function priceField(category: string, type?: string): string {
  return type === undefined ? category : `${category} ${type}`;
}

/** A name that the API accepts for a ticket type; empty if the text has no letter or digit. */
export function typeName(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 30);
}

/** The price of every category; null while one is missing or not an amount. */
export function pricesFrom(
  categories: readonly string[],
  { types }: TermsDraft,
  typed: Readonly<Record<string, string>>,
  currency: string,
): Record<string, CategoryPrice> | null {
  const names = Object.keys(types);
  const read = (field: string) => parseMoney(typed[field] ?? '', currency);
  const priceOf = (category: string): CategoryPrice | null => {
    if (names.length === 0) return read(priceField(category));
    const prices: Record<string, Money> = {};
    for (const type of names) {
      const price = read(priceField(category, type));
      if (!price) return null;
      prices[type] = price;
    }
    return prices;
  };
  const prices: Record<string, CategoryPrice> = {};
  for (const category of categories) {
    const price = priceOf(category);
    if (!price) return null;
    prices[category] = price;
  }
  return categories.length > 0 ? prices : null;
}

/** Prices and terms as a manager would type them. */
export function typedFrom(
  { prices, ticket_types, fee, tax_rates, cancellation, single_seats, wheelchair_minutes }: ListedTerms,
  currency: string,
): { prices: Record<string, string>; draft: TermsDraft } {
  const typed: Record<string, string> = {};
  const names = [...new Set(Object.values(prices).flatMap((price) => (isMoney(price) ? [] : Object.keys(price))))];
  for (const [category, price] of Object.entries(prices)) {
    if (!isMoney(price)) {
      for (const [type, amount] of Object.entries(price)) typed[priceField(category, type)] = typedMoney(amount);
    } else if (names.length === 0) {
      typed[priceField(category)] = typedMoney(price);
    } else {
      // Once there are types, each category has a price for each of them.
      for (const type of names) typed[priceField(category, type)] = typedMoney(price);
    }
  }
  const types: Record<string, TypeDraft> = {};
  for (const type of names) {
    const limits = ticket_types[type];
    types[type] = {
      max: limits?.max == null ? '' : String(limits.max),
      needs_type: limits?.needs_type ?? '',
      needs_accessible: limits?.needs_accessible ?? false,
    };
  }
  const until = cancellation && cancellation !== 'none' ? cancellation : null;
  return {
    prices: typed,
    draft: {
      types,
      fee: fee ? typedMoney(fee.amount) : '',
      per: fee?.per ?? 'ticket',
      taxes: tax_rates.map((rate) => ({ name: rate.name, percent: String(rate.percent_hundredths / 100) })),
      cancelling: cancellation === 'none' ? 'never' : until ? 'until' : 'usual',
      hours: until ? String(Math.floor(until.until_minutes / 60)) : NO_TERMS.hours,
      minutes: until ? String(until.until_minutes % 60) : NO_TERMS.minutes,
      kept: until?.fee_minor ? typedMoney({ amount_minor: until.fee_minor, currency }) : '',
      alone: single_seats,
      wheelchair: wheelchair_minutes == null ? null : hoursFrom(wheelchair_minutes),
    },
  };
}

/** Hundredths of a percent; null if the text is no percentage. */
export function hundredths(percent: string): number | null {
  const text = percent.trim().replace(',', '.');
  return /^\d{1,3}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : null;
}

function whole(text: string): number | null {
  return /^\d{1,5}$/.test(text.trim()) ? Number(text) : null;
}

/** Minutes as hours with at most two decimals, which are exact enough to have the same minutes again. */
export function hoursFrom(minutes: number): string {
  return String(Math.round((minutes / 60) * 100) / 100);
}

/** Minutes of a number of hours; null if the text is none, undefined if there is no text. */
export function minutesFrom(hours: string): number | null | undefined {
  const text = hours.trim().replace(',', '.');
  if (text === '') return undefined;
  return /^\d{1,4}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 60) : null;
}

function limitsFrom(types: TermsDraft['types']): Terms['ticket_types'] | null {
  const limits: NonNullable<Terms['ticket_types']> = {};
  for (const [type, { max, needs_type, needs_accessible }] of Object.entries(types)) {
    const most = max.trim() === '' ? undefined : whole(max);
    if (most === null || most === 0) return null;
    const other = needs_type in types && needs_type !== type ? needs_type : undefined;
    if (most === undefined && other === undefined && !needs_accessible) continue;
    limits[type] = { needs_accessible, ...(most !== undefined && { max: most }), ...(other && { needs_type: other }) };
  }
  return limits;
}

function cancellationFrom(
  { cancelling, hours, minutes, kept }: TermsDraft,
  currency: string,
): Terms['cancellation'] | null {
  if (cancelling === 'usual') return undefined;
  if (cancelling === 'never') return 'none';
  const [full, rest] = [whole(hours), whole(minutes)];
  const fee = kept.trim() === '' ? 0 : parseMoney(kept, currency)?.amount_minor;
  return full === null || rest === null || fee === undefined
    ? null
    : { until_minutes: full * 60 + rest, fee_minor: fee };
}

/** The terms to send; null while something typed is not understood. */
export function termsFrom(draft: TermsDraft, currency: string): Terms | null {
  const ticket_types = limitsFrom(draft.types);
  const amount = draft.fee.trim() === '' ? undefined : parseMoney(draft.fee, currency);
  const tax_rates = draft.taxes.map(({ name, percent }) => ({
    name: name.trim(),
    percent_hundredths: hundredths(percent) ?? -1,
  }));
  const cancellation = cancellationFrom(draft, currency);
  const wheelchair = draft.wheelchair === null ? undefined : (minutesFrom(draft.wheelchair) ?? null);
  const wrongTax = tax_rates.some((rate) => rate.name === '' || rate.percent_hundredths < 0);
  if (!ticket_types || amount === null || cancellation === null || wheelchair === null || wrongTax) return null;
  return {
    ...(Object.keys(ticket_types).length > 0 && { ticket_types }),
    ...(amount && amount.amount_minor > 0 && { fee: { per: draft.per, amount } }),
    ...(tax_rates.length > 0 && { tax_rates }),
    ...(cancellation !== undefined && { cancellation }),
    ...(draft.alone !== NO_TERMS.alone && { single_seats: draft.alone }),
    ...(wheelchair !== undefined && { wheelchair_minutes: wheelchair }),
  };
}
