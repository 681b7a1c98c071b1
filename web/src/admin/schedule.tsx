import { useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Plus } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';

import { wholeList } from '../api/queries';
import type { Screen, Screening, Venue } from '../api/types';
import { Button, IconButton } from '../design/button';
import { Dialog } from '../design/dialog';
import { SelectField, TextField } from '../design/field';
import { calendarDay, clockTime, dayAfter, dayName, when } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Empty } from '../design/notices';
import { CancelDialog, type Target } from './cancel-dialog';
import { Answer, Card, Title } from './parts';
import { ScheduleForm } from './schedule-form';

/** The board: a day of a venue, a line a screen. */
export default function Schedule() {
  useTitle('Schedule');
  const [params, setParams] = useSearchParams();
  const venues = useQuery(wholeList<Venue>('/venues', { status: 'active' }));
  const venue = venues.data?.find((one) => one.venue_id === params.get('venue')) ?? venues.data?.[0];
  const show = params.get('show');
  const today = calendarDay(useNow(60_000), venue?.timezone);
  const day = params.get('day') ?? today;
  const [adding, setAdding] = useState<{ screen?: string; time?: string } | null>(show ? {} : null);
  const set = (name: string, value: string) => {
    setParams((before) => { const next = new URLSearchParams(before); next.set(name, value); return next; }, { replace: true });
  };
  return (
    <>
      <Title actions={<Button look="gold" disabled={!venue} onClick={() => { setAdding({}); }}><Plus size={18} aria-hidden /> Schedule</Button>}>Schedule</Title>
      <div className="mb-5 grid items-end gap-3 sm:grid-cols-[minmax(0,20rem)_auto_1fr]">
        <SelectField label="Venue" value={venue?.venue_id ?? ''} onChange={(event) => { set('venue', event.target.value); }}>
          {venues.data?.map((one) => <option key={one.venue_id} value={one.venue_id}>{one.name}, {one.city}</option>)}
        </SelectField>
        <div className="flex items-end gap-1">
          <IconButton label="The day before" onClick={() => { set('day', dayAfter(day, -1)); }}><ChevronLeft size={22} aria-hidden /></IconButton>
          <TextField label="Day" type="date" value={day} onChange={(event) => { if (event.target.value) set('day', event.target.value); }} />
          <IconButton label="The day after" onClick={() => { set('day', dayAfter(day, 1)); }}><ChevronRight size={22} aria-hidden /></IconButton>
        </div>
        <p className="pb-3 text-soft">{dayName(day, 'day')}{venue && `, open ${venue.opens_at} to ${venue.closes_at}`}</p>
      </div>
      {venue ? <Board key={venue.venue_id} venue={venue} day={day} onAdd={setAdding} /> : <Answer of={venues}>{() => <Empty title="Open a venue first">Screenings are scheduled on the screens of a venue.</Empty>}</Answer>}
      {adding && venue && (
        <Dialog wide title="Schedule" onClose={() => { setAdding(null); }}>
          <ScheduleForm venue={venue} venues={venues.data ?? []} onVenue={(id) => { set('venue', id); }} day={day} show={show} screen={adding.screen} time={adding.time} onDone={() => { setAdding(null); }} />
        </Dialog>
      )}
    </>
  );
}

const minutesOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

function Board({ venue, day, onAdd }: { venue: Venue; day: string; onAdd: (wish: { screen: string; time: string }) => void }) {
  const screens = useQuery(wholeList<Screen>(`/venues/${venue.venue_id}/screens`));
  const screenings = useQuery(wholeList<Screening>('/screenings', { venue_id: venue.venue_id, date: day, status: 'active' }));
  const [target, setTarget] = useState<Target | null>(null);
  const opens = Math.floor(minutesOf(venue.opens_at) / 60) * 60;
  const closes = minutesOf(venue.closes_at) <= minutesOf(venue.opens_at) ? minutesOf(venue.closes_at) + 24 * 60 : minutesOf(venue.closes_at);
  const hours = Array.from({ length: Math.ceil((closes - opens) / 60) }, (_, index) => opens + index * 60);
  const left = (minute: number) => `${String(((minute - opens) / (hours.length * 60)) * 100)}%`;
  return (
    <Card>
      <Answer of={screens}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="No screen yet">Add a screen to the venue first.</Empty>
          ) : (
            // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard
            <div role="region" aria-label="Board" tabIndex={0} className="overflow-x-auto quiet-scroll">
              <div className="min-w-[56rem]">
                <div className="ml-28 flex border-b border-line pb-1 text-sm text-soft" aria-hidden>
                  {hours.map((hour) => <span key={hour} className="numbers flex-1">{String((hour / 60) % 24).padStart(2, '0')}</span>)}
                </div>
                {all.map((screen) => (
                  <div key={screen.screen_id} className="flex items-stretch border-b border-line last:border-0">
                    <h3 className="w-28 shrink-0 self-center pr-3 text-base font-semibold">{screen.name}</h3>
                    <div className="relative h-20 flex-1">
                      <div className="absolute inset-0 flex">
                        {hours.map((hour) => {
                          const time = `${String(Math.floor(hour / 60) % 24).padStart(2, '0')}:00`;
                          return <button key={hour} type="button" aria-label={`${screen.name}, schedule at ${time}`} className="flex-1 border-l border-line transition-colors hover:bg-sunk" onClick={() => { onAdd({ screen: screen.screen_id, time }); }} />;
                        })}
                      </div>
                      {(screenings.data ?? [])
                        .filter((screening) => screening.screen_id === screen.screen_id)
                        .map((screening) => {
                          const clock = minutesOf(clockTime(screening.starts_at, venue.timezone));
                          const start = clock < opens ? clock + 24 * 60 : clock;
                          const length = (Date.parse(screening.ends_at) - Date.parse(screening.starts_at)) / 60_000;
                          const taken = 1 - screening.available_seats / screening.capacity;
                          return (
                            <button
                              key={screening.screening_id}
                              type="button"
                              onClick={() => { setTarget({ kind: 'screening', id: screening.screening_id, name: `${screening.show_title}, ${when(screening.starts_at, 'full', screening.timezone)}` }); }}
                              className="absolute inset-y-1.5 overflow-hidden rounded-xl bg-gold px-2 text-left text-sm leading-tight text-on-gold transition-transform hover:scale-[1.02]"
                              style={{ left: left(start), width: left(opens + length) }}
                            >
                              <span className="numbers block font-bold">{clockTime(screening.starts_at, venue.timezone)}</span>
                              <span className="block truncate">{screening.show_title}</span>
                              <span className="sr-only">, {Math.round(taken * 100)} % taken. Cancel.</span>
                              <span className="absolute inset-x-0 bottom-0 h-1.5 bg-black/15"><span className="block h-full bg-black/60" style={{ width: `${String(taken * 100)}%` }} /></span>
                            </button>
                          );
                        })}
                    </div>
                  </div>
                ))}
              </div>
            </div>
          )
        }
      </Answer>
      {target && <CancelDialog target={target} onClose={() => { setTarget(null); }} />}
    </Card>
  );
}
