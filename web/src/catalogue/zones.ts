/** Times of shows in lists, and the day that it is in a city. */

import type { City, Show } from '../api/types';
import { calendarDay, nearDay, when } from '../design/format';
import { useNow } from '../design/hooks';
import { t } from '../i18n/texts';
import { useCities } from './city';

/** `Today, 6:30 pm` in the time zone of the screening; only the day if several cities show it. */
export function nextTime(show: Show, city?: string | null): string {
  if (show.status === 'cancelled') return t.shows.cancelled;
  if (!show.next_screening_at) return t.shows.noDates;
  const zone = show.next_screening_timezone ?? undefined;
  const day = nearDay(calendarDay(show.next_screening_at, zone), calendarDay(Date.now(), zone));
  const isOnePlace = city != null || show.cities.length === 1;
  return zone && isOnePlace ? `${day}, ${when(show.next_screening_at, 'time', zone)}` : day;
}

/** The time zone of a city; none if it has several, as two distant cities of one name. */
export function zoneOf(cities: readonly City[], city: string | null): string | undefined {
  const zones = cities.find(({ name }) => name === city)?.timezones ?? [];
  return zones.length === 1 ? zones[0] : undefined;
}

/** The day that it is in a city; that of the reader without one. */
export function useTodayIn(city: string | null): string {
  const { data: cities } = useCities();
  return calendarDay(useNow(60_000), zoneOf(cities ?? [], city));
}
