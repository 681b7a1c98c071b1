import { MapPin } from 'lucide-react';
import { Link, useSearchParams } from 'react-router';

import type { Show, Venue } from '../api/types';
import { byPlace, useCities, useCity, useUsualName } from '../catalogue/city';
import { dayMeant } from '../catalogue/day-words';
import { cityName } from '../catalogue/names';
import { Marked } from '../catalogue/marked';
import { OnDay } from '../catalogue/on-day';
import { SearchBox } from '../catalogue/search-box';
import { ShowGrid } from '../catalogue/show-card';
import { useSearch, useTimesIn } from '../catalogue/use-search';
import { VenueLink } from '../catalogue/venue-link';
import { useTodayIn } from '../catalogue/zones';
import { Button, ButtonLink } from '../design/button';
import { addressOf } from '../design/format';
import { useTitle } from '../design/hooks';
import { Bone, Empty, Failed, Loading } from '../design/notices';
import { PillSelect } from '../design/pill-select';
import { rich } from '../i18n/rich';
import { t } from '../i18n/texts';

/** Results of a search and the city it recognised. The query is in the address. */
export default function SearchPage() {
  const [params, setParams] = useSearchParams();
  const { data: cities } = useCities();
  const home = useCity();
  const q = params.get('q')?.trim() ?? '';
  const usual = useUsualName();
  const asked = params.get('city');
  const city = asked ? usual(asked) : null;
  const { answer, pending, error } = useSearch(q, city);
  useTitle(q ? `“${q}”` : t.frame.search);
  const found = answer?.shows.length ?? 0;
  // The query may name a city, which has a page of its own.
  const meant = answer?.city && answer.city !== city ? answer.city : null;
  const elsewhere = answer ? answer.elsewhere.shows.length + answer.elsewhere.venues.length : 0;
  const nothing = answer !== undefined && found + elsewhere === 0 && answer.venues.length === 0;
  const today = useTodayIn(city ?? home);
  // A title with such a word is found by itself.
  const onDay = nothing ? dayMeant(q, today) : null;
  return (
    <div className="page pt-6 sm:pt-8">
      <div className="mb-6 md:hidden">
        <SearchBox autoFocus={q === ''} />
      </div>
      <div className="mb-6 flex flex-wrap items-end justify-between gap-x-8 gap-y-4">
        <div className="min-w-0">
          <h1 className="text-3xl [overflow-wrap:anywhere] sm:text-5xl">{q ? t.results.of(q) : t.frame.search}</h1>
          {/* Keeps its height while the answer is loading. */}
          <div role="status" className={`mt-2 text-soft ${q ? 'min-h-13 sm:min-h-7' : ''}`}>
            {answer && q && (
              <p className="flex flex-wrap gap-x-5">
                {answer.city && !nothing && <Understood city={answer.city} />}
                <span>
                  {!nothing &&
                    [t.count.shows(found), answer.venues.length > 0 && t.count.venues(answer.venues.length)]
                      .filter(Boolean)
                      .join(', ')}
                </span>
              </p>
            )}
          </div>
        </div>
        {q && cities && cities.length > 1 && (
          <PillSelect
            label={t.shows.city}
            active={city !== null}
            value={city ?? ''}
            onChange={({ target }) => {
              setParams(target.value ? { q, city: target.value } : { q }, { replace: true, preventScrollReset: true });
            }}
          >
            <option value="">{t.shows.allCities}</option>
            {cities.map(({ name }) => (
              <option key={name} value={name}>
                {cityName(name)}
              </option>
            ))}
          </PillSelect>
        )}
      </div>
      {q === '' ? (
        <Empty title={t.results.what}>{t.results.how}</Empty>
      ) : error && !answer ? (
        <Failed
          error={error}
          retry={() => {
            window.location.reload();
          }}
        />
      ) : !answer ? (
        <Bones />
      ) : onDay ? (
        <OnDay {...onDay} today={today} city={city ?? home} />
      ) : nothing ? (
        <Empty title={meant ? t.results.notCalled(q) : t.results.none}>
          {meant ? t.results.didYouMean(cityName(meant)) : t.results.tryOthers}
          {meant ? (
            <ButtonLink look="gold" to={`/shows?city=${encodeURIComponent(meant)}`}>
              {t.results.whatIsOn(cityName(meant))}
            </ButtonLink>
          ) : city ? (
            <Button
              onClick={() => {
                setParams({ q }, { replace: true });
              }}
            >
              {t.results.everywhere}
            </Button>
          ) : (
            <ButtonLink to="/shows">{t.shows.everything}</ButtonLink>
          )}
        </Empty>
      ) : (
        <div className={`transition-opacity ${pending ? 'opacity-60' : ''}`}>
          <Shows shows={answer.shows} city={city} home={answer.city ?? home} query={q} />
          {city !== null && <Elsewhere shows={answer.elsewhere.shows} query={q} />}
          {answer.venues.length > 0 && <Venues title={t.frame.venues} venues={answer.venues} query={q} />}
          {city !== null && answer.elsewhere.venues.length > 0 && (
            <Venues title={t.results.otherVenues} venues={answer.elsewhere.venues} query={q} />
          )}
        </div>
      )}
    </div>
  );
}

