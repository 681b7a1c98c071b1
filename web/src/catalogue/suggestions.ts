/** Choices below the search field while typing: the API's suggestions and results as one list. Pure. */

import type { SearchAnswer, Show, Suggestions } from '../api/types';
import { t } from '../i18n/texts';
import { plain } from './matching';
import { cityName, genreName, spokenName } from './names';

export interface Entry {
  kind: 'show' | 'venue' | 'city';
  key: string;
  to: string;
  title: string;
  /** The show itself, once the search has returned it. */
  show?: Show | undefined;
  more: string;
}

const SHOWS_MAX = 5;
const VENUES_MAX = 3;
const CITIES_MAX = 2;

/**
 * Merges suggestions and results. Suggestions come first, because they follow each letter; results found only by the
 * search, such as a title with a typo, come after them. A city that is being typed or was recognised comes on top.
 */
export function entriesOf(
  query: string,
  suggested: Suggestions | undefined,
  answer: SearchAnswer | undefined,
): Entry[] {
  const known = new Map(answer?.shows.map((show) => [show.show_id, show]));
  const titles = [...(suggested?.titles ?? []), ...known.values()];
  const shows = firstOfEach(titles, ({ show_id }) => show_id)
    .slice(0, SHOWS_MAX)
    .map(({ show_id, title }): Entry => {
      const show = known.get(show_id);
      return {
        kind: 'show',
        key: show_id,
        to: `/shows/${show_id}`,
        title,
        show,
        more: show ? [spokenName(show.language), ...show.genres.map(genreName)].join(', ') : '',
      };
    });
  const venues = firstOfEach([...(suggested?.venues ?? []), ...(answer?.venues ?? [])], ({ venue_id }) => venue_id)
    .slice(0, VENUES_MAX)
    .map(({ venue_id, name, city }): Entry => ({
      kind: 'venue',
      key: venue_id,
      to: `/venues/${venue_id}`,
      title: name,
      more: cityName(city),
    }));

  const understood = answer?.city ?? cityMeant(query, suggested);
  const names = [...(understood === null ? [] : [understood]), ...(suggested?.cities.map(({ city }) => city) ?? [])];
  const cities = firstOfEach(names, (name) => name)
    .slice(0, CITIES_MAX)
    .map((city): Entry => ({
      kind: 'city',
      key: city,
      to: `/shows?city=${encodeURIComponent(city)}`,
      title: cityName(city),
      more: t.search.everythingThere,
    }));
  const onTop = ({ key }: Entry) => key === understood || plain(key).startsWith(plain(query.trim()));
  return [...cities.filter(onTop), ...shows, ...venues, ...cities.filter((city) => !onTop(city))];
}

/** City named by the whole query, under any of its names and with typos; null if the query may also mean a title. */
export function cityMeant(query: string, suggested: Suggestions | undefined): string | null {
  const city = suggested?.cities[0]?.city;
  if (city === undefined) return null;
  return suggested?.titles.length === 0 || plain(city) === plain(query.trim()) ? city : null;
}

function firstOfEach<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map([...items].reverse().map((item) => [key(item), item])).values()].reverse();
}
