import { useQuery } from '@tanstack/react-query';
import { Clock, Languages, Share2, ShieldCheck } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';

import { reading, wholeList } from '../api/queries';
import type { Show, VenueShowing } from '../api/types';
import { useCity, useUsualName } from '../catalogue/city';
import { DayStrip, daysOf } from '../catalogue/day-strip';
import { Elsewhere } from '../catalogue/elsewhere';
import { cityName, genreName, spokenName } from '../catalogue/names';
import { Times } from '../catalogue/time-chip';
import { Badge } from '../design/badge';
import { addressOf, calendarDay, dayIn, dayName, duration, zoneNote } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Bone, Empty, Failed, Lines, Loading, Note } from '../design/notices';
import { Poster } from '../design/poster';
import { paletteOf } from '../design/poster-art';
import { say } from '../design/toast';
import { listed } from '../i18n/language';
import { t } from '../i18n/texts';

/** Title length above which the font is smaller, so that the times stay near the top. */
const LONG_TITLE = 60;
/** Description length above which the text is cut until the reader expands it. */
const LONG_TEXT = 450;

export default function ShowPage() {
  const { id = '' } = useParams();
  const show = useQuery(reading(`/shows/${id}`));
  useTitle(show.data?.title);
  if (show.error && !show.data) {
    return (
      <div className="page py-10">
        <Failed error={show.error} retry={() => void show.refetch()} />
      </div>
    );
  }
  return (
    <>
      {show.data ? <Head show={show.data} /> : <HeadBones />}
      <div className="page pt-8">{show.data && <Programme show={show.data} />}</div>
    </>
  );
}

function Head({ show }: { show: Show }) {
  const palette = paletteOf(show.title, show.genres);
  return (
    <section className="band" style={{ backgroundColor: palette.ground, color: palette.ink }}>
      <div
        className={[
          'page grid grid-cols-[6rem_1fr] items-start gap-x-4 gap-y-5 xs:grid-cols-[7.5rem_1fr] xs:gap-x-5 py-6',
          'sm:grid-cols-[15rem_1fr] sm:gap-x-10 sm:py-10',
        ].join(' ')}
      >
        <div className="overflow-hidden rounded-2xl shadow-lift ring-1 ring-white/10">
          <Poster show={show} size="full" priority="first" />
        </div>
        <div className="min-w-0 self-center">
          <p className="mb-2 line-clamp-2 font-semibold [overflow-wrap:anywhere]">
            {show.genres.map(genreName).join(' · ')}
          </p>
          <h1
            dir="auto"
            className={`[text-align:match-parent] ${show.title.length > LONG_TITLE ? 'text-2xl sm:text-4xl' : 'text-3xl xs:text-4xl sm:text-6xl'}`}
          >
            {show.title}
          </h1>
          <ul className="mt-4 flex flex-wrap gap-x-5 gap-y-1.5 text-sm font-medium sm:text-base">
            <li className="flex items-center gap-1.5">
              <Languages size={18} className="shrink-0" aria-hidden /> {spokenName(show.language)}
            </li>
            <li className="flex items-center gap-1.5">
              <Clock size={18} className="shrink-0" aria-hidden /> {duration(show.duration_minutes)}
            </li>
            {show.certificate && (
              <li className="flex items-center gap-1.5">
                <ShieldCheck size={18} className="shrink-0" aria-hidden /> {show.certificate}
              </li>
            )}
          </ul>
          <Share title={show.title} />
          <div className="mt-4 hidden max-w-prose gap-3 text-lg sm:grid">
            <About show={show} />
          </div>
        </div>
        <div className="col-span-2 grid gap-2.5 sm:hidden">
          <About show={show} />
        </div>
      </div>
    </section>
  );
}

/** Shares the address of the page, or copies it where the browser cannot share. */
function Share({ title }: { title: string }) {
  const share = async () => {
    const { origin, pathname } = window.location;
    const url = origin + pathname;
    // Browsers have both in secure contexts only.
    const { share: bySystem, clipboard } = navigator as Partial<Navigator>;
    try {
      if (bySystem) await navigator.share({ title, url });
      else if (clipboard) {
        await clipboard.writeText(url);
        say(t.show.copied, 'good');
      } else say(url);
    } catch {
      // The reader has closed the list of apps.
    }
  };
  return (
    <button
      type="button"
      className="mt-3 inline-flex min-h-11 items-center gap-2 font-semibold underline underline-offset-4"
      onClick={() => void share()}
    >
      <Share2 size={18} aria-hidden /> {t.show.share}
    </button>
  );
}

function About({ show }: { show: Show }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && show.description.length > LONG_TEXT;
  return (
    <>
      {show.people.length > 0 && <p className="line-clamp-4 font-semibold">{t.show.with(listed(show.people))}</p>}
      <p dir="auto" className={`whitespace-pre-line [overflow-wrap:anywhere] ${cut ? 'line-clamp-5' : ''}`}>
        {show.description}
      </p>
      {cut && (
        <button
          type="button"
          className="link justify-self-start font-semibold"
          onClick={() => {
            setWhole(true);
          }}
        >
          {t.show.readMore}
        </button>
      )}
    </>
  );
}

