import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { Check, TriangleAlert } from 'lucide-react';
import { useState } from 'react';

import { command, newKey } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { outdated, wholeList } from '../../api/queries';
import type { CategoryPrice, Draft, Venue } from '../../api/types';
import { cityName } from '../../catalogue/names';
import { Button } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { clockChange, dayAfter, dayName } from '../../design/format';
import { Refused } from '../../design/notices';
import { PillButton } from '../../design/pill-button';
import { say } from '../../design/toast';
import { t } from '../../i18n/texts';
import { w } from '../../i18n/work/texts';
import { publishAt, PublishFields, type PublishTime } from './drafts/draft-fields';
import { TemplateField } from './terms/template-field';
import { NO_TERMS, pricesFrom, termsFrom, typedFrom, type Terms } from './terms/terms';
import { TermsFields } from './terms/terms-fields';
import { slotsOf, takenBy, troublesOf, unreadTimes, type Slot } from './series';
import { Unread } from './unread';

const WEEK = [1, 2, 3, 4, 5, 6, 0];
/** A day of the week: 0 is a Sunday. */
const A_SUNDAY = '2024-01-07';

interface Props {
  venue: Venue;
  venues: readonly Venue[];
  /** All drafts of the venue. */
  drafts: UseQueryResult<Draft[], Problem>;
  onVenue: (id: string) => void;
  day: string;
  show?: string | null;
  screen?: string | undefined;
  time?: string | undefined;
  /** With the first day on which something was scheduled. */
  onDone: (day: string | undefined) => void;
}

/** What all screenings of the series offer. */
type Offer = Terms & { prices: Record<string, CategoryPrice>; draft?: boolean; publish_at?: string };

