/** Search as you type: by the API's index where it is offered, else by looking through the programme here. */

import { useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import { Problem } from '../api/problem';
import { wholeList } from '../api/queries';
import type { SearchAnswer, Show, Venue } from '../api/types';
import { matches } from './matching';

export interface Found {
  shows: Show[];
  venues: Venue[];
}

const NOTHING: Found = { shows: [], venues: [] };

export function useSearch(text: string, city: string | null) {
  const query = text.trim();
  const index = useQuery<Found | null, Problem>({
    queryKey: ['/search', { q: query, city }],
    enabled: query.length > 0,
    retry: false,
    placeholderData: (before) => before,
    queryFn: async ({ signal }) => {
      try {
        return await get<SearchAnswer>('/search', { query: { q: query, limit: 8 }, signal });
      } catch (problem) {
        // No index here: the programme is looked through instead.
        if (problem instanceof Problem && problem.notOffered) return null;
        throw problem;
      }
    },
  });
  const here = index.data === null || index.isError;
  const shows = useQuery({ ...wholeList<Show>('/shows', { status: 'active' }), enabled: here });
  const venues = useQuery({ ...wholeList<Venue>('/venues', { status: 'active' }), enabled: here });
  if (query.length === 0) return { found: NOTHING, pending: false };
  if (!here) return { found: index.data ?? NOTHING, pending: index.isPending };

  const near = (cities: readonly string[]) => (city !== null && cities.includes(city) ? 0.1 : 0);
  const best = <T>(items: readonly T[], score: (item: T) => number): T[] =>
    items
      .map((item) => ({ item, score: score(item) }))
      .filter(({ score: found }) => found >= 0.5)
      .sort((a, b) => b.score - a.score)
      .map(({ item }) => item)
      .slice(0, 6);
  return {
    pending: shows.isPending || venues.isPending,
    found: {
      shows: best(shows.data ?? [], (show) => matches(query, show.title) + near(show.cities)),
      venues: best(venues.data ?? [], (venue) => Math.max(matches(query, venue.name), matches(query, venue.city) * 0.9) + near([venue.city])),
    },
  };
}
