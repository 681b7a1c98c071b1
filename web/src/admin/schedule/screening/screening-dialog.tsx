import { useMutation, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { ArrowRightLeft, Check, CopyPlus, TriangleAlert } from 'lucide-react';
import { lazy, Suspense, useState, type FormEvent } from 'react';
import { Link } from 'react-router';

import { command } from '../../../api/client';
import { useKey } from '../../../api/keys/use-key';
import { usePolicy } from '../../../api/policy';
import type { Problem } from '../../../api/problem';
import { outdated, wholeList } from '../../../api/queries';
import type { CategoryPrice, Draft, Screen, Screening, Venue } from '../../../api/types';
import { categoryName, cityName } from '../../../catalogue/names';
import { pricesOf } from '../../../catalogue/time-chip';
import { Button } from '../../../design/button';
import { Dialog } from '../../../design/dialog';
import { SelectField, TextField } from '../../../design/field';
import { calendarDay, clockTime, editedMoment, parseMoney, when } from '../../../design/format';
import { Note, Refused } from '../../../design/notices';
import { say } from '../../../design/toast';
import { t } from '../../../i18n/texts';
import { w } from '../../../i18n/work/texts';
import { inUse, type BoardSlot } from '../board';
import { CancelDialog } from './cancel-dialog';
import { ChangeDialog } from './change-dialog';
import { clockFlaw, troubleAt } from '../series';
import { Unread } from '../unread';

/** Loaded when it is opened, which is seldom. */
const HoldersDialog = lazy(() => import('./holders').then((file) => ({ default: file.HoldersDialog })));

interface Props {
  screening: Screening;
  venue: Venue;
  screens: readonly Screen[];
  /** All drafts of the venue. */
  drafts: UseQueryResult<Draft[], Problem>;
  /** New slot, if the screening was dragged. */
  slot?: BoardSlot | undefined;
  onClose: () => void;
}

/** Moves, repeats or cancels a screening. Conflicts are shown before anything is saved. */
export function ScreeningDialog({ screening, venue, screens, drafts, slot, onClose }: Props) {
  const [screenId, setScreen] = useState(slot?.screen ?? screening.screen_id);
  const [day, setDay] = useState(slot?.day ?? calendarDay(screening.starts_at, venue.timezone));
  const [time, setTime] = useState(slot?.time ?? clockTime(screening.starts_at, venue.timezone));
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [cancelling, setCancelling] = useState(false);
  const [holders, setHolders] = useState(false);
  const [changing, setChanging] = useState(false);
  const [now] = useState(() => Date.now());
  const around = useQuery({
    ...wholeList('/screenings', { venue_id: venue.venue_id, status: 'active' }),
    staleTime: 5_000,
  });

  const taken = screening.capacity - screening.available_seats;
  const minutes = (Date.parse(screening.ends_at) - Date.parse(screening.starts_at)) / 60_000;
  const screen = screens.find((one) => one.screen_id === screenId);
  const length = { minutes, turnaround: screen?.turnaround_minutes ?? 0 };
  const starts_at = editedMoment(day, time, venue.timezone, screening.starts_at);
  const stays = screenId === screening.screen_id && Date.parse(starts_at) === Date.parse(screening.starts_at);
  const there = [...(around.data ?? []), ...(drafts.data ?? [])].filter((one) => one.screen_id === screenId);
  const others = there.filter((one) => one.screening_id !== screening.screening_id);
  const atMove = troubleAt({ day, starts_at, time }, length, venue, others, now);
  // Repeated, it stays where it is as well, and may be in its own way.
  const atRepeat = troubleAt({ day, starts_at, time }, length, venue, there, now);

  // A room with other categories needs prices that this screening has not.
  const policy = usePolicy();
  const currency = Object.values(screening.prices).flatMap(pricesOf)[0]?.currency ?? policy.currency.code;
  const categories = [...new Set(screen?.layout.rows.map((row) => row.category))];
  const missing = categories.filter((category) => !screening.prices[category]);
  const prices: Record<string, CategoryPrice> = Object.fromEntries(
    categories.flatMap((category) => {
      const price = screening.prices[category] ?? parseMoney(typed[category] ?? '', currency);
      return price ? [[category, price]] : [];
    }),
  );
  const priced = categories.length > 0 && categories.every((category) => prices[category]);

  const { show_id, ticket_types, fee, tax_rates, cancellation, single_seats, wheelchair_minutes } = screening;
  const terms = { ticket_types, fee, tax_rates, cancellation, single_seats, wheelchair_minutes };
  const after = (said: string) => {
    void outdated('/screenings', '/shows', '/venues', '/admin/cascades');
    say(said, 'good');
    onClose();
  };
  const repeatKey = useKey();
  const repeat = useMutation({
    mutationFn: () => {
      const body = { show_id, ...terms, screen_id: screenId, starts_at, prices };
      return repeatKey.run(body, (key) => command('POST', '/screenings', { body, key }));
    },
    onSuccess: () => {
      after(w.slot.onceMore(screening.show_title));
    },
  });
  const moveKey = useKey();
  const move = useMutation({
    mutationFn: () => {
      const body = { screen_id: screenId, starts_at, ...(missing.length > 0 && { prices }) };
      return moveKey.run(body, (key) => command('PATCH', `/screenings/${screening.screening_id}`, { body, key }));
    },
    onSuccess: ({ bookings }) => {
      const mails = bookings > 0 ? ` ${w.slot.mails(bookings)}` : '';
      after(`${w.slot.moved(screening.show_title)}${mails}`);
    },
    onError: () => void outdated('/screenings'),
  });
  const busy = repeat.isPending || move.isPending;
  const movable = taken === 0;
  const inTheWay = movable ? atMove : atRepeat;
  const again = () => {
    move.reset();
    repeat.mutate();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (movable) {
      repeat.reset();
      move.mutate();
    } else again();
  };

  if (holders)
    return (
      <Suspense>
        <HoldersDialog
          screening={screening.screening_id}
          title={screening.show_title}
          onClose={() => {
            setHolders(false);
          }}
        />
      </Suspense>
    );
  if (changing) return <ChangeDialog screening={screening} slot={{ screen: screenId, day, time }} onClose={onClose} />;
  if (cancelling)
    return (
      <CancelDialog
        target={{
          kind: 'screening',
          id: screening.screening_id,
          name: `${screening.show_title}, ${when(screening.starts_at, 'full', venue.timezone)}`,
        }}
        onClose={onClose}
      />
    );
  return (
    <Dialog title={screening.show_title} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <p className="-mt-2 text-soft">
          {w.slot.fromTo(
            when(screening.starts_at, 'full', venue.timezone),
            when(screening.ends_at, 'time', venue.timezone),
            screening.screen_name,
          )}{' '}
          {taken === 0 ? w.slot.noneTaken : w.slot.taken(taken, screening.capacity)}
          {' · '}
          <Link className="link text-ink" to={`/admin/screenings/${screening.screening_id}`}>
            {w.slot.houseSeats}
          </Link>
          {taken > 0 && (
            <>
              {' · '}
              <button
                type="button"
                className="link text-ink"
                onClick={() => {
                  setHolders(true);
                }}
              >
                {w.slot.unpaid}
              </button>
            </>
          )}
        </p>
        <div className="grid items-end gap-3 xs:grid-cols-2">
          <div className="xs:col-span-2">
            <SelectField
              label={w.schedule.screen}
              value={screenId}
              onChange={(event) => {
                setScreen(event.target.value);
              }}
            >
              {inUse(screens, screening.screen_id).map((one) => (
                <option key={one.screen_id} value={one.screen_id}>
                  {w.schedule.screenOf(one.name, t.count.seats(one.capacity))}
                </option>
              ))}
            </SelectField>
          </div>
          <TextField
            label={w.schedule.day}
            type="date"
            required
            value={day}
            onChange={(event) => {
              if (event.target.value) setDay(event.target.value);
            }}
          />
          <TextField
            label={w.schedule.timeIn(cityName(venue.city))}
            type="time"
            required
            value={time}
            {...clockFlaw(day, time, venue.timezone, starts_at)}
            onChange={(event) => {
              if (event.target.value) setTime(event.target.value);
            }}
          />
          {missing.map((category) => (
            <TextField
              key={category}
              label={w.schedule.priceOf(categoryName(category), currency)}
              inputMode="decimal"
              required
              value={typed[category] ?? ''}
              onChange={(event) => {
                setTyped({ ...typed, [category]: event.target.value });
              }}
            />
          ))}
        </div>
        {stays && movable && <p className="text-sm text-soft">{w.slot.choose}</p>}
        <Unread of={[around, drafts]} />
        {!stays &&
          (inTheWay ? (
            <Verdict good={false}>{(movable ? w.slot.notThen : w.slot.noRepeat)(inTheWay)}</Verdict>
          ) : (
            around.data && drafts.data && <Verdict good>{w.slot.free}</Verdict>
          ))}
        {!movable && <p className="text-sm text-soft">{w.slot.people}</p>}
        <Refused error={move.error ?? repeat.error} />
        <div className="flex flex-wrap gap-3">
          {movable && (
            <Button
              look="gold"
              type="submit"
              busy={move.isPending}
              disabled={busy || stays || atMove !== null || !priced}
            >
              <ArrowRightLeft size={17} aria-hidden /> {w.slot.move}
            </Button>
          )}
          {!movable && (
            <Button
              disabled={busy}
              onClick={() => {
                setChanging(true);
              }}
            >
              <ArrowRightLeft size={17} aria-hidden /> {w.slot.change}
            </Button>
          )}
          <Button
            type={movable ? 'button' : 'submit'}
            busy={repeat.isPending}
            disabled={busy || stays || atRepeat !== null || !priced}
            onClick={movable ? again : undefined}
          >
            <CopyPlus size={17} aria-hidden /> {w.slot.repeat}
          </Button>
          <Button
            look="danger"
            className="ml-auto"
            disabled={busy}
            onClick={() => {
              setCancelling(true);
            }}
          >
            {w.slot.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Verdict({ good, children }: { good: boolean; children: React.ReactNode }) {
  const Icon = good ? Check : TriangleAlert;
  return (
    <Note tone={good ? 'good' : 'warn'}>
      <span className="flex items-start gap-2">
        <Icon size={18} className="mt-0.5 shrink-0" aria-hidden /> <span>{children}</span>
      </span>
    </Note>
  );
}