function HeadBones() {
  return (
    <Loading label={t.show.loading}>
      <div
        className={[
          'page grid grid-cols-[6rem_1fr] gap-x-4 gap-y-5 py-6 xs:grid-cols-[7.5rem_1fr] xs:gap-x-5',
          'sm:grid-cols-[15rem_1fr] sm:gap-10 sm:py-10',
        ].join(' ')}
      >
        <Bone className="aspect-[2/3]" />
        <div className="grid content-center gap-3">
          <Bone className="h-12 w-3/4" />
          <Bone className="h-5 w-1/2" />
        </div>
      </div>
    </Loading>
  );
}

/** Venues and times of one day. */
function Programme({ show }: { show: Show }) {
  const home = useCity();
  const [params, setParams] = useSearchParams();
  const usual = useUsualName();
  const asked = params.get('city');
  const wished = asked ? usual(asked) : home;
  const city = wished && show.cities.includes(wished) ? wished : (show.cities[0] ?? null);
  const venues = useQuery({
    ...wholeList(`/shows/${show.show_id}/venues`, { city }),
    enabled: city !== null,
  });
  const zone = venues.data?.[0]?.timezone;
  const today = calendarDay(useNow(60_000), zone);
  const days = useMemo(() => {
    const screenings = venues.data?.flatMap((venue) => venue.screenings) ?? [];
    return new Set(screenings.map((screening) => screening.starts_at.slice(0, 10)));
  }, [venues.data]);
  // Kept in the address, so that it survives the way back from the seats. Another city starts at its first day.
  const chosen = dayIn(params.get('day'));
  const setDay = (next: string) => {
    setParams({ ...(city && { city }), day: next }, { replace: true, preventScrollReset: true });
  };
  const firstOpen = [...days].sort()[0];
  const day = chosen ?? firstOpen ?? today;
  const strip = daysOf(days, today);

  if (show.status === 'cancelled') return <Note tone="bad">{t.show.cancelled}</Note>;
  if (city === null) return <Empty title={t.shows.noDates}>{t.show.appearHere}</Empty>;

  const open = venues.data
    ?.map((venue) => ({
      ...venue,
      screenings: venue.screenings.filter((screening) => screening.starts_at.startsWith(day)),
    }))
    .filter((venue) => venue.screenings.length > 0);
  return (
    <section aria-label={t.show.times}>
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
        <h2 className="text-3xl">
          {t.show.chooseTime}{' '}
          <span className="block font-sans text-lg font-normal text-soft">{dayName(day, 'day')}</span>
        </h2>
        {show.cities.length > 1 && (
          <label className="flex items-center gap-2 font-semibold">
            <span className="text-soft">{t.show.in}</span>
            <select
              value={city}
              onChange={(event) => {
                setParams({ city: event.target.value }, { replace: true, preventScrollReset: true });
              }}
              className="h-11 rounded-full border border-line-strong bg-card px-4 hover:border-ink"
            >
              {show.cities.map((one) => (
                <option key={one} value={one}>
                  {cityName(one)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <Elsewhere city={city} className="mt-3" />
      <div className="my-5">
        <DayStrip
          today={today}
          days={strip.includes(day) || day < today ? strip : [...strip, day].sort()}
          day={day}
          open={venues.data && days}
          onChoose={setDay}
        />
      </div>
      {venues.error && !venues.data ? (
        <Failed error={venues.error} retry={() => void venues.refetch()} />
      ) : !open ? (
        <Lines />
      ) : open.length === 0 ? (
        <Empty title={t.show.nothingOn(dayName(day, 'day'))}>
          {firstOpen ? t.show.darkerDays : t.show.notOn(cityName(city))}
        </Empty>
      ) : (
        <ul className="grid gap-4" key={day}>
          {open.map((venue, index) => (
            <li
              key={venue.venue_id}
              className="arrive grid gap-4 rounded-3xl bg-card p-5 shadow-card sm:p-6 lg:grid-cols-[17rem_1fr]"
              style={{ animationDelay: `${String(index * 50)}ms` }}
            >
              <VenueName venue={venue} />
              <Times screenings={venue.screenings} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function VenueName({ venue }: { venue: VenueShowing }) {
  const first = venue.screenings[0];
  const note = first && zoneNote(first.starts_at, venue.timezone, cityName(venue.city));
  return (
    <div>
      <h3 className="text-xl">
        <Link to={`/venues/${venue.venue_id}`} className="marquee hover:underline">
          {venue.name}
        </Link>
      </h3>
      <p className="text-sm text-soft">{addressOf(venue)}</p>
      {note && (
        <p className="mt-2">
          <Badge tone="note">{note}</Badge>
        </p>
      )}
    </div>
  );
}
