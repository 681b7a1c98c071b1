/** Search by the API's index. Where that is not offered, or away, the programme is looked through here instead. */

import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import { Problem } from '../api/problem';
import { wholeList } from '../api/queries';
import type { Answer, QueryOf } from '../api/routes';
import type { City, SearchAnswer, Show, Venue } from '../api/types';
import { matches, plain } from './matching';
import { cityMeant, entriesOf, type Entry } from './suggestions';

/** Results of a page; nobody reads further down. */
const RESULTS_MAX = 40;
/** Of shows and venues each, below the search field. */
const SUGGESTED_MAX = 6;

/** Options of both searches: each keeps its last answer on the page until the next one arrives, and cancels old requests. */
function searching<const P extends '/search' | '/search/suggest'>(path: P, query: QueryOf<'get', P> & { q: string }) {
  return queryOptions<Answer<'get', P>, Problem>({
    queryKey: [path, query],
    enabled: query.q.length > 0,
    retry: false,
    staleTime: 30_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => get(path, { query, signal }),
  });
}

export function useSuggestions(text: string): { entries: Entry[]; pending: boolean } {
  const q = text.trim();
  const suggested = useQuery(searching('/search/suggest', { q }));
  const found = useQuery(searching('/search', { q, limit: SUGGESTED_MAX }));
  const here = useSearchHere(q, null, found.isError);
  if (q === '') return { entries: [], pending: false };
  const answer = found.isError ? here.answer : found.data;
  return {
    entries: entriesOf(q, suggested.isError ? undefined : suggested.data, answer),
    pending: found.isError ? here.pending : found.isFetching,
  };
}

export function useSearch(
  text: string,
  city: string | null,
): { answer: SearchAnswer | undefined; pending: boolean; error: Problem | null } {
  const q = text.trim();
  const found = useQuery(searching('/search', { q, city, limit: RESULTS_MAX }));
  const suggested = useQuery(searching('/search/suggest', { q }));
  const here = useSearchHere(q, city, found.isError);
  // The search answers with the city of the filter. A city meant by the words themselves is among the suggestions.
  const answer = found.data && {
    ...found.data,
    city: found.data.city ?? (suggested.isError ? null : cityMeant(q, suggested.data)),
  };
  if (!found.isError) return { answer, pending: found.isFetching, error: null };
  return { answer: here.answer, pending: here.pending, error: here.error };
}

/** The same question, answered from the lists. */
function useSearchHere(
  q: string,
  city: string | null,
  wanted: boolean,
): { answer: SearchAnswer | undefined; pending: boolean; error: Problem | null } {
  const enabled = wanted && q !== '';
  const shows = useQuery({ ...wholeList('/shows', { status: 'active' }), enabled });
  const venues = useQuery({ ...wholeList('/venues', { status: 'active' }), enabled });
  const cities = useQuery({ ...wholeList('/cities'), enabled });
  if (!enabled || !shows.data || !venues.data)
    return { answer: undefined, pending: enabled && !shows.error, error: shows.error };
  return { answer: answerOf(q, city, shows.data, venues.data, cities.data ?? []), pending: false, error: null };
}

function answerOf(
  query: string,
  city: string | null,
  shows: readonly Show[],
  venues: readonly Venue[],
  cities: readonly City[],
): SearchAnswer {
  const understood = cities.find(({ name }) => matches(query, name) >= 0.7 && plain(query).length > 3)?.name ?? null;
  const place = city ?? understood;
  const best = <T>(items: readonly T[], score: (item: T) => number) =>
    items
      .map((item) => ({ ...item, score: score(item) }))
      .filter((item) => item.score >= 0.5)
      .sort((a, b) => b.score - a.score)
      .slice(0, RESULTS_MAX);
  return {
    query,
    city: understood,
    shows: best(shows, (show) => {
      if (city !== null && !show.cities.includes(city)) return 0;
      const byCity = place !== null && show.cities.includes(place) ? 0.5 : 0;
      return Math.max(
        matches(query, show.title),
        0.9 * matches(query, show.people.join(' ')),
        understood === null ? 0 : byCity,
      );
    }),
    venues: best(venues, (venue) =>
      city !== null && venue.city !== city ? 0 : Math.max(matches(query, venue.name), 0.9 * matches(query, venue.city)),
    ),
  };
}
