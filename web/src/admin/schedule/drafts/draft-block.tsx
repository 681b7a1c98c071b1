import type { Draft, Venue } from '../../../api/types';
import { clockTime, when } from '../../../design/format';
import { w } from '../../../i18n/work/texts';
import { lengthOf, minuteOf, percent, type Axis } from '../board';

interface Props {
  draft: Draft;
  venue: Venue;
  axis: Axis;
  day: string;
  /** It was not published automatically. */
  missed: boolean;
  onOpen: () => void;
}

/** A draft on the board: like a screening, in outline. */
export function DraftBlock({ draft, venue, axis, day, missed, onOpen }: Props) {
  const start = minuteOf(draft.starts_at, day, venue.timezone);
  return (
    <button
      type="button"
      onClick={onOpen}
      className={[
        'absolute inset-y-1.5 overflow-hidden rounded-xl border-2 border-dashed',
        'bg-card px-2 text-left text-sm leading-tight text-ink hover:border-ink',
        missed ? 'border-warn' : 'border-line-strong',
      ].join(' ')}
      style={{ left: percent(start - axis.opens, axis), width: percent(lengthOf(draft), axis) }}
    >
      <span className="numbers block font-bold">{clockTime(draft.starts_at, venue.timezone)}</span>
      <span className="block truncate">{draft.show_title}</span>
      <span className={`block truncate ${missed ? 'text-warn' : 'text-soft'}`}>
        {missed
          ? w.draft.titleMissed
          : draft.publish_at
            ? w.draft.titleTimed(when(draft.publish_at, 'full', venue.timezone))
            : w.draft.title}
      </span>
    </button>
  );
}
