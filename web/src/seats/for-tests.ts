/** Seat maps in a few letters, for tests. */

import type { SeatMap, SeatStatus } from '../api/types';

/**
 * `A gold=300 ..x|..` : label, category and its price, seats (`.` free, `x` sold, `o` held, `w` accessible, `c` of a companion),
 * `|` an aisle, `_` a gap one seat wide.
 */
export function room(...rows: string[]): SeatMap {
  const states: Record<string, SeatStatus> = { x: 'sold', o: 'held' };
  return {
    screening_id: 's',
    position: 1,
    rows: rows.map((text) => {
      const [label = '', priced = '', plan = ''] = text.split(' ');
      const [category = '', price = '100'] = priced.split('=');
      const aisles_after: number[] = [];
      const gaps: { after: number; width: number }[] = [];
      const seats: SeatMap['rows'][number]['seats'] = [];
      for (const sign of plan) {
        if (sign === '|') aisles_after.push(seats.length);
        else if (sign === '_') {
          const gap = gaps.find(({ after }) => after === seats.length);
          if (gap) gap.width += 1;
          else gaps.push({ after: seats.length, width: 1 });
        } else
          seats.push({
            seat: `${label}-${String(seats.length + 1)}`,
            status: states[sign] ?? 'free',
            accessible: sign === 'w',
            ...(sign === 'c' && { companion: true }),
            price: { amount_minor: Number(price), currency: 'INR' },
          });
      }
      return { label, category, aisles_after, ...(gaps.length > 0 && { gaps }), seats };
    }),
  };
}