/** One show on one screen, once or as a series. What is in the way is shown before anything is saved. */
export function ScheduleForm({
  venue,
  venues,
  drafts,
  onVenue,
  day,
  show: firstShow,
  screen: firstScreen,
  time,
  onDone,
}: Props) {
  const shows = useQuery(wholeList('/shows', { status: 'active' }));
  const screens = useQuery(wholeList(`/venues/${venue.venue_id}/screens`, { status: 'active' }));
  const currency = usePolicy().currency.code;
  const [show, setShow] = useState(firstShow ?? '');
  const [screenId, setScreen] = useState(firstScreen ?? '');
  const [from, setFrom] = useState(day);
  const [until, setUntil] = useState(day);
  const [weekdays, setWeekdays] = useState<number[]>([0, 1, 2, 3, 4, 5, 6]);
  const [times, setTimes] = useState(time ?? '18:30');
  const [prices, setPrices] = useState<Record<string, string>>({});
  const [draft, setDraft] = useState(NO_TERMS);
  const [isPlan, setIsPlan] = useState(false);
  const [publish, setPublish] = useState<PublishTime>({ day: '', time: '10:00' });
  /** By show, screen and beginning: `saved`, or why it was refused. */
  const [done, setDone] = useState<Record<string, string>>({});
  const [keys] = useState(() => new Map<string, string>());

  const screen = screens.data?.find((one) => one.screen_id === screenId) ?? screens.data?.[0];
  const film = shows.data?.find((one) => one.show_id === show);
  const categories = [...new Set(screen?.layout.rows.map((row) => row.category))];
  const priced = pricesFrom(categories, draft, prices, currency);
  const terms = termsFrom(draft, currency);
  const slots = slotsOf({ from, until: until < from ? from : until, weekdays, times, timezone: venue.timezone });
  const taken = useQuery({
    ...wholeList('/screenings', { venue_id: venue.venue_id, status: 'active' }),
    staleTime: 5_000,
  });
  const onScreen = [...(taken.data ?? []), ...(drafts.data ?? [])].filter((one) => one.screen_id === screen?.screen_id);
  const [now] = useState(() => Date.now());
  const placeOf = (slot: Slot) => `${show} ${screen?.screen_id ?? ''} ${slot.starts_at}`;
  const isSaved = (slot: Slot) => done[placeOf(slot)] === 'saved';
  const undecided = slots.filter((slot) => done[placeOf(slot)] === undefined);
  const inTheWay = film
    ? troublesOf(
        undecided,
        { ...film, turnaround: screen?.turnaround_minutes ?? 0 },
        venue,
        [...onScreen, ...slots.filter(isSaved).map((slot) => takenBy(slot, film))],
        now,
      )
    : null;
  const trouble = (slot: Slot): string | undefined =>
    isSaved(slot) ? undefined : (done[placeOf(slot)] ?? inTheWay?.get(slot.starts_at));
  const good = undecided.filter((slot) => trouble(slot) === undefined);
  const saved = slots.filter(isSaved).length;
  const leftOut = slots.length - good.length - saved;
  const unread = unreadTimes(times);

  const save = useMutation({
    mutationFn: async (offer: Offer) => {
      let refused = 0;
      for (const slot of good) {
        const intent = JSON.stringify([show, screen?.screen_id, slot.starts_at, offer]);
        const key = keys.get(intent) ?? newKey();
        keys.set(intent, key);
        try {
          await command('POST', '/screenings', {
            body: { show_id: show, screen_id: screen?.screen_id ?? '', starts_at: slot.starts_at, ...offer },
            key,
          });
          setDone((before) => ({ ...before, [placeOf(slot)]: 'saved' }));
        } catch (problem) {
          // If the API is unreachable, the rest waits and can be sent again.
          if (!(problem instanceof Problem) || problem.passing) throw problem;
          refused += 1;
          setDone((before) => ({ ...before, [placeOf(slot)]: problem.message }));
        }
      }
      return { saved: good.length - refused, refused, day: good[0]?.day };
    },
    onSettled: () => void outdated('/screenings', '/shows', '/venues', '/cities'),
    onSuccess: (result) => {
      if (result.saved > 0) say((isPlan ? w.draft.planned : w.schedule.done)(result.saved), 'good');
      if (result.refused === 0) onDone(result.day);
    },
  });

  return (
    <form
      className="grid gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        const publish_at = publishAt(publish, venue.timezone);
        const plan = isPlan ? { draft: true, ...(publish_at && { publish_at }) } : {};
        if (film && priced && terms) save.mutate({ prices: priced, ...terms, ...plan });
      }}
    >
      <div className="grid gap-4 sm:grid-cols-2">
        <div className="sm:col-span-2">
          <SelectField
            label={w.series.show}
            required
            autoFocus
            value={show}
            onChange={(event) => {
              setShow(event.target.value);
            }}
          >
            <option value="" disabled>
              {w.series.chooseShow}
            </option>
            {shows.data?.map((one) => (
              <option key={one.show_id} value={one.show_id}>
                {one.title} ({t.when.minutes(one.duration_minutes)})
              </option>
            ))}
          </SelectField>
        </div>
        <SelectField
          label={w.series.venue}
          required
          value={venue.venue_id}
          onChange={(event) => {
            onVenue(event.target.value);
          }}
        >
          {venues.map((one) => (
            <option key={one.venue_id} value={one.venue_id}>
              {one.name}, {cityName(one.city)}
            </option>
          ))}
        </SelectField>
        <SelectField
          label={w.schedule.screen}
          required
          value={screen?.screen_id ?? ''}
          onChange={(event) => {
            setScreen(event.target.value);
          }}
        >
          {screens.data?.map((one) => (
            <option key={one.screen_id} value={one.screen_id}>
              {w.schedule.screenOf(one.name, t.count.seats(one.capacity))}
            </option>
          ))}
        </SelectField>
        <TextField
          label={w.series.from}
          type="date"
          required
          value={from}
          onChange={(event) => {
            setFrom(event.target.value);
          }}
        />
        <TextField
          label={w.series.until}
          type="date"
          required
          value={until < from ? from : until}
          min={from}
          max={dayAfter(from || day, 180)}
          onChange={(event) => {
            setUntil(event.target.value);
          }}
        />
        <fieldset className="sm:col-span-2">
          <legend className="mb-1 text-sm font-semibold">{w.series.days}</legend>
          <div className="flex flex-wrap gap-1.5">
            {WEEK.map((weekday) => {
              const on = weekdays.includes(weekday);
              return (
                <PillButton
                  key={weekday}
                  pressed={on}
                  onClick={() => {
                    setWeekdays(on ? weekdays.filter((one) => one !== weekday) : [...weekdays, weekday]);
                  }}
                >
                  {dayName(dayAfter(A_SUNDAY, weekday), 'weekday')}
                </PillButton>
              );
            })}
          </div>
        </fieldset>
        <div className="sm:col-span-2">
          <TextField
            label={w.series.times(cityName(venue.city))}
            required
            value={times}
            error={unread.length > 0 ? w.series.unread(unread.join(', ')) : undefined}
            hint={w.series.timesHint}
            onChange={(event) => {
              setTimes(event.target.value);
            }}
          />
        </div>
        <div className="sm:col-span-2">
          <TemplateField
            venue={venue.venue_id}
            onTemplate={(template) => {
              const filled = typedFrom(template, currency);
              setPrices(filled.prices);
              setDraft(filled.draft);
            }}
          />
        </div>
        <TermsFields
          categories={categories}
          currency={currency}
          draft={draft}
          onDraft={setDraft}
          prices={prices}
          onPrices={setPrices}
        />
        <label className="flex min-h-11 items-center gap-3 sm:col-span-2">
          <input
            type="checkbox"
            className="size-5 shrink-0 accent-ink"
            checked={isPlan}
            onChange={({ target }) => {
              setIsPlan(target.checked);
            }}
          />
          {w.series.asDraft}
        </label>
        {isPlan && <PublishFields city={venue.city} timezone={venue.timezone} value={publish} onValue={setPublish} />}
      </div>
      <section aria-label={w.series.what}>
        <p role="status" className="mb-2 font-semibold">
          {slots.length === 0
            ? w.series.noDate
            : [
                w.series.toSchedule(good.length),
                leftOut > 0 && w.series.leftOut(leftOut),
                saved > 0 && w.series.scheduled(saved),
              ]
                .filter(Boolean)
                .join(', ')}
        </p>
        <ul className="grid max-h-56 gap-1 overflow-y-auto quiet-scroll sm:grid-cols-2">
          {slots.map((slot) => {
            const wrong = trouble(slot);
            return (
              <li
                key={slot.starts_at}
                className={[
                  'flex items-start gap-2 rounded-xl px-3 py-2',
                  wrong ? 'bg-warn-wash text-warn' : 'bg-sunk',
                ].join(' ')}
              >
                {wrong ? (
                  <TriangleAlert size={17} className="mt-1 shrink-0" aria-hidden />
                ) : (
                  <Check
                    size={17}
                    className={`mt-1 shrink-0 ${isSaved(slot) ? 'text-good' : 'text-soft'}`}
                    aria-hidden
                  />
                )}
                <span>
                  <span className="numbers font-semibold">
                    {dayName(slot.day, 'short-day')}, {slot.time}
                  </span>
                  {clockChange(slot.day, slot.time, venue.timezone) === 'twice' && w.series.twice}
                  {isSaved(slot) && w.series.isScheduled}
                  {wrong && `: ${wrong}`}
                </span>
              </li>
            );
          })}
        </ul>
      </section>
      <Refused error={shows.error ?? screens.error} />
      <Unread of={[taken, drafts]} />
      <Refused error={save.error} />
      <Button
        look="gold"
        size="large"
        type="submit"
        busy={save.isPending}
        disabled={save.isPending || good.length === 0 || !terms}
      >
        {save.isPending ? w.series.scheduling : w.series.go(good.length)}
      </Button>
    </form>
  );
}
