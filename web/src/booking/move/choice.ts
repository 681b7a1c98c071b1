/** Seats that a paid booking moves to, and what they cost more or less. Pure. */

import type { Booking, Money, Screening, SeatMap } from '../../api/types';
import type { Plan } from '../../seats/map/plan';
import { feeFor, pricesByType, STANDARD } from '../../seats/choice/ticket-types';
import { seatsWhere } from '../../seats/choice/use-selection';

type Paid = Pick<Booking, 'amount' | 'lines' | 'payment' | 'screening'>;
type Line = Booking['lines'][number];

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

/** The ticket that each new seat replaces: that of the seat itself if the booking has it, the others in their order. */
function replaced({ lines, screening: from }: Paid, screening: string, seats: readonly string[]): (Line | undefined)[] {
  const isKept = ({ seat }: Line) => from.screening_id === screening && seats.includes(seat);
  const others = lines.filter((line) => !isKept(line));
  return seats.map((seat) => lines.find((line) => isKept(line) && line.seat === seat) ?? others.shift());
}

/** Price of a seat for a type of ticket; null if it cannot be had for one. */
function priceFor(type: string, name: string, map: SeatMap, plan: Plan): Money | null {
  const at = plan.byName.get(name);
  const row = at && map.rows[at.row];
  if (!row) return null;
  const prices = pricesByType(row);
  if (!prices) return (type === STANDARD && row.seats[at.index]?.price) || null;
  const [only, ...more] = Object.values(prices);
  return prices[type] ?? (type === STANDARD && more.length === 0 && only ? only : null);
}

/**
 * What the seats cost more than the booking, with fees and discounts; negative if less. What is free stays free. Null if a
 * seat cannot be had for the ticket that it replaces.
 */
export function differenceOf(
  booking: Paid,
  screening: Pick<Screening, 'screening_id' | 'fee'>,
  seats: readonly string[],
  map: SeatMap,
  plan: Plan,
): Money | null {
  const { amount, payment } = booking;
  if (payment?.method === 'complimentary') return { ...amount, amount_minor: 0 };
  let total = feeFor(seats.length, screening)?.amount_minor ?? 0;
  for (const [index, old] of replaced(booking, screening.screening_id, seats).entries()) {
    const price = priceFor(old?.ticket_type ?? STANDARD, seats[index] ?? '', map, plan);
    if (!price) return null;
    total += price.amount_minor - Math.min(old?.discount.amount_minor ?? 0, price.amount_minor);
  }
  return { ...amount, amount_minor: total - amount.amount_minor };
}

/** What stands in the way of a move: a difference is returned where it can be. */
export type Hindrance = 'counter' | 'type';

export function hindranceOf(booking: Pick<Booking, 'payment'>, difference: Money | null): Hindrance | null {
  if (!difference) return 'type';
  const method = booking.payment?.method ?? 'wallet';
  if (difference.amount_minor === 0 || method === 'wallet' || method === 'card') return null;
  return 'counter';
}

/**
 * Who chooses how a difference is paid: the customer, or nobody, because a wallet that paid the booking pays it, too, and
 * no card takes less than `cardMin`.
 */
export function choiceOfWay(
  booking: Pick<Booking, 'payment'>,
  difference: Money | null,
  cardMin: Money,
): 'customer' | 'too-small' | null {
  const more = difference?.amount_minor ?? 0;
  if (booking.payment?.method !== 'card' || more <= 0) return null;
  return more < cardMin.amount_minor ? 'too-small' : 'customer';
}
