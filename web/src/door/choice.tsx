import { useQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';

import { wholeList } from '../api/queries';
import type { Screening } from '../api/types';
import { cityName, screenName } from '../catalogue/names';
import { SelectField, TextField } from '../design/field';
import { calendarDay, dayAfter, nearDay, when } from '../design/format';
import { useNow } from '../design/hooks';
import { Empty, Failed, Lines } from '../design/notices';
import { inOrder } from '../i18n/language';
import { w } from '../i18n/work/texts';
import { deviceName, lastVenue } from './device';

/** Screenings of a door: those that have not ended, and begin within a day, in milliseconds. */
const AHEAD_MS = 24 * 3_600_000;

/** Choice of the screening behind the door, so that tickets of other days and houses are refused. */
export function DoorChoice({ onDoor }: { onDoor: (screening: string) => void }) {
  const now = useNow(60_000);
  const today = calendarDay(now);
  const [before, on, after] = [
    useQuery(wholeList('/screenings', { date: dayAfter(today, -1), status: 'active' })),
    useQuery(wholeList('/screenings', { date: today, status: 'active' })),
    useQuery(wholeList('/screenings', { date: dayAfter(today, 1), status: 'active' })),
  ];
  const near = [before, on, after]
    .flatMap(({ data }) => data ?? [])
    .filter((one) => Date.parse(one.ends_at) > now && Date.parse(one.starts_at) < now + AHEAD_MS)
    .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  const venues = [...new Set(near.map(venueOf))].sort(inOrder);
  const [asked, setVenue] = useState(lastVenue.read() ?? '');
  const venue = venues.includes(asked) ? asked : '';
  const error = on.error ?? after.error;
  return (
    <>
      <h1 className="mb-2 text-4xl sm:text-5xl">{w.doors.which}</h1>
      <p className="mb-6 text-soft">{w.doors.why}</p>
      {on.isPending && <Lines />}
      {error && near.length === 0 && (
        <Failed
          error={error}
          retry={() => {
            for (const { refetch } of [before, on, after]) void refetch();
          }}
        />
      )}
      {!error && !on.isPending && !after.isPending && near.length === 0 && (
        <Empty title={w.doors.nothing}>{w.doors.soon}</Empty>
      )}
      {venues.length > 1 && (
        <div className="mb-6 max-w-sm">
          <SelectField
            label={w.doors.venue}
            value={venue}
            onChange={({ target }) => {
              lastVenue.write(target.value);
              setVenue(target.value);
            }}
          >
            <option value="">{w.doors.all}</option>
            {venues.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </SelectField>
        </div>
      )}
      <div className="grid gap-6 lg:grid-cols-2">
        {(venue ? [venue] : venues).map((one) => (
          <section key={one} aria-label={one}>
            <h2 className="mb-2 text-xl">{one}</h2>
            <ul className="grid gap-2">
              {near
                .filter((screening) => venueOf(screening) === one)
                .map((one) => (
                  <li key={one.screening_id}>
                    <button
                      type="button"
                      className="flex w-full items-center gap-4 rounded-2xl bg-card px-4 py-3 text-left shadow-card hover:bg-sunk"
                      onClick={() => {
                        onDoor(one.screening_id);
                      }}
                    >
                      <span className="numbers w-24 shrink-0 leading-tight">
                        <span className="block text-sm text-soft">
                          {nearDay(calendarDay(one.starts_at, one.timezone), calendarDay(now, one.timezone))}
                        </span>
                        <span className="text-lg font-bold">{when(one.starts_at, 'time', one.timezone)}</span>
                      </span>
                      <span className="min-w-0 leading-tight">
                        <span className="block font-semibold wrap-anywhere">{one.show_title}</span>
                        <span className="text-sm text-soft">
                          {screenName(one.screen_name)},{' '}
                          {w.doors.taken(one.capacity - one.available_seats, one.capacity)}
                        </span>
                      </span>
                      <ChevronRight size={20} className="ml-auto shrink-0 text-soft" aria-hidden />
                    </button>
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
      <div className="mt-8 max-w-xs">
        <TextField
          label={w.doors.name}
          hint={w.doors.nameHint}
          maxLength={60}
          defaultValue={deviceName.read()}
          onBlur={({ target }) => {
            deviceName.write(target.value);
          }}
        />
      </div>
    </>
  );
}

function venueOf({ venue_name, city }: Screening): string {
  return `${venue_name}, ${cityName(city)}`;
}
