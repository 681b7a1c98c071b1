import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Clock, MapPin } from 'lucide-react';
import { Link, useParams, useSearchParams } from 'react-router';

import { reading, wholeList } from '../api/queries';
import type { Venue } from '../api/types';
import { DayStrip, weekOf } from '../catalogue/day-strip';
import { cityName, genreName, spokenName } from '../catalogue/names';
import { Times } from '../catalogue/time-chip';
import { Badge } from '../design/badge';
import { Button } from '../design/button';
import { addressOf, calendarDay, dayIn, dayName, mapOf, zoneNote } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Bone, Empty, Failed, Lines, Note } from '../design/notices';
import { Poster } from '../design/poster';
import { t } from '../i18n/texts';

export default function VenuePage() {
  const { id = '' } = useParams();
  const venue = useQuery(reading(`/venues/${id}`));
  useTitle(venue.data?.name);
  if (venue.error && !venue.data) {
    return (
      <div className="page py-10">
        <Failed error={venue.error} retry={() => void venue.refetch()} />
      </div>
    );
  }
  const note = venue.data && zoneNote(new Date().toISOString(), venue.data.timezone, cityName(venue.data.city));
  return (
    <div className="page pt-8">
      {venue.data ? (
        <header className="arrive mb-7">
          <p className="font-semibold text-soft">{cityName(venue.data.city)}</p>
          <h1 className="text-4xl sm:text-6xl">{venue.data.name}</h1>
          <ul className="mt-3 flex flex-wrap gap-x-6 gap-y-1.5 text-soft">
            <li className="flex items-center gap-1.5">
              <MapPin size={17} className="shrink-0" aria-hidden /> {addressOf(venue.data)} ·
              <a href={mapOf(venue.data)} target="_blank" rel="noreferrer" className="link font-semibold text-ink">
                {t.venue.map}
              </a>
            </li>
            <li className="flex items-center gap-1.5">
              <Clock size={17} className="shrink-0" aria-hidden />{' '}
              {t.venue.hours(venue.data.opens_at, venue.data.closes_at)}
            </li>
            {note && (
              <li>
                <Badge tone="note">{note}</Badge>
              </li>
            )}
          </ul>
          {venue.data.status === 'inactive' && (
            <Note tone="warn" className="mt-5">
              {t.venue.closed}
            </Note>
          )}
        </header>
      ) : (
        <div className="mb-7 grid gap-3">
          <Bone className="h-14 w-2/3" />
          <Bone className="h-5 w-1/3" />
        </div>
      )}
      {venue.data && <Day venue={venue.data} />}
    </div>
  );
}

function Day({ venue }: { venue: Venue }) {
  const now = useNow(30_000);
  const today = calendarDay(now, venue.timezone);
  // Kept in the address, so that it survives the way back from the seats.
  const [params, setParams] = useSearchParams();
  const day = dayIn(params.get('day')) ?? today;
  const { days, before, after } = weekOf(today, day);
  const setDay = (next: string) => {
    setParams({ day: next }, { replace: true, preventScrollReset: true });
  };
  const screenings = useQuery(wholeList('/screenings', { venue_id: venue.venue_id, date: day, status: 'active' }));
  const shows = useQuery({ ...wholeList('/shows', { city: venue.city }), staleTime: 5 * 60_000 });
  const open = screenings.data?.filter((screening) => Date.parse(screening.starts_at) > now);
  const titles = [...new Set(open?.map((screening) => screening.show_id))];
  return (
    <section aria-label={t.venue.screenings}>
      <DayStrip today={today} days={days} day={day} onChoose={setDay} />
      <Weeks before={before} after={after} onChoose={setDay} />
      <h2 className="mb-4 mt-6 text-2xl">{dayName(day, 'day')}</h2>
      {screenings.error && !open ? (
        <Failed error={screenings.error} retry={() => void screenings.refetch()} />
      ) : !open ? (
        <Lines />
      ) : titles.length === 0 ? (
        <Empty title={day === today ? t.venue.nothingMore : t.venue.nothing}>{t.venue.tryAnother}</Empty>
      ) : (
        <ul className="grid gap-4" key={day}>
          {titles.map((id, index) => {
            const mine = open.filter((screening) => screening.show_id === id);
            const show = shows.data?.find((one) => one.show_id === id);
            const title = show?.title ?? mine[0]?.show_title ?? '';
            return (
              <li
                key={id}
                className={[
                  'arrive grid grid-cols-[4.5rem_1fr] gap-4 rounded-3xl bg-card p-4 shadow-card',
                  'sm:grid-cols-[6rem_1fr] sm:gap-6 sm:p-5',
                ].join(' ')}
                style={{ animationDelay: `${String(index * 40)}ms` }}
              >
                <Poster show={show ?? { title }} className="rounded-xl" />
                <div className="min-w-0">
                  <h3 className="text-xl">
                    <Link to={`/shows/${id}`} className="marquee hover:underline">
                      {title}
                    </Link>
                  </h3>
                  <p className="mb-3 text-sm text-soft">
                    {show &&
                      [spokenName(show.language), show.certificate, ...show.genres.map(genreName)]
                        .filter(Boolean)
                        .join(' · ')}
                  </p>
                  <Times screenings={mine} />
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

/** Turns to the week before or after. Both buttons stay, so that the keyboard's focus does. */
function Weeks({
  before,
  after,
  onChoose,
}: {
  before: string | null;
  after: string | null;
  onChoose: (day: string) => void;
}) {
  return (
    <div className="mt-2 flex justify-between gap-3">
      <Button
        look="quiet"
        size="small"
        disabled={before === null}
        onClick={() => {
          if (before) onChoose(before);
        }}
      >
        <ChevronLeft size={17} className="rtl:-scale-x-100" aria-hidden /> {t.venue.earlierDays}
      </Button>
      <Button
        look="quiet"
        size="small"
        disabled={after === null}
        onClick={() => {
          if (after) onChoose(after);
        }}
      >
        {t.venue.laterDays} <ChevronRight size={17} className="rtl:-scale-x-100" aria-hidden />
      </Button>
    </div>
  );
}
