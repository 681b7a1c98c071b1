import type { Problem } from '../../api/problem';
import { Note } from '../../design/notices';
import { w } from '../../i18n/work/texts';

/** A read of screenings or drafts. */
interface Read {
  data: unknown;
  error: Problem | null;
}

/** Warns that what is planned could not be read, or not again, so that it does not look as if there was nothing. */
export function Unread({ of, className = '' }: { of: readonly Read[]; className?: string }) {
  const failed = of.find(({ data, error }) => error && data === undefined) ?? of.find(({ error }) => error);
  if (!failed?.error) return null;
  return (
    <Note tone="warn" className={className}>
      {failed.data === undefined ? w.schedule.unread : w.house.outdated} {failed.error.message}
    </Note>
  );
}
