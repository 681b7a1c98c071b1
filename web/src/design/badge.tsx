import type { ReactNode } from 'react';

import { t } from '../i18n/texts';

const TONES = {
  plain: 'bg-sunk text-ink',
  good: 'bg-good-wash text-good',
  bad: 'bg-bad-wash text-bad',
  note: 'bg-note-wash text-note',
  warn: 'bg-warn-wash text-warn',
} as const;

export type Tone = keyof typeof TONES;

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={[
        'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-sm font-semibold whitespace-nowrap',
        TONES[tone],
      ].join(' ')}
    >
      {children}
    </span>
  );
}

const STATUSES: Record<string, Tone> = {
  held: 'warn',
  paying: 'note',
  confirmed: 'good',
  expired: 'plain',
  cancelled: 'bad',
  refunded: 'plain',
  pending: 'warn',
  captured: 'good',
  given: 'good',
  failed: 'bad',
  refunding: 'note',
  review: 'bad',
  active: 'good',
  inactive: 'plain',
  wanted: 'note',
  sending: 'note',
  sent: 'good',
  completed: 'good',
  requested: 'note',
  submitted: 'note',
  attempted: 'note',
  current: 'good',
  behind: 'warn',
  halted: 'bad',
  unknown: 'plain',
};

/** Display name of a status, on badges and in the filters of lists. */
export function statusName(of: string): string {
  const names: Record<string, string> = t.status;
  return names[of] ?? of.charAt(0).toUpperCase() + of.slice(1).replaceAll('_', ' ');
}

/** A status in words, never by colour alone. */
export function Status({ of }: { of: string }) {
  return <Badge tone={STATUSES[of] ?? 'plain'}>{statusName(of)}</Badge>;
}
