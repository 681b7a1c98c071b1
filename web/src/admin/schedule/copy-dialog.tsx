import { useMutation, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { inPlainWords } from '../../api/problem';
import { outdated } from '../../api/queries';
import type { CopiedSchedule, Venue } from '../../api/types';
import { useKey } from '../../api/keys/use-key';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { SelectField, TextField } from '../../design/field';
import { dayAfter, dayName, when } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer } from '../parts';

/** Copies a day or a week of a venue's schedule, after showing what would be left out. */
export function CopyDialog({
  venue,
  day,
  onDone,
  onClose,
}: {
  venue: Venue;
  day: string;
  onDone: (day: string) => void;
  onClose: () => void;
}) {
  const [days, setDays] = useState(7);
  const [to, setTo] = useState(dayAfter(day, 7));
  const [drafts, setDrafts] = useState(false);
  const path = `/venues/${venue.venue_id}/schedule/copies` as const;
  const wanted = { from: day, days, to, ...(drafts && { drafts }) };
  const valid = to >= dayAfter(day, days);
  const preview = useQuery({
    queryKey: [path, wanted],
    queryFn: (): Promise<CopiedSchedule> => command('POST', path, { body: { ...wanted, preview: true } }),
    enabled: valid,
    retry: 1,
    staleTime: 5_000,
  });
  const key = useKey();
  const copy = useMutation({
    mutationFn: () => key.run([path, wanted], (text) => command('POST', path, { body: wanted, key: text })),
    onSuccess: (copied: CopiedSchedule) => {
      say((drafts ? w.draft.planned : w.schedule.done)(copied.screenings.length), 'good');
      onDone(to);
      return outdated('/screenings', '/shows', '/venues');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    copy.mutate();
  };
  return (
    <Dialog title={w.copy.title} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <SelectField
          label={w.copy.what}
          value={days}
          onChange={({ target }) => {
            const next = Number(target.value);
            setDays(next);
            setTo(dayAfter(day, next));
          }}
        >
          <option value={1}>{dayName(day, 'day')}</option>
          <option value={7}>{w.copy.week(dayName(day, 'short-day'), dayName(dayAfter(day, 6), 'short-day'))}</option>
        </SelectField>
        <TextField
          label={days === 1 ? w.copy.toDay : w.copy.toWeek}
          type="date"
          required
          min={dayAfter(day, days)}
          value={to}
          error={valid ? undefined : w.copy.within}
          onChange={({ target }) => {
            if (target.value) setTo(target.value);
          }}
        />
        <label className="flex min-h-11 items-center gap-3">
          <input
            type="checkbox"
            className="size-5 shrink-0 accent-ink"
            checked={drafts}
            onChange={({ target }) => {
              setDrafts(target.checked);
            }}
          />
          {w.copy.asDrafts}
        </label>
        {drafts && <p className="text-sm text-soft">{w.copy.untimed}</p>}
        {valid && (
          <Answer of={preview}>
            {({ screenings, conflicts }) => (
              <>
                <Note tone={screenings.length > 0 ? 'note' : 'warn'}>
                  {screenings.length === 0
                    ? w.copy.nothing
                    : (drafts ? w.copy.toPlan : w.copy.toSchedule)(screenings.length)}
                  {conflicts.length > 0 && ` ${w.copy.leftOutCount(conflicts.length)}`}
                </Note>
                {conflicts.length > 0 && (
                  <ul className="grid max-h-56 gap-2 overflow-y-auto quiet-scroll" aria-label={w.copy.leftOut}>
                    {conflicts.map((one) => (
                      <li key={one.copy_of} className="rounded-xl bg-sunk px-4 py-2 leading-tight">
                        <span className="font-semibold">{one.show_title}</span>{' '}
                        <span className="text-soft">
                          {dayName(one.starts_at.slice(0, 10), 'short-day')},{' '}
                          {when(`${one.starts_at.slice(0, 19)}Z`, 'time', 'UTC')}, {one.screen_name}
                        </span>
                        <span className="block text-sm text-warn">{inPlainWords(one.reason) ?? one.detail}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </>
            )}
          </Answer>
        )}
        <Refused error={copy.error} />
        <div className="grid gap-3 xs:grid-cols-2">
          <Button onClick={onClose}>{w.copy.goBack}</Button>
          <Button
            type="submit"
            look="gold"
            busy={copy.isPending}
            disabled={!valid || !preview.data || preview.data.screenings.length === 0 || copy.isPending}
          >
            {w.copy.go}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
