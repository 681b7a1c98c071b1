import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated } from '../../api/queries';
import type { Draft, Screen, Venue } from '../../api/types';
import { cityName, screenName } from '../../catalogue/names';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { calendarDay, clockTime, localMoment, when } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Sure } from '../parts';
import { publishAt, PublishFields } from './draft-fields';
import { troubleAt, type Taken } from './series';

interface Props {
  draft: Draft;
  venue: Venue;
  screen: Screen | undefined;
  /** What else is on that screen. */
  taken: readonly Taken[];
  /** It was not published automatically. */
  missed: boolean;
  onClose: () => void;
}

/** Publishes a draft, gives it another time, or deletes it. */
export function DraftDialog({ draft, venue, screen, taken, missed, onClose }: Props) {
  const zone = venue.timezone;
  const [day, setDay] = useState(calendarDay(draft.starts_at, zone));
  const [time, setTime] = useState(clockTime(draft.starts_at, zone));
  const [publish, setPublish] = useState({
    day: draft.publish_at ? calendarDay(draft.publish_at, zone) : '',
    time: draft.publish_at ? clockTime(draft.publish_at, zone) : '10:00',
  });
  const [deleting, setDeleting] = useState(false);
  const [now] = useState(() => Date.now());
  const starts_at = localMoment(day, time, zone);
  const minutes = (Date.parse(draft.ends_at) - Date.parse(draft.starts_at)) / 60_000;
  const length = { minutes, turnaround: screen?.turnaround_minutes ?? 0 };
  const trouble = troubleAt({ day, starts_at, time }, length, venue, taken, now);
  const wanted = publishAt(publish, zone);
  const isLate = wanted !== undefined && Date.parse(wanted) >= Date.parse(starts_at);
  const moment = (text: string | null | undefined) => (text ? Date.parse(text) : null);
  const stays = Date.parse(starts_at) === Date.parse(draft.starts_at) && moment(wanted) === moment(draft.publish_at);
  const path = `/screens/${draft.screen_id}/drafts/${draft.screening_id}` as const;
  const done = (said: string) => {
    void outdated('/screenings', '/shows', '/venues', '/cities');
    say(said, 'good');
    onClose();
  };

  const key = useKey();
  const publication = useMutation({
    mutationFn: () => key.run([path], (text) => command('POST', `${path}/publication`, { key: text })),
    onSuccess: () => {
      done(w.draft.published(draft.show_title));
    },
  });
  const { show_id, screen_id, prices, ticket_types, fee, tax_rates, cancellation, single_seats } = draft;
  const change = useMutation({
    mutationFn: () => {
      const terms = { show_id, screen_id, prices, ticket_types, fee, tax_rates, cancellation, single_seats };
      const body = { ...terms, starts_at, draft: true, ...(wanted && { publish_at: wanted }) };
      return command('PUT', path, { body });
    },
    onSuccess: () => {
      done(w.draft.saved);
    },
  });
  const remove = useMutation({
    mutationFn: () => command('DELETE', path),
    onSuccess: () => {
      done(w.draft.deleted(draft.show_title));
    },
  });
  const busy = publication.isPending || change.isPending || remove.isPending;

  if (deleting)
    return (
      <Sure
        title={w.draft.sure}
        verb={w.draft.delete}
        act={remove}
        onClose={() => {
          setDeleting(false);
        }}
      >
        {w.draft.unseen}
      </Sure>
    );
  return (
    <Dialog title={draft.show_title} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <p className="-mt-2 text-soft">
          {w.draft.what(
            when(draft.starts_at, 'full', zone),
            when(draft.ends_at, 'time', zone),
            screenName(draft.screen_name),
          )}
        </p>
        {missed && <Note tone="warn">{w.draft.missed}</Note>}
        <div className="grid items-start gap-3 xs:grid-cols-2">
          <TextField
            label={w.schedule.day}
            type="date"
            required
            value={day}
            onChange={({ target }) => {
              if (target.value) setDay(target.value);
            }}
          />
          <TextField
            label={w.schedule.timeIn(cityName(venue.city))}
            type="time"
            required
            value={time}
            error={trouble ? w.slot.notThen(trouble) : undefined}
            onChange={({ target }) => {
              if (target.value) setTime(target.value);
            }}
          />
          <PublishFields city={venue.city} value={publish} onValue={setPublish} />
        </div>
        {isLate && <Note tone="warn">{w.draft.tooLate}</Note>}
        <Refused error={publication.error ?? change.error} />
        <div className="flex flex-wrap gap-3">
          <Button
            look="gold"
            busy={publication.isPending}
            disabled={busy || !stays}
            onClick={() => {
              publication.mutate();
            }}
          >
            {w.draft.publishNow}
          </Button>
          <Button type="submit" busy={change.isPending} disabled={busy || stays || trouble !== null || isLate}>
            {w.draft.save}
          </Button>
          <Button
            look="danger"
            className="ml-auto"
            disabled={busy}
            onClick={() => {
              remove.reset();
              setDeleting(true);
            }}
          >
            {w.draft.delete}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
