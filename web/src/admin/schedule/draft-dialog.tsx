import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated } from '../../api/queries';
import type { Draft, Screen, Venue } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { calendarDay, clockTime, localMoment, when } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { Sure } from '../parts';
import { publishAt, PublishFields } from './draft-fields';
import { troubleAt, type Taken } from './series';

interface Props {
  draft: Draft;
  venue: Venue;
  screen: Screen | undefined;
  /** What else is on that screen. */
  taken: readonly Taken[];
  onClose: () => void;
}

/** Publishes a draft, gives it another time, or deletes it. */
export function DraftDialog({ draft, venue, screen, taken, onClose }: Props) {
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
      done(`${draft.show_title} is on sale.`);
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
      done('Saved.');
    },
  });
  const remove = useMutation({
    mutationFn: () => command('DELETE', path),
    onSuccess: () => {
      done(`The draft of ${draft.show_title} is deleted.`);
    },
  });
  const busy = publication.isPending || change.isPending || remove.isPending;
  const missed = draft.publish_at && Date.parse(draft.publish_at) < now;

  if (deleting)
    return (
      <Sure
        title="Delete the draft?"
        verb="Delete"
        act={remove}
        onClose={() => {
          setDeleting(false);
        }}
      >
        No customer has seen it, and nobody is written to.
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
          Draft: {when(draft.starts_at, 'full', zone)} to {when(draft.ends_at, 'time', zone)}, {draft.screen_name}.
          Customers do not see it.
        </p>
        {missed && (
          <Note tone="warn">It could not be published at its time. Publish it by hand to see what is in the way.</Note>
        )}
        <div className="grid items-start gap-3 xs:grid-cols-2">
          <TextField
            label="Day"
            type="date"
            required
            value={day}
            onChange={({ target }) => {
              if (target.value) setDay(target.value);
            }}
          />
          <TextField
            label={`Time in ${venue.city}`}
            type="time"
            required
            value={time}
            error={trouble ? `Not then: ${trouble}.` : undefined}
            onChange={({ target }) => {
              if (target.value) setTime(target.value);
            }}
          />
          <PublishFields city={venue.city} value={publish} onValue={setPublish} />
        </div>
        {isLate && <Note tone="warn">It has to be published before it begins.</Note>}
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
            Publish now
          </Button>
          <Button type="submit" busy={change.isPending} disabled={busy || stays || trouble !== null || isLate}>
            Save
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
            Delete
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
