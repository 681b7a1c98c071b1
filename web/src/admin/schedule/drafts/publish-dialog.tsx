import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../../api/client';
import { inPlainWords } from '../../../api/problem';
import { outdated } from '../../../api/queries';
import { useKey } from '../../../api/keys/use-key';
import type { Draft, Venue } from '../../../api/types';
import { screenName } from '../../../catalogue/names';
import { Button } from '../../../design/button';
import { Dialog } from '../../../design/dialog';
import { SelectField } from '../../../design/field';
import { calendarDay, dayAfter, dayName, when } from '../../../design/format';
import { Note, Refused } from '../../../design/notices';
import { say } from '../../../design/toast';
import { w } from '../../../i18n/work/texts';

interface Props {
  venue: Venue;
  day: string;
  drafts: readonly Draft[];
  onClose: () => void;
}

/** Publishes the drafts of a day or a week. */
export function PublishDialog({ venue, day, drafts, onClose }: Props) {
  const [days, setDays] = useState(1);
  const to = dayAfter(day, days - 1);
  const meant = drafts.filter((draft) => {
    const on = calendarDay(draft.starts_at, venue.timezone);
    return on >= day && on <= to;
  });
  const key = useKey();
  const path = `/venues/${venue.venue_id}/schedule/publications` as const;
  const publish = useMutation({
    mutationFn: () => {
      const body = { from: day, to };
      return key.run([path, body], (text) => command('POST', path, { body, key: text }));
    },
    onSuccess: ({ screenings, conflicts }) => {
      const before = screenings.filter((one) => one.before).length;
      const now = screenings.length - before;
      const said = [now > 0 && w.publishing.done(now), before > 0 && w.publishing.before(before)].filter(Boolean);
      if (said.length > 0) say(said.join(' '), 'good');
      if (conflicts.length === 0) onClose();
      return outdated('/screenings', '/shows', '/venues', '/cities');
    },
  });
  const conflicts = publish.data?.conflicts ?? [];
  return (
    <Dialog title={w.publishing.title} onClose={onClose}>
      <div className="grid gap-4">
        <SelectField
          label={w.copy.what}
          value={days}
          onChange={({ target }) => {
            publish.reset();
            setDays(Number(target.value));
          }}
        >
          <option value={1}>{dayName(day, 'day')}</option>
          <option value={7}>{w.copy.week(dayName(day, 'short-day'), dayName(dayAfter(day, 6), 'short-day'))}</option>
        </SelectField>
        <Note tone={meant.length > 0 ? 'note' : 'warn'}>
          {meant.length === 0 ? w.publishing.none : w.publishing.what(meant.length)}
        </Note>
        {conflicts.length > 0 && (
          <ul className="grid max-h-56 gap-2 overflow-y-auto quiet-scroll" aria-label={w.publishing.refused}>
            {conflicts.map((one) => (
              <li key={one.screening_id} className="rounded-xl bg-sunk px-4 py-2 leading-tight">
                <span className="font-semibold">{one.show_title}</span>{' '}
                <span className="text-soft">
                  {when(one.starts_at, 'full', venue.timezone)}, {screenName(one.screen_name)}
                </span>
                <span className="block text-sm text-warn">
                  {one.taken_by
                    ? (one.taken_by.draft ? w.publishing.draftInTheWay : w.publishing.inTheWay)(
                        one.taken_by.show_title,
                        when(one.taken_by.starts_at, 'full', venue.timezone),
                        when(one.taken_by.ends_at, 'time', venue.timezone),
                      )
                    : (inPlainWords(one.reason) ?? one.detail)}
                </span>
              </li>
            ))}
          </ul>
        )}
        <Refused error={publish.error} />
        <div className="grid gap-3 xs:grid-cols-2">
          <Button onClick={onClose}>{w.copy.goBack}</Button>
          <Button
            look="gold"
            busy={publish.isPending}
            disabled={meant.length === 0 || publish.isPending}
            onClick={() => {
              publish.mutate();
            }}
          >
            {w.publishing.publish}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
