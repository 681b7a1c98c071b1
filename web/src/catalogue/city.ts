/** City of the programme: the chosen one, else that of the account, else the one with the most shows. */

import { useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';

import { wholeList } from '../api/queries';
import type { City } from '../api/types';
import { useUser } from '../api/session/use-session';
import { plain } from './matching';

const KEY = 'ticketshow.city';
const listeners = new Set<() => void>();
let chosen: string | null = null;
try {
  chosen = localStorage.getItem(KEY);
} catch {
  // Without storage the choice lasts until the page is left.
}

export function chooseCity(city: string): void {
  chosen = city;
  try {
    localStorage.setItem(KEY, city);
  } catch {
    // As above.
  }
  for (const listener of listeners) listener();
}

/** Shows that are on in a city, and the others, both in their order. */
export function byPlace<T extends { cities: string[] }>(
  shows: readonly T[],
  city: string | null,
): { here: T[]; elsewhere: T[] } {
  const isHere = (show: T) => city !== null && show.cities.includes(city);
  return { here: shows.filter(isHere), elsewhere: shows.filter((show) => !isHere(show)) };
}

/** The city that a name means: its usual name, or another one. */
export function cityNamed(cities: readonly City[], name: string | null | undefined): City | undefined {
  if (!name) return undefined;
  const listed = cities.find((city) => city.name === name);
  if (listed) return listed;
  const wanted = plain(name.trim());
  const isMeant = (city: City) => [city.name, ...(city.names ?? [])].some((one) => plain(one) === wanted);
  return cities.find(isMeant);
}

/** The name under which a city is listed, for any of its names; an unknown name stays as it is. */
export function useUsualName(): (name: string) => string {
  const { data: cities } = useCities();
  return (name) => cityNamed(cities ?? [], name)?.name ?? name;
}

export function useCities() {
  return useQuery({ ...wholeList('/cities'), staleTime: 5 * 60_000 });
}

export function useCity(): string | null {
  const preferred = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => chosen,
  );
  const user = useUser();
  const { data: cities } = useCities();
  return cities ? cityOf(cities, user?.city, preferred) : preferred;
}

/** The city of the programme among those that there are. */
export function cityOf(
  cities: readonly City[],
  ofAccount: string | null | undefined,
  preferred: string | null = chosen,
): string | null {
  const known = (name: string | null | undefined) => cityNamed(cities, name)?.name;
  const busiest = [...cities].sort((a, b) => b.shows - a.shows)[0]?.name;
  return known(preferred) ?? known(ofAccount) ?? busiest ?? null;
}
