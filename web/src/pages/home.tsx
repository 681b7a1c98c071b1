import { useQuery } from '@tanstack/react-query';
import { ArrowRight, ChevronLeft, ChevronRight } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { Link } from 'react-router';

import { wholeList } from '../api/queries';
import type { Show } from '../api/types';
import { useUser } from '../api/session/use-session';
import { useCities, useCity } from '../catalogue/city';
import { onAndSoon } from '../catalogue/order';
import { cityName, genreName, spokenName } from '../catalogue/names';
import { SearchBox } from '../catalogue/search-box';
import { ShowBones, ShowCard } from '../catalogue/show-card';
import { ButtonLink, IconButton } from '../design/button';
import { dayAfter, dayName, duration } from '../design/format';
import { nextTime, useTodayIn } from '../catalogue/zones';
import { usePainted, useTitle } from '../design/hooks';
import { Bone, Empty, Failed, Loading } from '../design/notices';
import { Poster } from '../design/poster';
import { paletteOf } from '../design/poster-art';
import { t } from '../i18n/texts';

/** Number of genres of the featured show; its own page lists all. */
const GENRES_SHOWN = 3;
/** Posters of a row; the page of all shows has the rest. */
const RAIL_MAX = 12;
/** Fixed size of the featured show, so that the page below does not move when it loads. */
const FEATURED = 'min-h-[15.5rem] rounded-3xl sm:min-h-[30rem] xl:min-h-[32rem]';

/** Font size by length of the title, so that it fits that size. */
function titleSize({ length }: string): string {
  if (length > 40) return 'text-lg xs:text-xl sm:text-3xl';
  if (length > 16) return 'text-xl xs:text-2xl sm:text-4xl lg:text-5xl';
  return 'text-2xl xs:text-3xl sm:text-5xl lg:text-6xl xl:text-7xl';
}

export default function Home() {
  useTitle(null);
  const city = useCity();
  const cities = useCities();
  const shows = useQuery({ ...wholeList('/shows', { city, status: 'active' }), enabled: city !== null });
  const { films, plays, soon } = useMemo(() => onAndSoon(shows.data ?? []), [shows.data]);
  const error = cities.error ?? shows.error;
  const none = cities.data?.length === 0;
  const admin = useUser()?.role === 'admin';
  const painted = usePainted();

  if (error && !shows.data) {
    return (
      <div className="page py-10">
        <Failed
          error={error}
          retry={() => {
            void cities.refetch();
            void shows.refetch();
          }}
        />
      </div>
    );
  }
  if (none || (shows.data && shows.data.length === 0)) {
    return (
      <div className="page py-10">
        <Empty
          title={none ? t.shows.nothingOnSale : t.shows.nothingIn(city === null ? t.shows.thisCity : cityName(city))}
        >
          {none ? (admin ? t.shows.firstSteps : t.shows.noVenueYet) : t.shows.lookElsewhere}
          {!none && <ButtonLink to="/shows">{t.shows.allShows}</ButtonLink>}
          {none && admin && (
            <ButtonLink look="gold" to="/admin/venues">
              {t.shows.openFirst}
            </ButtonLink>
          )}
        </Empty>
      </div>
    );
  }
  const [first] = films.length > 0 ? films : plays;
  const rest = shows.data && films.filter((show) => show !== first);
  const beside = [
    ...plays.filter((show) => show !== first).slice(0, 1),
    ...films.filter((show) => show !== first),
  ].slice(0, 2);
  return (
    <>
      <h1 className="sr-only">{t.shows.nowIn(city === null ? '…' : cityName(city))}</h1>
      {/* For narrow screens, where the header has no space for it. */}
      <div className="page relative z-10 pt-4 md:hidden">
        <SearchBox />
      </div>
      {first ? <Featured first={first} others={beside} city={city} /> : <FeaturedBones />}
      <Days city={city} />
      {rest?.length !== 0 && (
        <Rail title={t.shows.nowIn(city === null ? '…' : cityName(city))} shows={rest} city={city} />
      )}
      {painted && plays.length > 0 && <Rail title={t.shows.onStage} to="/shows?genre=Play" shows={plays} city={city} />}
      {painted && soon.length > 0 && <Rail title={t.shows.soon} shows={soon} city={city} />}
    </>
  );
}

