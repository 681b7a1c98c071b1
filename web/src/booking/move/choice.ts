/** Seats that a paid booking moves to, and what they cost more or less. Pure. */

import type { Booking, Money, SeatMap } from '../../api/types';
import type { Plan } from '../../seats/plan';
import { pricesOf, seatsWhere } from '../../seats/use-selection';
import { sum } from '../../design/format';

/** A map on which the booking may keep seats that it has: they are marked, and free for it. */
export function mapFor(booking: Pick<Booking, 'screening' | 'seats'>, screening: string, map: SeatMap): SeatMap {
  if (booking.screening.screening_id !== screening) return map;
  const own = new Set(booking.seats);
  const rows = map.rows.map((row) => {
    if (!row.seats.some(({ seat }) => own.has(seat))) return row;
    const seats = row.seats.map((seat) =>
      own.has(seat.seat) ? { ...seat, status: 'free' as const, sold_to_me: true } : seat,
    );
    return { ...row, seats };
  });
  return { ...map, rows };
}

/** Splits chosen seats into those that can still be had and those that cannot. */
export function parted(seats: readonly string[], map: SeatMap): { left: string[]; gone: string[] } {
  const free = new Set(seatsWhere(map, ({ status }) => status === 'free'));
  return { left: seats.filter((seat) => free.has(seat)), gone: seats.filter((seat) => !free.has(seat)) };
}

/**
 * The choice after a press on a seat. A booking moves with as many seats as it has, so that one too many takes the place
 * of the one that was chosen first.
 */
export function toggled(chosen: readonly string[], seat: string, wanted: number): readonly string[] {
  if (chosen.includes(seat)) return chosen.filter((one) => one !== seat);
  return [...chosen, seat].slice(-wanted);
}

/** True if these are the seats that the booking has already. */
export function isUnchanged(
  booking: Pick<Booking, 'screening' | 'seats'>,
  screening: string,
  seats: readonly string[],
): boolean {
  return booking.screening.screening_id === screening && seats.every((seat) => booking.seats.includes(seat));
}

/** What the seats cost more than the booking; negative if less. What is free stays free. */
export function differenceOf(
  booking: Pick<Booking, 'amount' | 'payment'>,
  seats: readonly string[],
  map: SeatMap,
  plan: Plan,
): Money {
  const { amount, payment } = booking;
  if (payment?.method === 'complimentary') return { ...amount, amount_minor: 0 };
  const price = sum(pricesOf(seats, map, plan), amount.currency);
  return { ...amount, amount_minor: price.amount_minor - amount.amount_minor };
}

/** What stands in the way of a move whose price differs: a difference is paid from the wallet, and returned where it can be. */
export type Hindrance = 'card' | 'counter';

export function hindranceOf(booking: Pick<Booking, 'payment'>, difference: Money): Hindrance | null {
  const method = booking.payment?.method ?? 'wallet';
  if (difference.amount_minor === 0 || method === 'wallet') return null;
  if (method !== 'card') return 'counter';
  return difference.amount_minor > 0 ? 'card' : null;
}
