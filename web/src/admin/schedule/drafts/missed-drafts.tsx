import type { Draft, Venue } from '../../../api/types';
import { dayName } from '../../../design/format';
import { Note } from '../../../design/notices';
import { w } from '../../../i18n/work/texts';
import { boardDay, isMissed } from './drafts';

interface Props {
  drafts: readonly Draft[];
  /** Time at which the drafts were read. */
  readAt: number;
  venue: Venue;
  day: string;
  onDay: (day: string) => void;
}

/** Number of drafts that were not published automatically, with the first day of one unless that is shown. */
export function MissedDrafts({ drafts, readAt, venue, day, onDay }: Props) {
  const missed = drafts.filter((draft) => isMissed(draft, readAt));
  const days = missed.map((draft) => boardDay(draft.starts_at, venue)).sort();
  const [first] = days;
  if (first === undefined) return null;
  return (
    <Note tone="warn" className="mb-5">
      {w.draft.notPublished(missed.length)}{' '}
      {!days.includes(day) && (
        <button
          type="button"
          className="link"
          onClick={() => {
            onDay(first);
          }}
        >
          {w.draft.showDay(dayName(first, 'short-day'))}
        </button>
      )}
    </Note>
  );
}
