import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { command } from '../../../api/client';
import { Problem } from '../../../api/problem';
import { outdated } from '../../../api/queries';
import type { CascadePreview } from '../../../api/types';
import { Button } from '../../../design/button';
import { Dialog } from '../../../design/dialog';
import { TextField } from '../../../design/field';
import { money } from '../../../design/format';
import { Lines, Note, Refused } from '../../../design/notices';
import { say } from '../../../design/toast';
import { rich } from '../../../i18n/rich';
import { w } from '../../../i18n/work/texts';

export interface Target {
  kind: 'show' | 'venue' | 'screening';
  id: string;
  name: string;
}

/** Cancelling what people have tickets for: first who and how much, then the word, then its progress. */
export function CancelDialog({ target, onClose }: { target: Target; onClose: () => void }) {
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const preview = useQuery<CascadePreview, Problem>({
    queryKey: ['/admin/cascades/preview', target],
    queryFn: () => command('POST', '/admin/cascades/preview', { body: { [`${target.kind}_id`]: target.id } }),
    staleTime: 0,
    retry: 1,
  });
  const cancel = useMutation({
    mutationFn: () => command('DELETE', `/${target.kind}s/${target.id}`, { body: reason ? { reason } : {} }),
    onSuccess: (answer) => {
      void outdated('/shows', '/venues', '/screenings', '/admin');
      say(w.cancelling.done[target.kind](target.name), 'good');
      onClose();
      // There is nothing to watch where nobody had a ticket.
      if (answer.cascade_id && preview.data?.bookings !== 0) void navigate(`/admin/cascades/${answer.cascade_id}`);
    },
  });
  const absent = (cancel.error instanceof Problem && cancel.error.notOffered) || preview.error?.notOffered;

  return (
    <Dialog title={w.cancelling.title[target.kind](target.name)} onClose={onClose}>
      <div className="grid gap-4">
        {absent ? (
          <Note tone="warn">{w.cancelling.absent}</Note>
        ) : (
          <>
            {preview.data ? (
              <Preview preview={preview.data} />
            ) : preview.error ? (
              <Note tone="warn">{w.cancelling.unknown(preview.error.message)}</Note>
            ) : (
              <Lines rows={2} />
            )}
            {target.kind === 'venue' && <p className="text-soft">{w.cancelling.venueBack}</p>}
            <TextField
              label={w.cancelling.reason}
              hint={w.cancelling.reasonHint}
              maxLength={200}
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
              }}
            />
            <Refused error={cancel.error} />
          </>
        )}
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            {w.cancelling.keep}
          </Button>
          {!absent && (
            <Button
              look="danger"
              busy={cancel.isPending}
              disabled={cancel.isPending || preview.isPending}
              onClick={() => {
                cancel.mutate();
              }}
            >
              {w.cancelling.last[target.kind]}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}

function Preview({ preview }: { preview: CascadePreview }) {
  const { bookings, customers, amount, screenings } = preview;
  const ways = [
    [w.cancelling.toCards, amount.card],
    [w.cancelling.toWallets, amount.wallet],
    [w.cancelling.atCounter, amount.counter],
  ] as const;
  if (bookings === 0)
    return <Note tone="note">{screenings > 0 ? w.cancelling.noTicketsFor(screenings) : w.cancelling.noTickets}</Note>;
  return (
    <div className="rounded-2xl bg-sunk p-4">
      <p className="text-lg">
        {rich(w.cancelling.effects(bookings, customers), { b: (words) => <strong>{words}</strong> })}
      </p>
      {screenings > 1 && <p className="text-soft">{w.cancelling.toCome(screenings)}</p>}
      {ways.map(
        ([name, sum]) =>
          sum.amount_minor > 0 && (
            <p key={name} className="mt-1 flex justify-between gap-4">
              <span className="text-soft">{name}</span>
              <span className="numbers font-semibold">{money(sum)}</span>
            </p>
          ),
      )}
    </div>
  );
}
