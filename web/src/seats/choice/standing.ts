/** Places of standing areas: one is as good as another, so any free one is taken. Pure but for the default of `random`. */

import type { SeatMap, SeatRow } from '../../api/types';

type Seat = SeatRow['seats'][number];

/**
 * Free places of a standing area that are not chosen yet: at most `count`. Neighbours in the list from a random place on, so that
 * customers who come at the same moment rarely want the same ones.
 */
export function freePlaces(
  row: SeatRow,
  count: number,
  chosen: ReadonlySet<string>,
  random: () => number = Math.random,
): string[] {
  const free = row.seats.filter(({ seat, status }) => status === 'free' && !chosen.has(seat));
  const start = Math.floor(random() * free.length);
  return [...free.slice(start), ...free.slice(0, start)].slice(0, count).map(({ seat }) => seat);
}

/**
 * The choice with other free places of a standing area in place of those that another customer took. What cannot be replaced stays;
 * the same object if nothing can.
 */
export function withOtherPlaces(
  seats: readonly string[],
  taken: readonly string[],
  map: SeatMap,
  random: () => number = Math.random,
): readonly string[] {
  const used = new Set([...seats, ...taken]);
  const next = seats.map((seat) => {
    const row =
      taken.includes(seat) && map.rows.find((one) => one.standing && one.seats.some((it) => it.seat === seat));
    const other = row ? freePlaces(row, 1, used, random)[0] : undefined;
    if (other === undefined) return seat;
    used.add(other);
    return other;
  });
  return next.every((seat, index) => seat === seats[index]) ? seats : next;
}

/** Free places of a standing area, and those of the choice that are in it. */
export function standingIn(row: SeatRow, chosen: ReadonlySet<string>): { free: number; chosen: string[] } {
  const mine = row.seats.filter(({ seat }) => chosen.has(seat)).map(({ seat }) => seat);
  const free = row.seats.filter(({ status }: Seat) => status === 'free').length;
  return { free, chosen: mine };
}
