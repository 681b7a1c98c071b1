import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../../api/client';
import { useKey } from '../../../api/keys/use-key';
import { outdated } from '../../../api/queries';
import type { Draft, Screen, Screening, Venue } from '../../../api/types';
import { screenName } from '../../../catalogue/names';
import { Button } from '../../../design/button';
import { Dialog } from '../../../design/dialog';
import { when } from '../../../design/format';
import { Note, Refused } from '../../../design/notices';
import { say } from '../../../design/toast';
import { KeepBack } from '../../catalogue/keep-back';
import { w } from '../../../i18n/work/texts';
import { Sure } from '../../parts';
import { DraftTerms } from './draft-terms';
import { useDraft } from './use-draft';

interface Props {
  draft: Draft;
  venue: Venue;
  screens: readonly Screen[];
  /** What else is on that day. */
  taken: readonly (Screening | Draft)[];
  /** It was not published automatically. */
  missed: boolean;
  onClose: () => void;
}

/** Publishes a draft, gives it other terms, keeps seats back, or deletes it. */
export function DraftDialog({ draft, venue, screens, taken, missed, onClose }: Props) {
  const zone = venue.timezone;
  const edited = useDraft(draft, venue, screens, taken);
  const [deleting, setDeleting] = useState(false);
  const [keeping, setKeeping] = useState(false);
  const path = `/screens/${draft.screen_id}/drafts/${draft.screening_id}` as const;
  const stale = () => outdated('/screenings', '/shows', '/venues', '/cities');
  const done = (said: string) => {
    void stale();
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
  const changeKey = useKey();
  const change = useMutation({
    mutationFn: (body: NonNullable<typeof edited.body>) =>
      changeKey.run([path, body], (text) => command('PUT', path, { body, key: text })),
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
  const { stays, body, trouble, isLate } = edited;
  const screen = screens.find((one) => one.screen_id === draft.screen_id);

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
  if (keeping && screen)
    return (
      <Dialog
        wide
        title={w.draft.seatsOf(draft.show_title)}
        onClose={() => {
          setKeeping(false);
        }}
      >
        <KeepBack
          layout={screen.layout}
          blocks={draft.blocks}
          screening={{ starts_at: draft.starts_at, timezone: zone }}
          onKeep={async (wanted) => {
            const at = `${path}/blocks` as const;
            await key.run([at, wanted], (text) => command('POST', at, { body: wanted, key: text }));
            await stale();
          }}
          onRelease={async (block) => {
            await command('DELETE', `${path}/blocks/${block}`);
            await stale();
          }}
        />
      </Dialog>
    );
  return (
    <Dialog wide title={draft.show_title} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          publication.reset();
          if (body) change.mutate(body);
        }}
      >
        <p className="-mt-2 text-soft">
          {w.draft.what(
            when(draft.starts_at, 'full', zone),
            when(draft.ends_at, 'time', zone),
            screenName(draft.screen_name),
          )}{' '}
          {draft.publish_at && !missed && w.draft.publishedAt(when(draft.publish_at, 'full', zone))}
        </p>
        {missed && <Note tone="warn">{w.draft.missed}</Note>}
        <DraftTerms edited={edited} draft={draft} venue={venue} screens={screens} />
        {isLate && <Note tone="warn">{w.draft.tooLate}</Note>}
        <Refused error={publication.error ?? change.error} />
        <div className="flex flex-wrap gap-3">
          <Button
            look="gold"
            busy={publication.isPending}
            disabled={busy || !stays}
            onClick={() => {
              change.reset();
              publication.mutate();
            }}
          >
            {w.draft.publishNow}
          </Button>
          <Button type="submit" busy={change.isPending} disabled={busy || stays || !body || trouble !== null || isLate}>
            {w.draft.save}
          </Button>
          {screen && (
            <Button
              disabled={busy || !stays}
              onClick={() => {
                publication.reset();
                change.reset();
                setKeeping(true);
              }}
            >
              {w.draft.seats(draft.blocks.reduce((sum, block) => sum + block.seats.length, 0))}
            </Button>
          )}
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
