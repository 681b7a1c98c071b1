import { Link } from 'react-router';

import type { Show } from '../api/types';
import { usePainted } from '../design/hooks';
import { Bone } from '../design/notices';
import { Poster } from '../design/poster';
import { Marked } from './marked';
import { cityName, genreName, spokenName } from './names';
import { nextTime } from './zones';

/** Card of a show with its next time in `city`; matches of `query` are marked. */
export function ShowCard({
  show,
  city,
  query = '',
  namesCities = false,
}: {
  show: Show;
  city?: string | null;
  query?: string;
  /** Where the show is on, because the page is about more than one city. */
  namesCities?: boolean;
}) {
  return (
    <Link to={`/shows/${show.show_id}`} className="group block rounded-2xl focus-visible:rounded-2xl">
      <div
        className={[
          'overflow-hidden rounded-2xl shadow-card transition-[transform,box-shadow] duration-300 ease-out',
          'group-hover:-translate-y-1 group-hover:shadow-lift',
        ].join(' ')}
      >
        <Poster show={show} />
      </div>
      <h3 className="marquee mt-3 line-clamp-2 text-lg leading-tight">
        <Marked text={show.title} query={query} />
      </h3>
      <p className="mt-0.5 truncate text-sm text-soft">
        {[spokenName(show.language), ...show.genres.slice(0, 1).map(genreName), show.certificate]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {namesCities && show.cities.length > 0 && (
        <p className="truncate text-sm font-semibold">{show.cities.map(cityName).join(', ')}</p>
      )}
      <p className="text-sm font-semibold">{nextTime(show, city)}</p>
    </Link>
  );
}

/** Placeholder with the size of a card that has a one-line title. */
export function ShowBones() {
  return (
    <div>
      <Bone className="aspect-[2/3] !rounded-2xl" />
      <Bone className="mt-3 h-5.5 w-4/5" />
      <Bone className="mt-1.5 h-8 w-1/2" />
    </div>
  );
}

/** Cards that the first screen of a desktop has room for. */
const FIRST_SCREEN = 10;

export const SHOW_GRID = 'grid grid-cols-2 gap-x-4 gap-y-8 xs:gap-x-5 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5';

export function ShowGrid({
  shows,
  city,
  query = '',
  namesCities = false,
}: {
  shows: readonly Show[];
  city: string | null;
  query?: string;
  namesCities?: boolean;
}) {
  const painted = usePainted();
  return (
    <ul className={SHOW_GRID}>
      {(painted ? shows : shows.slice(0, FIRST_SCREEN)).map((show) => (
        <li key={show.show_id}>
          <ShowCard show={show} city={city} query={query} namesCities={namesCities} />
        </li>
      ))}
    </ul>
  );
}
