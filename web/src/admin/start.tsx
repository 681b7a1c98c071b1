import type { Booking } from '../api/types';
import { cityName } from '../catalogue/names';
import { when, zoneInList } from '../design/format';

type Started = Pick<Booking, 'screening' | 'venue'>;

/** Beginning of a booked screening at its venue. A list with times of several zones names the place of each. */
export function Start({ of: { screening, venue }, among }: { of: Started; among: readonly Started[] }) {
  const zones = among.map((one) => one.screening.timezone);
  const note = zoneInList(zones, screening.starts_at, screening.timezone, cityName(venue.city));
  return (
    <>
      {when(screening.starts_at, 'full', screening.timezone)}
      {note && ` (${note})`}
    </>
  );
}
