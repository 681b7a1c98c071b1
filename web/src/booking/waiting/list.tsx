import { Link } from 'react-router';

import { cityName } from '../../catalogue/names';
import { whenThere, zoneNoteThere } from '../../design/format';
import { t } from '../../i18n/texts';
import { Place } from './place';
import { inOrderOfNeed, useMyPlaces } from './places';

/** What the reader waits for, and what is offered to them. Nothing for those who wait for nothing. */
export function WaitingList() {
  const places = inOrderOfNeed(useMyPlaces());
  if (places.length === 0) return null;
  return (
    <section aria-labelledby="waiting-list" className="mb-8">
      <h2 id="waiting-list" className="mb-3 text-2xl">
        {t.waiting.title}
      </h2>
      <ul className="grid items-start gap-4 md:grid-cols-2">
        {places.map((place) => (
          <li key={place.place_id} className="grid gap-3 rounded-3xl bg-card p-4 shadow-card sm:p-5">
            <div>
              <h3 className="text-xl leading-tight">
                <Link to={`/screenings/${place.screening_id}`} className="hover:underline">
                  {place.show_title}
                </Link>
              </h3>
              <p className="text-soft">
                {[whenThere(place.starts_at, 'full'), zoneNoteThere(place.starts_at, cityName(place.city))]
                  .filter(Boolean)
                  .join(', ')}{' '}
                · {place.venue_name}, {cityName(place.city)}
              </p>
            </div>
            <Place place={place} />
          </li>
        ))}
      </ul>
    </section>
  );
}
