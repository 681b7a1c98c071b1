/** Placeholders for content: loading, empty, failed. */

import { CloudOff, RotateCcw } from 'lucide-react';
import type { ReactNode } from 'react';

import { Problem } from '../api/problem';
import { t } from '../i18n/texts';
import { Button, ButtonLink } from './button';
import { useOnline } from './hooks';

export function Bone({ className = '' }: { className?: string }) {
  return <div className={`breathe rounded-xl bg-sunk dark:bg-card ${className}`} aria-hidden="true" />;
}

/** Announces to screen readers that something is loading. */
export function Loading({ children, label = t.design.loading }: { children?: ReactNode; label?: string }) {
  return (
    <div role="status" aria-label={label}>
      {children}
    </div>
  );
}

export function Lines({ rows = 4 }: { rows?: number }) {
  return (
    <Loading>
      <div className="grid gap-3">
        {Array.from({ length: rows }, (_, index) => (
          <Bone key={index} className="h-16" />
        ))}
      </div>
    </Loading>
  );
}

export function Empty({
  title,
  children,
  icon,
  heading = false,
}: {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  /** The page has nothing else, so that this is its heading. */
  heading?: boolean;
}) {
  const Title = heading ? 'h1' : 'p';
  return (
    <div
      className={[
        'fade grid justify-items-center gap-3 rounded-3xl border border-dashed border-line-strong/50',
        'px-6 py-14 text-center',
      ].join(' ')}
    >
      {icon && <div className="text-soft">{icon}</div>}
      <Title className="marquee text-xl wrap-anywhere">{title}</Title>
      {children && <div className="grid max-w-md justify-items-center gap-4 text-soft">{children}</div>}
    </div>
  );
}

/** Failed call with a button to retry it. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const text = error instanceof Problem ? error.message : t.design.pageFailed;
  // Retrying does not help if the thing does not exist.
  const gone = error instanceof Problem && error.status === 404;
  return (
    <div role="alert" className="fade grid justify-items-center gap-4 rounded-3xl bg-sunk px-6 py-14 text-center">
      <CloudOff size={30} className="text-soft" aria-hidden />
      <p className="max-w-md text-lg">{text}</p>
      {gone && <ButtonLink to="/">{t.design.homePage}</ButtonLink>}
      {retry && !gone && (
        <Button onClick={retry}>
          <RotateCcw size={17} aria-hidden /> {t.design.tryAgain}
        </Button>
      )}
    </div>
  );
}

const NOTES = {
  bad: 'bg-bad-wash text-bad',
  good: 'bg-good-wash text-good',
  note: 'bg-note-wash text-note',
  warn: 'bg-warn-wash text-warn',
} as const;

/** Remark inside a form or card. */
export function Note({
  tone,
  children,
  className = '',
}: {
  tone: keyof typeof NOTES;
  children: ReactNode;
  className?: string;
}) {
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={`fade rounded-xl px-4 py-3 font-medium ${NOTES[tone]} ${className}`}
    >
      {children}
    </div>
  );
}

/** Error text of a refused command. That there was no network is no news once there is one. */
export function Refused({ error }: { error: unknown }) {
  const online = useOnline();
  if (!error || (error instanceof Problem && error.isOutdated(online))) return null;
  return <Note tone="bad">{error instanceof Error ? error.message : t.design.failed}</Note>;
}
