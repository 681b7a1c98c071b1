/** Drafts whose automatic publication failed, and the day of the board that a draft is on. Pure. */

import type { Draft } from '../../../api/types';
import { calendarDay, dayAfter } from '../../../design/format';
import { axisOf, FIRST_MINUTES, minuteOf } from '../board';

/** Publishing a draft, and reading that it was published, may take this many milliseconds. */
const PUBLISHING_MS = 60_000;

/** True if a draft that was read at `readAt` should have been published before. */
export function isMissed({ publish_at }: Pick<Draft, 'publish_at'>, readAt: number): boolean {
  return publish_at != null && Date.parse(publish_at) + PUBLISHING_MS < readAt;
}

/** The day whose board shows a screening: after midnight, the day before. */
export function boardDay(starts_at: string, venue: { opens_at: string; closes_at: string; timezone: string }): string {
  const day = calendarDay(starts_at, venue.timezone);
  const isEarly = minuteOf(starts_at, day, venue.timezone) < axisOf(venue).opens - FIRST_MINUTES;
  return isEarly ? dayAfter(day, -1) : day;
}
