import { useQuery } from '@tanstack/react-query';

import { wholeList } from '../../api/queries';
import type { Booking, Screening } from '../../api/types';
import { screenName } from '../../catalogue/names';
import { calendarDay, nearDay, when } from '../../design/format';
import { useNow } from '../../design/hooks';
import { t } from '../../i18n/texts';

/** The times of the show in the city of the booking that have seats enough, by day: one row above the seat map. */
export function TimesOfShow({
  booking,
  chosen,
  onChoose,
}: {
  booking: Booking;
  chosen: string;
  onChoose: (screening: string) => void;
}) {
  const now = useNow(60_000);
  const venues = useQuery(wholeList(`/shows/${booking.show.show_id}/venues`, { city: booking.venue.city }));
  const all = (venues.data ?? [])
    .flatMap(({ screenings }) => screenings)
    .filter((one) => isOpen(one, booking, now))
    .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  const dayOf = ({ starts_at }: { starts_at: string }) => starts_at.slice(0, 10);
  const days = [...new Set(all.map(dayOf))];
  const current = all.find(({ screening_id }) => screening_id === chosen);
  const day = current ? dayOf(current) : (days[0] ?? '');
  const ofDay = all.filter((one) => dayOf(one) === day);
  const today = calendarDay(now, booking.screening.timezone);
  if (all.length < 2) return null;
  return (
    <div className="border-b border-line">
      <div className="page flex items-center gap-3 py-2">
        {days.length > 1 && (
          <label className="shrink-0">
            <span className="sr-only">{t.shows.day}</span>
            <select
              className="h-12 max-w-32 rounded-full border border-line-strong bg-card px-3.5 font-semibold hover:border-ink sm:max-w-none"
              value={day}
              onChange={({ target }) => {
                const first = all.find((one) => dayOf(one) === target.value);
                if (first) onChoose(first.screening_id);
              }}
            >
              {days.map((one) => (
                <option key={one} value={one}>
                  {nearDay(one, today)}
                </option>
              ))}
            </select>
          </label>
        )}
        <ul aria-label={t.show.times} className="rail -my-1 min-w-0 flex-1 justify-start gap-2 py-1">
          {ofDay.map((one) => {
            const isChosen = one.screening_id === chosen;
            const isOwn = one.screening_id === booking.screening.screening_id;
            return (
              <li key={one.screening_id}>
                <button
                  type="button"
                  aria-pressed={isChosen}
                  onClick={() => {
                    onChoose(one.screening_id);
                  }}
                  className={[
                    'block min-h-12 w-max max-w-60 rounded-2xl border px-3.5 py-1 text-start leading-tight transition-colors',
                    isChosen ? 'border-ink bg-ink text-ground' : 'border-line-strong bg-card hover:border-ink',
                  ].join(' ')}
                >
                  <span className="flex items-baseline gap-2 whitespace-nowrap">
                    <span className="numbers font-bold">{when(one.starts_at, 'time', one.timezone)}</span>
                    <span className="text-sm">{isOwn ? t.move.yours : t.shows.seatsFree(one.available_seats)}</span>
                  </span>
                  <span className="block truncate text-sm">
                    {one.venue_name}, {screenName(one.screen_name)}
                  </span>
                </button>
              </li>
            );
          })}
        </ul>
      </div>
    </div>
  );
}

function isOpen(screening: Screening, booking: Booking, now: number): boolean {
  if (screening.status !== 'active' || Date.parse(screening.starts_at) <= now) return false;
  return screening.screening_id === booking.screening.screening_id || screening.available_seats >= booking.seats.length;
}
