import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { Link } from 'react-router';

import { wholeList } from '../../api/queries';
import type { Screening } from '../../api/types';
import { cheapest } from '../../catalogue/time-chip';
import { ButtonLink } from '../../design/button';
import { money, when } from '../../design/format';
import { useNow } from '../../design/hooks';
import { t } from '../../i18n/texts';

/** Times that are shown at once; the page of the show has the others. */
const SHOWN = 4;

/** Screenings of the same show in the same city with seats enough, those nearest in time first. */
export function otherTimes(
  screenings: readonly Screening[],
  { screening_id: id, starts_at }: Pick<Screening, 'screening_id' | 'starts_at'>,
  seats: number,
  now: number,
): Screening[] {
  const away = (one: Screening) => Math.abs(Date.parse(one.starts_at) - Date.parse(starts_at));
  return screenings
    .filter((one) => one.screening_id !== id && one.status === 'active' && one.available_seats >= seats)
    .filter((one) => Date.parse(one.starts_at) > now)
    .sort((a, b) => away(a) - away(b));
}

/** Other times at once, for a screening that has too few seats. */
export function OtherTimes({ screening, seats }: { screening: Screening; seats: number }) {
  const now = useNow(60_000);
  const venues = useQuery(wholeList(`/shows/${screening.show_id}/venues`, { city: screening.city }));
  const others = otherTimes(venues.data?.flatMap((venue) => venue.screenings) ?? [], screening, seats, now);
  return (
    <section aria-labelledby="other-times" className="grid gap-2">
      <h2 id="other-times" className="text-xl">
        {t.seats.otherTimes}
      </h2>
      {venues.data && others.length === 0 && <p className="text-soft">{t.seats.noOtherTime}</p>}
      <ul className="grid gap-2">
        {others.slice(0, SHOWN).map((one) => (
          <li key={one.screening_id}>
            <OtherTime screening={one} />
          </li>
        ))}
      </ul>
      <ButtonLink to={`/shows/${screening.show_id}`} look="quiet" className="justify-self-start">
        {t.seats.allTimes}
      </ButtonLink>
    </section>
  );
}

function OtherTime({ screening }: { screening: Screening }) {
  const from = cheapest(screening);
  return (
    <Link
      to={`/screenings/${screening.screening_id}`}
      className="flex items-center gap-3 rounded-2xl border border-line-strong px-4 py-2 leading-snug hover:border-ink"
    >
      <span className="min-w-0 flex-1">
        <span className="block font-bold">{when(screening.starts_at, 'full', screening.timezone)}</span>
        <span className="block truncate text-sm text-soft">
          {screening.venue_name} · {t.shows.seatsFree(screening.available_seats)}
          {from && ` · ${t.shows.from(money(from))}`}
        </span>
      </span>
      <ChevronRight size={20} className="shrink-0 text-soft rtl:-scale-x-100" aria-hidden />
    </Link>
  );
}
