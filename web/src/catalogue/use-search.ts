/** Search by the API's index. If that is not offered or unreachable, the programme is searched in the browser. */

import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';

import { get } from '../api/client';
import { Problem } from '../api/problem';
import { wholeList } from '../api/queries';
import type { Answer, QueryOf } from '../api/routes';
import type { City, SearchAnswer, Show, Venue } from '../api/types';
import { cityNamed } from './city';
import { matches, plain } from './matching';
import { cityMeant, entriesOf, type Entry } from './suggestions';

/** Maximum number of results on a page. */
const RESULTS_MAX = 40;
/** Maximum number of shows, and of venues, below the search field. */
const SUGGESTED_MAX = 6;

/** Options of both searches: each shows its last answer until the next one arrives, and cancels old requests. */
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
  const local = useLocalSearch(q, null, found.isError);
  if (q === '') return { entries: [], pending: false };
  const answer = found.isError ? local.answer : found.data;
  return {
    entries: entriesOf(q, suggested.isError ? undefined : suggested.data, answer),
    pending: found.isError ? local.pending : found.isFetching,
  };
}

export function useSearch(
  text: string,
  city: string | null,
): { answer: SearchAnswer | undefined; pending: boolean; error: Problem | null } {
  const q = text.trim();
  const found = useQuery(searching('/search', { q, city, limit: RESULTS_MAX }));
  const suggested = useQuery(searching('/search/suggest', { q }));
  const local = useLocalSearch(q, city, found.isError);
  // The search answers with the city of the filter. A city meant by the words themselves is among the suggestions.
  const answer = found.data && {
    ...found.data,
    city: found.data.city ?? (suggested.isError ? null : cityMeant(q, suggested.data)),
  };
  if (!found.isError) return { answer, pending: found.isFetching, error: null };
  return { answer: local.answer, pending: local.pending, error: local.error };
}

/** `shows` with their next times in `city`: a search without a city answers with the next times anywhere. */
export function useTimesIn(city: string | null, shows: readonly Show[]): readonly Show[] {
  const { data } = useQuery({ ...wholeList('/shows', { city, status: 'active' }), enabled: city !== null });
  return city !== null && data ? withTimesOf(shows, data) : shows;
}

/** The shows as `others` has them, with the times of those; unchanged where it lacks them. */
export function withTimesOf(shows: readonly Show[], others: readonly Show[]): readonly Show[] {
  const byId = new Map(others.map((other) => [other.show_id, other]));
  return shows.map((show) => byId.get(show.show_id) ?? show);
}

/** Searches the whole lists of shows and venues in the browser. */
function useLocalSearch(
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

/** What the programme itself answers: the chosen city first, then what matches elsewhere. */
export function answerOf(
  query: string,
  city: string | null,
  shows: readonly Show[],
  venues: readonly Venue[],
  cities: readonly City[],
): SearchAnswer {
  const understood =
    cityNamed(cities, query)?.name ??
    cities.find(({ name }) => matches(query, name) >= 0.7 && plain(query).length > 3)?.name ??
    null;
  const place = city ?? understood;
  const best = <T>(items: readonly T[], score: (item: T) => number) =>
    items
      .map((item) => ({ ...item, score: score(item) }))
      .filter((item) => item.score >= 0.5)
      .sort((a, b) => b.score - a.score)
      .slice(0, RESULTS_MAX);
  const scoreOfShow = (show: Show) => {
    const byCity = place !== null && show.cities.includes(place) ? 0.5 : 0;
    return Math.max(
      matches(query, show.title),
      0.9 * matches(query, show.people.join(' ')),
      understood === null ? 0 : byCity,
    );
  };
  const cityOfVenue = (venue: Venue) => cityNamed(cities, venue.city)?.name ?? venue.city;
  const scoreOfVenue = (venue: Venue) => {
    const byCity = Math.max(matches(query, venue.city), matches(query, cityOfVenue(venue)));
    return Math.max(matches(query, venue.name), 0.9 * byCity);
  };
  const isShownHere = (show: Show) => city === null || show.cities.includes(city);
  const isHere = (venue: Venue) => city === null || cityOfVenue(venue) === city;
  return {
    query,
    city: understood,
    corrections: [],
    elsewhere: {
      // Nobody can buy a ticket for what is on nowhere.
      shows: best(
        shows.filter((show) => !isShownHere(show) && show.cities.length > 0),
        scoreOfShow,
      ),
      venues: best(
        venues.filter((venue) => !isHere(venue)),
        scoreOfVenue,
      ),
    },
    shows: best(shows.filter(isShownHere), scoreOfShow),
    venues: best(venues.filter(isHere), scoreOfVenue),
  };
}
