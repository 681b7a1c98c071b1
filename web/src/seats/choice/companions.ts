/** Seats for the companions of wheelchair users. Pure. */

import type { SeatMap } from '../../api/types';
import type { Plan } from '../map/plan';

/** Companion seats beside the chosen wheelchair places that are free and not chosen: one for each place that has none yet. */
export function companionsFor(map: SeatMap, plan: Plan, chosen: readonly string[]): string[] {
  const taken = new Set(chosen);
  const beside = (name: string) => {
    const at = plan.byName.get(name);
    const row = at && map.rows[at.row];
    if (!row) return [];
    return [row.seats[at.index - 1], row.seats[at.index + 1]].flatMap((seat) => (seat?.companion ? [seat] : []));
  };
  const found: string[] = [];
  // A companion seat between two wheelchair places accompanies one of them.
  const used = new Set<string>();
  for (const name of chosen.filter((one) => plan.byName.get(one)?.accessible)) {
    const own = beside(name).find(({ seat }) => taken.has(seat) && !used.has(seat));
    const free = beside(name).find(({ seat, status }) => status === 'free' && !taken.has(seat));
    if (own) used.add(own.seat);
    else if (free) {
      taken.add(free.seat);
      used.add(free.seat);
      found.push(free.seat);
    }
  }
  return found;
}

/** Chosen companion seats that are beside no chosen wheelchair place. */
export function withoutWheelchair(map: SeatMap, plan: Plan, chosen: readonly string[]): string[] {
  const mine = new Set(chosen);
  return chosen.filter((name) => {
    const at = plan.byName.get(name);
    const row = at && map.rows[at.row];
    if (!at?.companion || !row) return false;
    return ![row.seats[at.index - 1], row.seats[at.index + 1]].some((seat) => seat?.accessible && mine.has(seat.seat));
  });
}

/** Number of wheelchair places of a room, and of those that are free. */
export function wheelchairPlaces(map: SeatMap): { all: number; free: number } {
  const places = map.rows.flatMap((row) => row.seats.filter((seat) => seat.accessible));
  return { all: places.length, free: places.filter((seat) => seat.status === 'free').length };
}
