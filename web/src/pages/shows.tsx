import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useMemo } from 'react';

import { wholeList } from '../api/queries';
import type { Show } from '../api/types';
import { useCities, useCity, useUsualName } from '../catalogue/city';
import { cityName, genreName, spokenName } from '../catalogue/names';
import { soonestFirst } from '../catalogue/order';
import { SHOW_GRID, ShowBones, ShowGrid } from '../catalogue/show-card';
import { useTodayIn } from '../catalogue/zones';
import { Button } from '../design/button';
import { dayAfter, dayIn, nearDay } from '../design/format';
import { useTitle } from '../design/hooks';
import { Empty, Failed, Loading } from '../design/notices';
import { PillButton } from '../design/pill-button';
import { PillSelect } from '../design/pill-select';
import { useAddress } from '../design/use-address';
import { inOrder } from '../i18n/language';
import { t } from '../i18n/texts';

const DAYS = 14;
const EVERYWHERE = 'all';

/** All shows, with filters that are kept in the address. */
export default function Shows() {
  useTitle(t.frame.shows);
  const home = useCity();
  const towns = useCities();
  const cities = towns.data;
  const [params, set] = useAddress();
  const usual = useUsualName();
  const asked = params.get('city');
  const wishedCity = asked ? usual(asked) : home;
  const everywhere = wishedCity === EVERYWHERE || cities?.length === 0;
  const city = everywhere ? null : wishedCity;
  const language = params.get('language');
  const genre = params.get('genre');
  const date = dayIn(params.get('date'));

  const ready = everywhere || city !== null;
  // Not filtered by language and genre, so that their choices do not shrink with the selection.
  const all = useQuery({ ...wholeList('/shows', { city, date, status: 'active' }), enabled: ready });
  const error = all.error ?? (ready ? null : towns.error);
  const shows = useMemo(() => {
    const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
    const fits = (show: Show) =>
      (!language || same(show.language, language)) && (!genre || show.genres.some((one) => same(one, genre)));
    return all.data && soonestFirst(all.data.filter(fits));
  }, [all.data, language, genre]);
  const languages = all.data?.map((show) => show.language) ?? [];
  const genres = all.data?.flatMap((show) => show.genres) ?? [];
  const today = useTodayIn(city);

  const filtered = [language, genre, date].some(Boolean);

  return (
    <div className="page pt-8">
      <h1 className="text-4xl sm:text-5xl">
        {everywhere ? t.shows.everything : t.shows.onIn(city === null ? '…' : cityName(city))}
      </h1>
      <Days
        day={date}
        today={today}
        onChoose={(day) => {
          set({ date: day });
        }}
      />
      <div className="mt-4 grid grid-cols-2 gap-3 sm:flex sm:flex-wrap">
        <Choice
          label={t.shows.city}
          value={wishedCity ?? ''}
          none={null}
          options={[
            { value: EVERYWHERE, text: t.shows.allCities },
            ...(cities ?? []).map(({ name }) => ({ value: name, text: cityName(name) })),
          ]}
          onChoose={(value) => {
            set({ city: value });
          }}
        />
        <Choice
          label={t.shows.language}
          value={language ?? ''}
          none={t.shows.anyLanguage}
          options={choices(languages, spokenName)}
          onChoose={(value) => {
            set({ language: value });
          }}
        />
        <Choice
          label={t.shows.genre}
          value={genre ?? ''}
          none={t.shows.anyGenre}
          options={choices(genres, genreName)}
          onChoose={(value) => {
            set({ genre: value });
          }}
        />
        {filtered && (
          <Button
            look="quiet"
            className="col-span-2 justify-self-start"
            onClick={() => {
              set({ language: null, genre: null, date: null });
            }}
          >
            <X size={17} aria-hidden /> {t.shows.clear}
          </Button>
        )}
      </div>
      <h2 className="sr-only">{t.frame.shows}</h2>
      <p role="status" className="mb-6 mt-4 min-h-6 text-soft">
        {shows && shows.length > 0 && t.count.shows(shows.length)}
      </p>
      {error && !all.data ? (
        <Failed
          error={error}
          retry={() => {
            void towns.refetch();
            if (ready) void all.refetch();
          }}
        />
      ) : !shows ? (
        <Grid />
      ) : shows.length === 0 ? (
        <Empty title={filtered ? t.shows.noneMatches : t.shows.nothingYet}>
          {filtered ? t.shows.removeFilter : t.shows.appearHere}
        </Empty>
      ) : (
        <ShowGrid shows={shows} city={city} />
      )}
    </div>
  );
}

/** Each value once, by its name in the reader's language. */
function choices(values: readonly string[], nameOf: (value: string) => string): { value: string; text: string }[] {
  return [...new Set(values)].map((value) => ({ value, text: nameOf(value) })).sort((a, b) => inOrder(a.text, b.text));
}

/** The next days as a row of choices. */
function Days({ day, today, onChoose }: { day: string | null; today: string; onChoose: (day: string | null) => void }) {
  const days = Array.from({ length: DAYS }, (_, index) => dayAfter(today, index));
  const all = [null, ...days, ...(day === null || days.includes(day) ? [] : [day])];
  return (
    <div
      role="group"
      aria-label={t.shows.day}
      className={[
        'rail -mx-[clamp(1rem,4vw,2.5rem)] mt-6 scroll-px-[clamp(1rem,4vw,2.5rem)] justify-start gap-2',
        'px-[clamp(1rem,4vw,2.5rem)] py-1',
      ].join(' ')}
    >
      {all.map((one) => (
        <PillButton
          key={one}
          pressed={one === day}
          className="whitespace-nowrap"
          onClick={() => {
            onChoose(one);
          }}
        >
          {one === null ? t.shows.anyDay : nearDay(one, today)}
        </PillButton>
      ))}
    </div>
  );
}

function Grid() {
  return (
    <Loading>
      <div className={SHOW_GRID}>
        {Array.from({ length: 10 }, (_, index) => (
          <ShowBones key={index} />
        ))}
      </div>
    </Loading>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  none: string | null;
  options: { value: string; text: string }[];
  onChoose: (value: string | null) => void;
}

function Choice({ label, value, none, options, onChoose }: ChoiceProps) {
  const active = value !== '' && none !== null;
  // The filter in the address may have a value that is not among the options.
  const listed =
    options.some((option) => option.value === value) || value === '' ? options : [{ value, text: value }, ...options];
  return (
    <PillSelect
      label={label}
      active={active}
      value={value}
      onChange={(event) => {
        onChoose(event.target.value || null);
      }}
      className="w-full max-xs:px-3.5 max-xs:text-sm sm:w-48"
    >
      {none !== null && <option value="">{none}</option>}
      {listed.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </PillSelect>
  );
}
