import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useRef } from 'react';

import { wholeList } from '../../api/queries';
import type { Screening, Venue } from '../../api/types';
import { cityName, screenName } from '../../catalogue/names';
import { IconButton } from '../../design/button';
import { calendarDay, dayAfter, dayIn, nearDay, when } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Empty } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import { Answer } from '../parts';

/** The screenings of a day at a venue that have not ended, one of which is chosen. */
export function ScreeningPicker({
  venues,
  venue,
  day,
  screening,
  show,
  onVenue,
  onDay,
  onScreening,
}: {
  venues: readonly Venue[];
  venue: Venue;
  day: string;
  screening: string | null;
  /** Only screenings of this show; of all if it is left out. */
  show?: string;
  onVenue: (venue: string) => void;
  onDay: (day: string) => void;
  onScreening: (screening: string) => void;
}) {
  const now = useNow(60_000);
  const today = calendarDay(now, venue.timezone);
  const asked = useQuery(
    wholeList('/screenings', { venue_id: venue.venue_id, date: day, status: 'active', ...(show && { show_id: show }) }),
  );
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label className="w-full min-w-0 sm:max-w-xs sm:flex-1">
          <span className="sr-only">{w.counter.venue}</span>
          <select
            className="h-11 w-full truncate rounded-full border border-line-strong bg-card px-4 font-semibold"
            value={venue.venue_id}
            onChange={({ target }) => {
              onVenue(target.value);
            }}
          >
            {venues.map((one) => (
              <option key={one.venue_id} value={one.venue_id}>
                {one.name}, {cityName(one.city)}
              </option>
            ))}
          </select>
        </label>
        <div role="group" aria-label={w.counter.day} className="flex items-center rounded-full bg-sunk">
          <IconButton
            label={w.counter.dayBefore}
            disabled={day <= today}
            onClick={() => {
              onDay(dayAfter(day, -1));
            }}
          >
            <ChevronLeft size={20} aria-hidden />
          </IconButton>
          <span className="min-w-28 text-center font-semibold" aria-live="polite">
            {nearDay(day, today)}
          </span>
          <IconButton
            label={w.counter.dayAfter}
            onClick={() => {
              onDay(dayAfter(day, 1));
            }}
          >
            <ChevronRight size={20} aria-hidden />
          </IconButton>
        </div>
        {/* A day in three weeks is not twenty presses away. */}
        <input
          type="date"
          aria-label={w.counter.anotherDay}
          className="h-11 rounded-full border border-line-strong bg-card px-4"
          min={today}
          value={day}
          onChange={({ target }) => {
            const typed = dayIn(target.value);
            if (typed !== null && typed >= today) onDay(typed);
          }}
        />
      </div>
      <Answer of={asked}>
        {(items) => (
          <Chips
            items={items.filter((one) => Date.parse(one.ends_at) > now)}
            chosen={screening}
            onChoose={onScreening}
          />
        )}
      </Answer>
    </div>
  );
}

function Chips({
  items,
  chosen,
  onChoose,
}: {
  items: readonly Screening[];
  chosen: string | null;
  onChoose: (screening: string) => void;
}) {
  const current = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    // On a phone, a link to a later screening of the day would leave it out of sight.
    current.current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [chosen]);
  if (items.length === 0) return <Empty title={w.counter.nothing} />;
  const sorted = [...items].sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  return (
    <ul aria-label={w.counter.screenings} className="rail -mx-1 justify-start gap-2 px-1 py-1">
      {sorted.map((one) => (
        <li key={one.screening_id}>
          <button
            ref={one.screening_id === chosen ? current : null}
            type="button"
            aria-pressed={one.screening_id === chosen}
            onClick={() => {
              onChoose(one.screening_id);
            }}
            className={[
              'w-48 rounded-2xl border px-4 py-2 text-left leading-tight transition-colors',
              one.screening_id === chosen ? 'border-ink bg-ink text-ground' : 'border-line bg-card hover:border-ink',
            ].join(' ')}
          >
            <span className="flex items-baseline justify-between gap-2">
              <span className="numbers text-lg font-bold whitespace-nowrap">
                {when(one.starts_at, 'time', one.timezone)}
              </span>
              <span className="numbers text-sm whitespace-nowrap opacity-75">
                {w.counter.free(one.available_seats)}
              </span>
            </span>
            <span className="block truncate font-semibold">{one.show_title}</span>
            <span className="block truncate text-sm opacity-75">{screenName(one.screen_name)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
