import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { wholeList } from '../api/queries';
import { nearDay } from '../design/format';
import { Lines } from '../design/notices';
import { t } from '../i18n/texts';
import { cityName } from './names';
import { soonestFirst } from './order';
import { ShowGrid } from './show-card';
import { useSearch } from './use-search';

interface Props {
  day: string;
  today: string;
  /** The rest of the question, without the day; empty for everything. */
  rest: string;
  city: string | null;
}

/** The programme of a day that a search names. */
export function OnDay({ day, today, rest, city }: Props) {
  const thatDay = useQuery(wholeList('/shows', { city, date: day, status: 'active' }));
  const { answer, pending } = useSearch(rest, city);
  if (!thatDay.data || (rest && !answer && pending)) return <Lines rows={3} />;
  const found = rest ? new Set(answer?.shows.map(({ show_id }) => show_id)) : null;
  const shows = soonestFirst(thatDay.data.filter(({ show_id }) => !found || found.has(show_id)));
  const title = city ? t.results.onDayIn(nearDay(day, today), cityName(city)) : nearDay(day, today);
  return (
    <section aria-label={title}>
      <div className="mb-4 flex flex-wrap items-baseline justify-between gap-x-6 gap-y-2">
        <h2 className="text-2xl">{title}</h2>
        <Link
          className="link font-semibold"
          to={`/shows?${new URLSearchParams({ date: day, ...(city && { city }) }).toString()}`}
        >
          {t.results.allThatDay}
        </Link>
      </div>
      {shows.length > 0 ? (
        <ShowGrid shows={shows} city={city} query={rest} />
      ) : (
        <p className="text-soft">{t.results.notThatDay(rest)}</p>
      )}
    </section>
  );
}