/** Shows of the reader's city first, then those elsewhere with the names of their cities. */
function Shows({
  shows,
  city,
  home,
  query,
}: {
  shows: readonly Show[];
  city: string | null;
  home: string | null;
  query: string;
}) {
  const timed = useTimesIn(city === null ? home : null, shows);
  const { here, elsewhere } = byPlace(timed, city ?? home);
  if (city !== null || home === null) {
    return (
      <>
        <h2 className="sr-only">{t.frame.shows}</h2>
        <ShowGrid shows={shows} city={city} query={query} />
      </>
    );
  }
  return (
    <>
      {here.length > 0 && (
        <section aria-label={t.results.in(cityName(home))}>
          <h2 className={elsewhere.length > 0 ? 'mb-4 text-2xl' : 'sr-only'}>{t.results.in(cityName(home))}</h2>
          <ShowGrid shows={here} city={home} query={query} />
        </section>
      )}
      {elsewhere.length > 0 && (
        <section aria-label={t.results.otherCities} className={here.length > 0 ? 'mt-12' : ''}>
          <h2 className="mb-4 text-2xl">
            {here.length > 0 ? t.results.otherCities : t.results.notHere(cityName(home))}
          </h2>
          <ShowGrid shows={elsewhere} city={null} query={query} namesCities />
        </section>
      )}
    </>
  );
}

/** Shows of other cities, after those of the chosen one. */
function Elsewhere({ shows, query }: { shows: readonly Show[]; query: string }) {
  if (shows.length === 0) return null;
  return (
    <section aria-label={t.results.otherCities} className="mt-12">
      <h2 className="mb-4 text-2xl">{t.results.otherCities}</h2>
      <ShowGrid shows={shows} city={null} query={query} namesCities />
    </section>
  );
}

function Understood({ city }: { city: string }) {
  return (
    <span className="flex items-center gap-1.5 text-ink">
      <MapPin size={17} className="shrink-0" aria-hidden />
      <span>
        {rich(t.results.showing(cityName(city)), {
          a: (name) => (
            <Link
              className="link font-semibold"
              to={`/shows?city=${encodeURIComponent(city)}`}
              aria-label={t.results.everythingIn(name)}
            >
              {name}
            </Link>
          ),
        })}
      </span>
    </span>
  );
}

function Venues({ title, venues, query }: { title: string; venues: readonly Venue[]; query: string }) {
  return (
    <section aria-label={title} className="mt-12">
      <h2 className="mb-3 text-2xl">{title}</h2>
      <ul className="grid gap-x-8 border-t border-line sm:grid-cols-2 lg:grid-cols-3">
        {venues.map((venue) => (
          <li key={venue.venue_id} className="border-b border-line">
            <VenueLink
              id={venue.venue_id}
              name={<Marked text={venue.name} query={query} />}
              address={<Marked text={addressOf(venue)} query={query} />}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Bones() {
  return (
    <Loading label={t.results.searching}>
      <div className="grid grid-cols-2 gap-5 sm:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5">
        {Array.from({ length: 5 }, (_, index) => (
          <Bone key={index} className="aspect-[2/3]" />
        ))}
      </div>
    </Loading>
  );
}
