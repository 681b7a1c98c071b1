/** A seat map through time, folded from the events of its screening. Pure. */

import type { PastEvent, SeatMap, SeatStatus } from '../../api/types';
import { changed, type SeatChange } from '../../seats/live';

const BECOMES: Record<string, SeatStatus> = { seats_reserved: 'held', seats_sold: 'sold', seats_released: 'free' };

/** Effect of an event on the seats. */
export function changesOf(event: PastEvent): SeatChange[] {
  const status = BECOMES[event.type];
  const { seats } = event.data as { seats?: unknown };
  return status && Array.isArray(seats) ? seats.map((seat) => ({ seat: String(seat), status })) : [];
}

/** The map after the first `count` of `events`; before the first, all seats are free. Owners are not shown. */
export function mapAfter(map: SeatMap, events: readonly PastEvent[], count: number): SeatMap {
  const states = new Map<string, SeatStatus>();
  for (const event of events.slice(0, count)) {
    for (const { seat, status } of changesOf(event)) states.set(seat, status);
  }
  const rows = map.rows.map((row) => ({
    ...row,
    seats: row.seats.map(({ seat, accessible, price, status }) => ({ seat, accessible, price, status })),
  }));
  const all = rows.flatMap((row) =>
    row.seats.map(({ seat }): SeatChange => ({ seat, status: states.get(seat) ?? 'free' })),
  );
  return changed({ ...map, rows }, all, map.position);
}