/** The next show, large and in the colours of its poster, with two more beside it on wide screens. */
function Featured({ first, others, city }: { first: Show; others: Show[]; city: string | null }) {
  const palette = paletteOf(first.title, first.genres);
  return (
    <section aria-label={t.shows.next} className="page pt-4 sm:pt-6">
      <div
        className={[
          FEATURED,
          'band grid grid-cols-[44%_1fr] overflow-hidden',
          'sm:grid-cols-[minmax(13rem,20rem)_1fr] xl:grid-cols-[20rem_1fr_auto]',
        ].join(' ')}
        style={{ backgroundColor: palette.ground, color: palette.ink }}
      >
        <Link to={`/shows/${first.show_id}`} tabIndex={-1} aria-hidden className="block">
          <Poster show={first} size="full" priority="first" className="h-full !rounded-none" />
        </Link>
        <div className="min-w-0 self-center p-4 xs:p-5 sm:p-9">
          <p className="mb-2 text-sm font-semibold sm:text-lg">
            {city ? t.shows.nextIn(nextTime(first, city), cityName(city)) : nextTime(first, city)}
          </p>
          <h2 dir="auto" className={`line-clamp-4 [text-align:match-parent] ${titleSize(first.title)}`}>
            {first.title}
          </h2>
          <p className="mt-2 text-sm sm:mt-3 sm:text-base">
            {[
              spokenName(first.language),
              ...first.genres.slice(0, GENRES_SHOWN).map(genreName),
              duration(first.duration_minutes),
              first.certificate,
            ]
              .filter(Boolean)
              .join(' · ')}
          </p>
          <p dir="auto" className="mt-4 hidden max-w-prose text-lg sm:line-clamp-3">
            {first.description}
          </p>
          <Link
            to={`/shows/${first.show_id}`}
            className={[
              'mt-4 inline-flex min-h-11 items-center gap-2 rounded-full px-4 font-bold whitespace-nowrap',
              'max-xs:gap-1.5 max-xs:px-3 max-xs:text-sm transition-transform hover:translate-x-1 rtl:hover:-translate-x-1',
              'sm:mt-7 sm:min-h-13 sm:px-7 sm:text-lg',
            ].join(' ')}
            style={{ backgroundColor: palette.ink, color: palette.ground }}
          >
            {t.shows.chooseSeats} <ArrowRight size={19} className="rtl:-scale-x-100" aria-hidden />
          </Link>
        </div>
        <ul className="hidden grid-flow-col auto-cols-[11rem] items-end gap-5 p-12 ps-0 xl:grid">
          {others.map((show) => (
            <li key={show.show_id}>
              <Link
                to={`/shows/${show.show_id}`}
                className={[
                  'block overflow-hidden rounded-2xl shadow-lift ring-1 ring-white/15',
                  'transition-transform duration-300 hover:-translate-y-1',
                ].join(' ')}
              >
                <Poster show={show} />
                <span className="sr-only">{show.title}</span>
              </Link>
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

/** Ways to what is on today, tomorrow and at the weekend. */
function Days({ city }: { city: string | null }) {
  const today = useTodayIn(city);
  const weekday = new Date(`${today}T12:00:00Z`).getUTCDay();
  const saturday = dayAfter(today, (6 - weekday + 7) % 7);
  const days = [
    { day: today, text: t.when.today },
    { day: dayAfter(today, 1), text: t.when.tomorrow },
    { day: saturday, text: dayName(saturday, 'short-day') },
    { day: dayAfter(saturday, 1), text: dayName(dayAfter(saturday, 1), 'short-day') },
  ];
  const different = days.filter(({ day }, index) => days.findIndex((one) => one.day === day) === index);
  return (
    <nav aria-label={t.shows.byDay} className="page pt-5">
      <ul className="rail justify-start gap-2 py-1">
        {different.map(({ day, text }) => (
          <li key={day}>
            <Link
              to={`/shows?date=${day}`}
              className={[
                'flex min-h-11 items-center rounded-full border border-line-strong bg-card px-4 font-semibold',
                'whitespace-nowrap hover:border-ink',
              ].join(' ')}
            >
              {text}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function FeaturedBones() {
  return (
    <Loading label={t.shows.loading}>
      <div className="page pt-4 sm:pt-6">
        <Bone className={FEATURED} />
      </div>
    </Loading>
  );
}

/** Row of posters that scrolls sideways by swipe, wheel or the two buttons. */
function Rail({
  title,
  shows,
  city,
  to = '/shows',
}: {
  title: string;
  shows: Show[] | undefined;
  city: string | null;
  to?: string;
}) {
  const rail = useRef<HTMLUListElement>(null);
  const move = (direction: 1 | -1) => {
    const side = document.documentElement.dir === 'rtl' ? -1 : 1;
    rail.current?.scrollBy({ left: side * direction * rail.current.clientWidth * 0.85, behavior: 'smooth' });
  };
  return (
    <section className="page pt-10" aria-label={title}>
      <div className="mb-4 flex items-end justify-between gap-4">
        <h2 className="min-w-0 text-2xl sm:text-4xl">{title}</h2>
        <div className="flex shrink-0 items-center">
          <Link to={to} className="link me-2 font-semibold whitespace-nowrap">
            {t.shows.seeAll}
          </Link>
          <IconButton
            label={t.shows.railBack(title)}
            className="max-sm:hidden"
            onClick={() => {
              move(-1);
            }}
          >
            <ChevronLeft size={22} className="rtl:-scale-x-100" aria-hidden />
          </IconButton>
          <IconButton
            label={t.shows.railOn(title)}
            className="max-sm:hidden"
            onClick={() => {
              move(1);
            }}
          >
            <ChevronRight size={22} className="rtl:-scale-x-100" aria-hidden />
          </IconButton>
        </div>
      </div>
      <ul
        ref={rail}
        className={[
          'rail -mx-[clamp(1rem,4vw,2.5rem)] scroll-px-[clamp(1rem,4vw,2.5rem)] auto-cols-[42%] gap-4',
          'px-[clamp(1rem,4vw,2.5rem)] pb-3 pt-1 xs:auto-cols-[11rem] sm:auto-cols-[12.5rem] sm:gap-5',
          'xl:mx-0 xl:px-0 xl:scroll-px-0',
        ].join(' ')}
      >
        {shows
          ? shows.slice(0, RAIL_MAX).map((show) => (
              <li key={show.show_id}>
                <ShowCard show={show} city={city} />
              </li>
            ))
          : Array.from({ length: 7 }, (_, index) => (
              <li key={index}>
                <ShowBones />
              </li>
            ))}
      </ul>
    </section>
  );
}
