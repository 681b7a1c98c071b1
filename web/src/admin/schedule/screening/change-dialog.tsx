import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../../api/client';
import { useKey } from '../../../api/keys/use-key';
import { usePolicy } from '../../../api/policy';
import { outdated, wholeList } from '../../../api/queries';
import type { ChangedScreening, Screen, Screening } from '../../../api/types';
import { categoryName, cityName } from '../../../catalogue/names';
import { Button } from '../../../design/button';
import { Dialog } from '../../../design/dialog';
import { SelectField, TextField } from '../../../design/field';
import { calendarDay, clockTime, editedMoment, parseMoney, typedMoney, when } from '../../../design/format';
import { Lines, Note, Refused } from '../../../design/notices';
import { say } from '../../../design/toast';
import { t } from '../../../i18n/texts';
import { ticketType } from '../../../i18n/ticket-type';
import { w } from '../../../i18n/work/texts';
import { inUse, type BoardSlot } from '../board';
import { changesOf, fieldsOf, pricesFrom, type PriceField } from './changes';
import { clockFlaw } from '../series';
import { hoursFrom, minutesFrom } from '../terms/terms';

interface Props {
  screening: Screening;
  /** New slot, if the screening was dragged. */
  slot?: BoardSlot | undefined;
  onClose: () => void;
}

/** Changes prices, time or screen of a screening, with what this means for those who booked. */
export function ChangeDialog({ screening, slot, onClose }: Props) {
  const screens = useQuery(wholeList(`/venues/${screening.venue_id}/screens`));
  return (
    <Dialog title={w.change.title} onClose={onClose}>
      {screens.data ? (
        <ChangeForm screening={screening} slot={slot} screens={screens.data} onClose={onClose} />
      ) : screens.error ? (
        <Refused error={screens.error} />
      ) : (
        <Lines />
      )}
    </Dialog>
  );
}

function ChangeForm({ screening, slot, screens, onClose }: Props & { screens: readonly Screen[] }) {
  const zone = screening.timezone;
  const [screenId, setScreen] = useState(slot?.screen ?? screening.screen_id);
  const [day, setDay] = useState(slot?.day ?? calendarDay(screening.starts_at, zone));
  const [time, setTime] = useState(slot?.time ?? clockTime(screening.starts_at, zone));
  const [typed, setTyped] = useState<Record<string, string>>({});
  const kept = screening.wheelchair_minutes;
  const [hours, setHours] = useState(kept == null ? '' : hoursFrom(kept));
  const policy = usePolicy();
  const currency = policy.currency.code;
  const key = useKey();

  // On its own screen the seats on sale are those that it was scheduled with.
  const there = screens.find((one) => one.screen_id === screenId);
  const categories =
    screenId === screening.screen_id || !there
      ? Object.keys(screening.prices)
      : [...new Set(there.layout.rows.map((row) => row.category))];
  const fields = fieldsOf(categories, screening.prices);
  const text = ({ id, before }: PriceField) => typed[id] ?? (before ? typedMoney(before) : '');
  const prices = pricesFrom(fields, (field) => parseMoney(text(field), currency));
  const starts_at = editedMoment(day, time, zone, screening.starts_at);
  const clock = clockFlaw(day, time, zone, starts_at);
  const wheelchair = minutesFrom(hours);
  const wheelchair_minutes = wheelchair ?? null;
  const body = changesOf(screening, {
    screen_id: screenId,
    starts_at,
    prices: prices ?? screening.prices,
    wheelchair_minutes,
  });
  const hasPlaces = there?.layout.rows.some((row) => (row.accessible ?? []).length > 0) ?? false;
  const moves = 'screen_id' in body || 'starts_at' in body;

  const path = `/screenings/${screening.screening_id}` as const;
  const preview = useMutation({
    mutationFn: () => command('PATCH', path, { body: { ...body, preview: true } }),
  });
  const change = useMutation({
    mutationFn: () => key.run(body, (text) => command('PATCH', path, { body, key: text })),
    onSuccess: (changed) => {
      void outdated('/screenings', '/shows', '/venues', '/admin/cascades');
      say(changed.bookings > 0 ? w.change.changedMails(changed.bookings) : w.change.changed, 'good');
      onClose();
    },
    onError: () => {
      preview.reset();
    },
  });
  const edited = () => {
    preview.reset();
    change.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (preview.data) change.mutate();
    else preview.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <p className="-mt-2 text-soft">
        {screening.show_title}, {when(screening.starts_at, 'full', zone)}, {screening.screen_name}
      </p>
      <div className="grid items-end gap-3 xs:grid-cols-2">
        <div className="xs:col-span-2">
          <SelectField
            label={w.schedule.screen}
            value={screenId}
            onChange={({ target }) => {
              setScreen(target.value);
              edited();
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
          onChange={({ target }) => {
            if (target.value) setDay(target.value);
            edited();
          }}
        />
        <TextField
          label={w.schedule.timeIn(cityName(screening.city))}
          type="time"
          required
          value={time}
          {...clock}
          onChange={({ target }) => {
            if (target.value) setTime(target.value);
            edited();
          }}
        />
        {fields.map((field) => (
          <TextField
            key={field.id}
            label={w.schedule.priceOf(
              [categoryName(field.category), field.type && ticketType(field.type)].filter(Boolean).join(', '),
              currency,
            )}
            inputMode="decimal"
            required
            value={text(field)}
            onChange={({ target }) => {
              setTyped({ ...typed, [field.id]: target.value });
              edited();
            }}
          />
        ))}
        {(hasPlaces || hours !== '') && (
          <div className="xs:col-span-2">
            <TextField
              label={w.change.wheelchairs}
              hint={w.change.wheelchairsHint}
              inputMode="decimal"
              value={hours}
              error={wheelchair === null ? w.change.wheelchairsWrong : undefined}
              onChange={({ target }) => {
                setHours(target.value);
                edited();
              }}
            />
          </div>
        )}
      </div>
      <Refused error={change.error ?? preview.error} />
      {preview.data && <Consequences of={preview.data} moves={moves} zone={zone} />}
      <Button
        type="submit"
        look="gold"
        busy={preview.isPending || change.isPending}
        disabled={
          !prices ||
          wheelchair === null ||
          clock.error !== undefined ||
          Object.keys(body).length === 0 ||
          preview.isPending ||
          change.isPending
        }
      >
        {preview.data ? w.change.go : w.change.check}
      </Button>
    </form>
  );
}

/** What the change means for those who booked, before it is made. */
function Consequences({ of, moves, zone }: { of: ChangedScreening; moves: boolean; zone: string }) {
  if (of.bookings > 0 && of.free_until)
    return <Note tone="warn">{w.change.affected(of.bookings, when(of.free_until, 'full', zone))}</Note>;
  return <Note tone="good">{moves ? w.change.nobody : w.change.newPrices}</Note>;
}
