/** The times between two looks at the list of guests. Pure. */

import type { Door } from '../api/types';

/** While guests come in: another door may admit them. In milliseconds. */
export const OPEN_MS = 15_000;
/** Before the doors open, when seats are sold and nobody comes in. */
export const BEFORE_MS = 60_000;
/** Once nobody is admitted any more. */
export const AFTER_MS = 10 * 60_000;

/** How long a list stays as it is at `now`, in milliseconds; a list that is missing is asked for soon. */
export function paceOf(door: Pick<Door, 'doors_open_at' | 'undo_until'> | undefined, now: number): number {
  if (!door) return OPEN_MS;
  const opens = Date.parse(door.doors_open_at);
  // Not later than the doors open.
  if (now < opens) return Math.min(BEFORE_MS, Math.max(OPEN_MS, opens - now));
  return now > Date.parse(door.undo_until) ? AFTER_MS : OPEN_MS;
}
