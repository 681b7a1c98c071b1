/** A room as a seat map, without a screening. Pure. */

import type { Screen, SeatMap } from '../../api/types';

/** The seats of a room. Those in `blocked` are not for sale. */
export function roomMap(layout: Screen['layout'], blocked: ReadonlySet<string>): SeatMap {
  const price = { amount_minor: 0, currency: '' };
  return {
    screening_id: '',
    position: 0,
    rows: layout.rows.map(
      ({ label, category, seats, numbers, aisles_after, accessible, companions, level, ...shape }) => ({
        ...shape,
        ...(level && { level }),
        label,
        category,
        aisles_after: aisles_after ?? [],
        seats: Array.from({ length: seats }, (_, at) => {
          const number = numbers?.[at] ?? at + 1;
          const seat = `${label}-${String(number)}`;
          return {
            seat,
            status: blocked.has(seat) ? 'blocked' : 'free',
            accessible: accessible?.includes(number) ?? false,
            companion: companions?.includes(number) ?? false,
            price,
          };
        }),
      }),
    ),
  };
}
