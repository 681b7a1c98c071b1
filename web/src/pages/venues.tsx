import { useQuery } from '@tanstack/react-query';

import { wholeList } from '../api/queries';
import { useCity, useUsualName } from '../catalogue/city';
import { cityName } from '../catalogue/names';
import { VenueLink } from '../catalogue/venue-link';
import { useTitle } from '../design/hooks';
import { Empty, Failed, Lines } from '../design/notices';
import { inOrder } from '../i18n/language';
import { t } from '../i18n/texts';

/** All venues, those of the chosen city first. */
export default function Venues() {
  useTitle(t.frame.venues);
  const home = useCity();
  const venues = useQuery(wholeList('/venues', { status: 'active' }));
  const usual = useUsualName();
  const placed = (venues.data ?? []).map((venue) => ({ venue, place: usual(venue.city) }));
  const cities = [...new Set(placed.map(({ place }) => place))].sort(
    (a, b) => Number(b === home) - Number(a === home) || inOrder(cityName(a), cityName(b)),
  );
  return (
    <div className="page pt-8">
      <h1 className="mb-8 text-4xl sm:text-5xl">{t.frame.venues}</h1>
      {venues.error && !venues.data ? (
        <Failed error={venues.error} retry={() => void venues.refetch()} />
      ) : !venues.data ? (
        <Lines rows={6} />
      ) : venues.data.length === 0 ? (
        <Empty title={t.city.noVenue}>{t.venue.comeBack}</Empty>
      ) : (
        <div className="grid gap-x-10 gap-y-9 md:grid-cols-2 xl:grid-cols-3">
          {cities.map((city) => (
            <section key={city} aria-label={cityName(city)} className="arrive">
              <h2 className="mb-2 text-2xl">{cityName(city)}</h2>
              <ul className="divide-y divide-line border-y border-line">
                {placed
                  .filter(({ place }) => place === city)
                  .map(({ venue }) => (
                    <li key={venue.venue_id}>
                      <VenueLink id={venue.venue_id} name={venue.name} address={venue.address} />
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </div>
  );
}
