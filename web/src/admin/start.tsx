import type { Booking } from '../api/types';
import { cityName } from '../catalogue/names';
import { whenInYear, zoneInList } from '../design/format';
import { useNow } from '../design/hooks';

type Started = Pick<Booking, 'screening' | 'venue'>;

/** Beginning of a booked screening at its venue. A list with times of several zones names the place of each. */
export function Start({ of: { screening, venue }, among }: { of: Started; among: readonly Started[] }) {
  const now = useNow(3_600_000);
  const zones = among.map((one) => one.screening.timezone);
  const note = zoneInList(zones, screening.starts_at, screening.timezone, cityName(venue.city));
  return (
    <>
      {whenInYear(screening.starts_at, 'full', now, screening.timezone)}
      {note && ` (${note})`}
    </>
  );
}
