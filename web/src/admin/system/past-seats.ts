/** What an event of a screening did to its seats, and the map before the first event. Pure. */

import type { PastEvent, SeatMap } from '../../api/types';

const MOVES_SEATS = new Set(['seats_reserved', 'seats_sold', 'seats_released']);

/** Seats that an event reserved, sold or released. */
export function seatsOf(event: PastEvent): string[] {
  const { seats } = event.data as { seats?: unknown };
  return MOVES_SEATS.has(event.type) && Array.isArray(seats) ? seats.map(String) : [];
}

/** The map with every seat free and without an owner. */
export function emptied(map: SeatMap): SeatMap {
  const rows = map.rows.map((row) => ({
    ...row,
    seats: row.seats.map(({ seat, accessible, companion, price }) => ({
      seat,
      accessible,
      ...(companion && { companion }),
      price,
      status: 'free' as const,
    })),
  }));
  return { ...map, rows };
}
