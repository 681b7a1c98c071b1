import { useMutation, useQuery } from '@tanstack/react-query';
import { Check, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import { command, newKey } from '../api/client';
import { Problem } from '../api/problem';
import { outdated, reading, wholeList } from '../api/queries';
import type { Money, Screen, Screening, Show, Venue, Wallet } from '../api/types';
import { Button } from '../design/button';
import { SelectField, TextField } from '../design/field';
import { count, dayAfter, dayName, minorDigits, parseMoney } from '../design/format';
import { Note } from '../design/notices';
import { say } from '../design/toast';
import { slotsOf, troubleAt, type Slot } from './series';

const WEEK = [1, 2, 3, 4, 5, 6, 0];
const DAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

interface Props {
  venue: Venue;
  venues: readonly Venue[];
  onVenue: (id: string) => void;
  day: string;
  show?: string | null;
  screen?: string | undefined;
  time?: string | undefined;
  onDone: () => void;
}

/** One show on one screen, once or as a series. What is in the way is shown before anything is saved. */
export function ScheduleForm({ venue, venues, onVenue, day, show: firstShow, screen: firstScreen, time, onDone }: Props) {
  const shows = useQuery(wholeList<Show>('/shows', { status: 'active' }));
  const screens = useQuery(wholeList<Screen>(`/venues/${venue.venue_id}/screens`));
  const wallet = useQuery(reading<Wallet>('/wallet'));
  const currency = wallet.data?.balance.currency ?? 'INR';
  const [show, setShow] = useState(firstShow ?? '');
  const [screenId, setScreen] = useState(firstScreen ?? '');
  const [from, setFrom] = useState(day);
  const [until, setUntil] = useState(day);
  const [weekdays, setWeekdays] = useState<number[]>([0, 1, 2, 3, 4, 5, 6]);
  const [times, setTimes] = useState(time ?? '18:30');
  const [prices, setPrices] = useState<Record<string, string>>({});
  const [done, setDone] = useState<Record<string, 'saved' | string>>({});
  const [keys] = useState(() => new Map<string, string>());

  const screen = screens.data?.find((one) => one.screen_id === screenId) ?? screens.data?.[0];
  const film = shows.data?.find((one) => one.show_id === show);
  const categories = [...new Set(screen?.layout.rows.map((row) => row.category))];
  const money: Record<string, Money | null> = Object.fromEntries(categories.map((category) => [category, parseMoney(prices[category] ?? '', currency)]));
  const priced = categories.length > 0 && categories.every((category) => money[category]);
  const slots = slotsOf({ from, until: until < from ? from : until, weekdays, times, timezone: venue.timezone });
  const taken = useQuery({ ...wholeList<Screening>('/screenings', { venue_id: venue.venue_id, status: 'active' }), staleTime: 5_000 });
  const onScreen = taken.data?.filter((one) => one.screen_id === screen?.screen_id) ?? [];
  const [now] = useState(() => Date.now());
  const trouble = (slot: Slot): string | null => {
    const told = done[slot.starts_at];
    if (told && told !== 'saved') return told;
    if (told === 'saved') return null;
    return film ? troubleAt(slot, film.duration_minutes, venue, onScreen, now) : null;
  };
  const good = slots.filter((slot) => trouble(slot) === null && done[slot.starts_at] !== 'saved');

  const save = useMutation({
    mutationFn: async () => {
      let saved = 0;
      for (const slot of good) {
        const intent = JSON.stringify([show, screen?.screen_id, slot.starts_at, money]);
        const key = keys.get(intent) ?? newKey();
        keys.set(intent, key);
        try {
          await command('POST', '/screenings', { body: { show_id: show, screen_id: screen?.screen_id, starts_at: slot.starts_at, prices: money }, key });
          saved += 1;
          setDone((before) => ({ ...before, [slot.starts_at]: 'saved' }));
        } catch (problem) {
          if (!(problem instanceof Problem)) throw problem;
          setDone((before) => ({ ...before, [slot.starts_at]: problem.message }));
        }
      }
      return saved;
    },
    onSuccess: (saved) => {
      void outdated('/screenings', '/shows', '/venues', '/cities');
      if (saved > 0) say(`${count(saved, 'screening')} scheduled.`, 'good');
      if (saved === slots.length) onDone();
    },
  });

  return (
    <form className="grid gap-5" onSubmit={(event) => { event.preventDefault(); save.mutate(); }}>
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="sm:col-span-2"><SelectField label="Show" required autoFocus value={show} onChange={(event) => { setShow(event.target.value); }}>
          <option value="" disabled>Choose a show</option>
          {shows.data?.map((one) => <option key={one.show_id} value={one.show_id}>{one.title} ({one.duration_minutes} min)</option>)}
        </SelectField></div>
        <SelectField label="Venue" required value={venue.venue_id} onChange={(event) => { onVenue(event.target.value); }}>
          {venues.map((one) => <option key={one.venue_id} value={one.venue_id}>{one.name}, {one.city}</option>)}
        </SelectField>
        <SelectField label="Screen" required value={screen?.screen_id ?? ''} onChange={(event) => { setScreen(event.target.value); }}>
          {screens.data?.map((one) => <option key={one.screen_id} value={one.screen_id}>{one.name} ({count(one.capacity, 'seat')})</option>)}
        </SelectField>
        <TextField label="From" type="date" required value={from} onChange={(event) => { setFrom(event.target.value); }} />
        <TextField label="Until" type="date" required value={until < from ? from : until} min={from} max={dayAfter(from || day, 180)} onChange={(event) => { setUntil(event.target.value); }} />
        <fieldset className="sm:col-span-2">
          <legend className="mb-1 text-sm font-semibold">On these days</legend>
          <div className="flex flex-wrap gap-1.5">
            {WEEK.map((weekday) => {
              const on = weekdays.includes(weekday);
              return (
                <button key={weekday} type="button" aria-pressed={on} onClick={() => { setWeekdays(on ? weekdays.filter((one) => one !== weekday) : [...weekdays, weekday]); }} className={`min-h-11 rounded-full border px-4 font-semibold ${on ? 'border-ink bg-ink text-ground' : 'border-line-strong'}`}>
                  {DAY_NAMES[weekday]}
                </button>
              );
            })}
          </div>
        </fieldset>
        <div className="sm:col-span-2"><TextField label={`Times in ${venue.city}`} required value={times} hint="Several with commas: 12:00, 15:30, 21:15" onChange={(event) => { setTimes(event.target.value); }} /></div>
        {categories.map((category) => (
          <TextField key={category} label={`Price of ${category} in ${currency}`} inputMode="decimal" required placeholder={minorDigits(currency) > 0 ? '250' : '2500'} value={prices[category] ?? ''} error={prices[category] && !money[category] ? 'Please write an amount, such as 250.' : undefined} onChange={(event) => { setPrices({ ...prices, [category]: event.target.value }); }} />
        ))}
      </div>
      <section aria-label="What will be scheduled">
        <p className="mb-2 font-semibold">{slots.length === 0 ? 'No date fits these days and times.' : `${count(good.length, 'screening')} to schedule${good.length < slots.length ? `, ${String(slots.length - good.length)} left out` : ''}`}</p>
        <ul className="grid max-h-56 gap-1 overflow-y-auto quiet-scroll sm:grid-cols-2">
          {slots.map((slot) => {
            const wrong = trouble(slot);
            return (
              <li key={slot.starts_at} className={`flex items-start gap-2 rounded-xl px-3 py-2 ${wrong ? 'bg-warn-wash text-warn' : 'bg-sunk'}`}>
                {wrong ? <TriangleAlert size={17} className="mt-1 shrink-0" aria-hidden /> : <Check size={17} className={`mt-1 shrink-0 ${done[slot.starts_at] ? 'text-good' : 'text-soft'}`} aria-hidden />}
                <span><span className="numbers font-semibold">{dayName(slot.day, 'short-day')}, {slot.time}</span>{done[slot.starts_at] === 'saved' && ' scheduled'}{wrong && `: ${wrong}`}</span>
              </li>
            );
          })}
        </ul>
      </section>
      {save.error && <Note tone="bad">{save.error.message}</Note>}
      <Button look="gold" size="large" type="submit" busy={save.isPending} disabled={save.isPending || !film || !priced || good.length === 0}>
        {save.isPending ? 'Scheduling' : `Schedule ${count(good.length, 'screening')}`}
      </Button>
    </form>
  );
}
