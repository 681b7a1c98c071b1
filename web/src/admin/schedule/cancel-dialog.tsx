import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import { outdated } from '../../api/queries';
import type { CascadePreview } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { count, money } from '../../design/format';
import { Lines, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';

export interface Target {
  kind: 'show' | 'venue' | 'screening';
  id: string;
  name: string;
}

const VERBS = { show: 'Cancel', venue: 'Close', screening: 'Cancel' } as const;
/** A venue can be opened again, the others cannot be put back. */
const LAST_WORDS = { show: 'Cancel for good', venue: 'Close the venue', screening: 'Cancel for good' } as const;

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
      say(`${target.name} is ${target.kind === 'venue' ? 'closed' : 'cancelled'}.`, 'good');
      onClose();
      // There is nothing to watch where nobody had a ticket.
      if (answer.cascade_id && preview.data?.bookings !== 0) void navigate(`/admin/cascades/${answer.cascade_id}`);
    },
  });
  const absent = (cancel.error instanceof Problem && cancel.error.notOffered) || preview.error?.notOffered;
  const verb = VERBS[target.kind];
  return (
    <Dialog title={`${verb} ${target.name}?`} onClose={onClose}>
      <div className="grid gap-4">
        {absent ? (
          <Note tone="warn">This installation does not offer cancelling yet.</Note>
        ) : (
          <>
            {preview.data ? (
              <Preview preview={preview.data} />
            ) : preview.error ? (
              <Note tone="warn">The effects are not available right now: {preview.error.message}</Note>
            ) : (
              <Lines rows={2} />
            )}
            {target.kind === 'venue' && (
              <p className="text-soft">It can be opened again. Its screenings stay cancelled.</p>
            )}
            <TextField
              label="Reason"
              hint="Customers read it in their mail. May be left out."
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
            Keep it
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
              {LAST_WORDS[target.kind]}
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
    ['Back to cards', amount.card],
    ['Back to wallets', amount.wallet],
    ['At the counter', amount.counter],
  ] as const;
  if (bookings === 0)
    return (
      <Note tone="note">
        No tickets are sold{screenings > 0 ? ` for ${count(screenings, 'screening')} to come` : ''}. There is nothing to
        refund.
      </Note>
    );
  return (
    <div className="rounded-2xl bg-sunk p-4">
      <p className="text-lg">
        <strong>{count(bookings, 'booking')}</strong> of <strong>{count(customers, 'customer')}</strong> will be
        cancelled, refunded and notified by mail.
      </p>
      {screenings > 1 && <p className="text-soft">{count(screenings, 'screening')} to come.</p>}
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
