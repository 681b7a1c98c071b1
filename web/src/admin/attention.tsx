import { useQuery } from '@tanstack/react-query';
import { AlertTriangle, CheckCircle2, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';

import { Problem } from '../api/problem';
import { reading } from '../api/queries';
import { IconButton } from '../design/button';
import { Bone, Loading } from '../design/notices';
import { w } from '../i18n/work/texts';
import { Card } from './parts';
import { usePolling } from './polling';
import { rememberSeenMails, seenMails } from './seen-mails';

/** Between two looks, in milliseconds. */
const EVERY = 15_000;

/** Open problems; a calm line if there are none. */
export function Attention() {
  const [seen, setSeen] = useState(seenMails);
  const every = usePolling();
  const look = <O extends object>(options: O, milliseconds = EVERY) => ({
    ...options,
    refetchInterval: every(milliseconds),
    retry: false,
  });
  const parked = useQuery(look(reading('/admin/parked', { limit: 100 })));
  const projections = useQuery(look(reading('/admin/projections')));
  const review = useQuery(look(reading('/admin/payments', { status: 'review' })));
  const refunds = useQuery(look(reading('/admin/refunds', { status: 'review' })));
  const credits = useQuery(look(reading('/admin/credits', { status: 'pending' })));
  const mails = useQuery(look(reading('/admin/mails', { limit: 100 })));
  const cascades = useQuery(look(reading('/admin/cascades')));
  const streams = useQuery(look(reading('/admin/streams')));
  const reconciliation = useQuery(look(reading('/admin/reconciliation'), 60_000));
  const looks = [parked, projections, review, refunds, credits, mails, cascades, streams, reconciliation];
  const looking = looks.some(({ isPending }) => isPending);
  const unseen = looks.some(({ error }) => error !== null && !(error instanceof Problem && error.notOffered));
  const notes: { to: string; text: ReactNode; seen?: string[] }[] = [];
  const waiting = parked.data?.items.length ?? 0;
  if (waiting > 0)
    notes.push({
      to: '/admin/system',
      text: w.attention.parked(waiting),
    });
  const halted = projections.data?.items.filter((one) => one.state === 'halted').length ?? 0;
  if (halted > 0)
    notes.push({
      to: '/admin/system',
      text: w.attention.halted(halted),
    });
  const undecided = review.data?.items.length ?? 0;
  if (undecided > 0)
    notes.push({
      to: '/admin/money?list=payments&status=review',
      text: w.attention.payments(undecided),
    });
  const stuck = refunds.data?.items.length ?? 0;
  if (stuck > 0)
    notes.push({
      to: '/admin/money?list=refunds&status=review',
      text: w.attention.refunds(stuck),
    });
  const proposed = credits.data?.items.length ?? 0;
  if (proposed > 0)
    notes.push({
      to: '/admin/money?list=credits&status=pending',
      text: w.attention.credits(proposed),
    });
  // Those in review are listed above.
  const late = reconciliation.data?.open_refunds.filter(({ status }) => status !== 'review').length ?? 0;
  if (late > 0)
    notes.push({
      to: '/admin/money?list=reconciliation',
      text: w.attention.lateRefunds(late),
    });
  const unmatched = reconciliation.data?.unmatched.length ?? 0;
  if (unmatched > 0)
    notes.push({
      to: '/admin/money?list=reconciliation',
      text: w.attention.unmatched(unmatched),
    });
  const failed = mails.data?.items.filter((mail) => mail.state === 'failed' && !seen.has(mail.mail_id)) ?? [];
  if (failed.length > 0)
    notes.push({
      to: '/admin/mails',
      text: w.attention.mails(failed.length),
      seen: failed.map(({ mail_id }) => mail_id),
    });
  const failing = cascades.data?.items.filter((one) => one.failed.length > 0).length ?? 0;
  if (failing > 0)
    notes.push({
      to: '/admin/cascades',
      text: w.attention.cascades(failing),
    });
  for (const stream of streams.data?.items ?? [])
    if (stream.nearly_full)
      notes.push({ to: '/admin/system', text: w.attention.storage(stream.name, String(stream.percent)) });
  return (
    <Card title={w.attention.title}>
      {notes.length === 0 && looking && (
        <Loading>
          <Bone className="h-7" />
        </Loading>
      )}
      {notes.length === 0 && !looking && !unseen && (
        <p className="flex items-center gap-2.5 text-good">
          <CheckCircle2 size={22} aria-hidden /> {w.attention.nothing}
        </p>
      )}
      {notes.length > 0 && (
        <ul className="grid gap-2">
          {notes.map((note, index) => (
            <li key={index} className="flex items-center rounded-2xl bg-warn-wash text-warn">
              <Link
                to={note.to}
                className="flex min-w-0 flex-1 items-center gap-2.5 px-4 py-3 font-semibold hover:underline"
              >
                <AlertTriangle size={20} className="shrink-0" aria-hidden /> {note.text}
              </Link>
              {note.seen && (
                <IconButton
                  label={w.attention.seen}
                  className="!text-warn"
                  onClick={() => {
                    setSeen(rememberSeenMails(note.seen ?? []));
                  }}
                >
                  <X size={18} aria-hidden />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {unseen && (
        <p role="status" className={`text-soft ${notes.length > 0 ? 'mt-3' : ''}`}>
          {w.attention.notLoaded}
        </p>
      )}
    </Card>
  );
}
