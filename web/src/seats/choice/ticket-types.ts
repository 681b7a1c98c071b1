/** Types of tickets: adult, child and others, each with its price. Pure. */

import type { Booking, Money, Screening, SeatMap } from '../../api/types';

export type Prices = Readonly<Record<string, Money>>;

/** Limits of a type in one booking. */
export type Limits = Screening['ticket_types'][string];

/** A type of a screening where all tickets cost the same. */
export const STANDARD = 'standard';
/** What most people are, dearest first where a house has none of them. */
export const USUAL: readonly string[] = [STANDARD, 'adult'];

/** Prices of the seats of a row by type; null where all tickets are standard. */
export function pricesByType(row: SeatMap['rows'][number]): Prices | null {
  return row.prices ?? null;
}

/** The types that a seat can have, dearest first. */
export function typesOf(prices: Prices): string[] {
  return Object.keys(prices).sort((a, b) => (prices[b]?.amount_minor ?? 0) - (prices[a]?.amount_minor ?? 0));
}

/** The type that a seat has until the reader chooses another. */
export function usualType(prices: Prices): string {
  return USUAL.find((type) => prices[type]) ?? typesOf(prices)[0] ?? STANDARD;
}

/** The types of the tickets of a booking by seat; none of an older version. */
export function typesHeld(booking: Pick<Booking, 'lines'>): Record<string, string> {
  return Object.fromEntries(booking.lines.map(({ seat, ticket_type }) => [seat, ticket_type]));
}

/** True if a booking holds these seats and no others, with these types; null stands for the standard one. */
export function isHeldAs(
  booking: Pick<Booking, 'lines' | 'seats'>,
  seats: readonly string[],
  typeOf: (seat: string) => string | null,
): boolean {
  if (seats.length !== booking.seats.length) return false;
  const held = typesHeld(booking);
  return seats.every((seat) => {
    const type = typeOf(seat) ?? STANDARD;
    return booking.seats.includes(seat) && (held[seat] ?? type) === type;
  });
}

/** A chosen seat with its type. */
export interface Chosen {
  type: string;
  accessible: boolean;
}

export type Broken =
  | { limit: 'max'; type: string; max: number }
  | { limit: 'needs'; type: string; other: string }
  | { limit: 'accessible'; type: string };

/** The first limit that these tickets break together; null if they can be booked. */
export function brokenLimit(tickets: readonly Chosen[], limits: Readonly<Record<string, Limits>>): Broken | null {
  for (const [type, { max, needs_type: other, needs_accessible: companion }] of Object.entries(limits)) {
    const number = tickets.filter((ticket) => ticket.type === type).length;
    if (number === 0) continue;
    if (max != null && number > max) return { limit: 'max', type, max };
    if (other != null && !tickets.some((ticket) => ticket.type === other)) return { limit: 'needs', type, other };
    const places = tickets.filter((ticket) => ticket.accessible && ticket.type !== type).length;
    if (companion && number > places) return { limit: 'accessible', type };
  }
  return null;
}

/** The fee of a house for so many tickets. */
export function feeFor(tickets: number, { fee }: Pick<Screening, 'fee'>): Money | null {
  if (!fee || tickets === 0 || fee.amount.amount_minor === 0) return null;
  return { ...fee.amount, amount_minor: fee.amount.amount_minor * (fee.per === 'ticket' ? tickets : 1) };
}
