/** Time zone of each city, taken from its venues, because lists of shows contain only the names of cities. */

import { useQuery } from '@tanstack/react-query';

import { wholeList } from '../api/queries';
import type { Show } from '../api/types';
import { calendarDay, nearDay, when } from '../design/format';
import { t } from '../i18n/texts';

export function useZones(): ReadonlyMap<string, string> {
  const { data } = useQuery({ ...wholeList('/venues', { status: 'active' }), staleTime: 10 * 60_000 });
  return new Map(data?.map((venue) => [venue.city, venue.timezone]));
}

/** `Today, 6:30 pm` in the time zone of `city`; only the day if several cities show it. */
export function nextTime(show: Show, zones: ReadonlyMap<string, string>, city?: string | null): string {
  if (show.status === 'cancelled') return t.shows.cancelled;
  if (!show.next_screening_at) return t.shows.noDates;
  const place = city ?? (show.cities.length === 1 ? show.cities[0] : undefined);
  const zone = place ? zones.get(place) : undefined;
  const day = nearDay(calendarDay(show.next_screening_at, zone), calendarDay(Date.now(), zone));
  return zone ? `${day}, ${when(show.next_screening_at, 'time', zone)}` : day;
}
