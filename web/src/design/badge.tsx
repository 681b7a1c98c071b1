import type { ReactNode } from 'react';

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

const STATUSES: Record<string, [Tone, string]> = {
  held: ['warn', 'Waiting for payment'],
  paying: ['note', 'Payment under way'],
  confirmed: ['good', 'Confirmed'],
  expired: ['plain', 'Expired'],
  cancelled: ['bad', 'Cancelled'],
  refunded: ['plain', 'Refunded'],
  pending: ['warn', 'Pending'],
  captured: ['good', 'Captured'],
  given: ['good', 'Given'],
  failed: ['bad', 'Failed'],
  refunding: ['note', 'Refunding'],
  review: ['bad', 'Needs a decision'],
  active: ['good', 'Active'],
  inactive: ['plain', 'Inactive'],
  wanted: ['note', 'Waiting'],
  sending: ['note', 'Being sent'],
  sent: ['good', 'Sent'],
  completed: ['good', 'Completed'],
  requested: ['note', 'Requested'],
  submitted: ['note', 'At the provider'],
  attempted: ['note', 'Being tried'],
  current: ['good', 'Current'],
  behind: ['warn', 'Behind'],
  halted: ['bad', 'Halted'],
  unknown: ['plain', 'Unknown'],
};

/** Display name of a status, on badges and in the filters of lists. */
export function statusName(of: string): string {
  return STATUSES[of]?.[1] ?? of.charAt(0).toUpperCase() + of.slice(1).replaceAll('_', ' ');
}

/** A status in words, never by colour alone. */
export function Status({ of }: { of: string }) {
  return <Badge tone={STATUSES[of]?.[0] ?? 'plain'}>{statusName(of)}</Badge>;
}
