/** Order and grouping of shows in lists. Pure. `public/start.js` loads the pictures of the first ones ahead. */

import type { Show } from '../api/types';
import { calendarDay, dayAfter } from '../design/format';

/** Shows that start later than this many days from now are listed as coming soon. */
const SOON_DAYS = 3;

/** By their next screening; those without one come last. */
export function soonestFirst<T extends Pick<Show, 'next_screening_at'>>(shows: readonly T[]): T[] {
  const start = ({ next_screening_at: at }: T) => (at ? Date.parse(at) : Infinity);
  // Two without a screening keep their order; a difference of infinities would be none.
  return [...shows].sort((a, b) => (start(a) === start(b) ? 0 : start(a) - start(b)));
}

const isPlay = (show: Show) => show.genres.some((genre) => genre.toLowerCase() === 'play');

/** Films and plays of the next days, and all shows that come later, each soonest first. */
export function onAndSoon(shows: readonly Show[]): { films: Show[]; plays: Show[]; soon: Show[] } {
  const later = `${dayAfter(calendarDay(Date.now()), SOON_DAYS)}T00:00`;
  const isNow = (show: Show) => show.next_screening_at != null && calendarDay(show.next_screening_at) < later;
  const all = soonestFirst(shows).filter((show) => show.next_screening_at != null);
  return {
    films: all.filter((show) => isNow(show) && !isPlay(show)),
    plays: all.filter((show) => isNow(show) && isPlay(show)),
    soon: all.filter((show) => !isNow(show)),
  };
}
