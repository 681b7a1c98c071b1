/** What an event of the log says to people: words for its type, its seats and its amount, and who caused it. Pure. */

import type { Money, PastEvent } from '../../api/types';
import { money } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { inSeatOrder } from '../../seats/seat-names';

/** Most seats that are named; a stadium has more. */
const SEATS_MAX = 12;

/** What an event of an aggregate did, in words. */
export function happened(aggregate: string, type: string): string {
  const words: Record<string, Record<string, string>> = w.events;
  return words[aggregate]?.[type] ?? w.history.unknown;
}

/** The seats and the amount of an event, and whether a person caused it. */
export function circumstances(event: PastEvent): string {
  const causes: Record<string, string> = w.history.by;
  const [kind = ''] = event.actor.split(':');
  return [seatsIn(event.data), amountIn(event.data), causes[kind]].filter(Boolean).join(' · ');
}

function seatsIn(data: unknown): string {
  const { seat, seats } = data as { seat?: unknown; seats?: unknown };
  const listed: unknown[] = Array.isArray(seats) ? seats : [];
  const names = inSeatOrder([...listed, seat].filter((one) => typeof one === 'string'));
  return names.slice(0, SEATS_MAX).join(', ') + (names.length > SEATS_MAX ? ' …' : '');
}

function amountIn(data: unknown): string {
  const { amount } = data as { amount?: Partial<Money> | null };
  const { amount_minor, currency } = amount ?? {};
  return amount_minor !== undefined && currency !== undefined ? money({ amount_minor, currency }) : '';
}
