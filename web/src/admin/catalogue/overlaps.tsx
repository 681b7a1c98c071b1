import { useQuery, type UseQueryResult } from '@tanstack/react-query';

import type { Problem } from '../../api/problem';
import { reading } from '../../api/queries';
import type { Overlap, Screen, Show } from '../../api/types';
import { screenName } from '../../catalogue/names';
import { when } from '../../design/format';
import { useSettled } from '../../design/hooks';
import { Note } from '../../design/notices';
import { w } from '../../i18n/work/texts';

/** Lines of the warning. */
const SHOWN = 5;

/** The time on the clock of its venue, as if it were in UTC. */
const wall = (moment: string) => `${moment.slice(0, 19)}Z`;

/** Warns of the screenings and drafts that a longer show would run into. */
export function Overlaps({ show, minutes }: { show: Show; minutes: number }) {
  const length = useSettled(minutes, 250);
  const isLonger = length > show.duration_minutes && length <= 600 && Number.isInteger(length);
  const overlaps = useQuery({
    ...reading(`/shows/${show.show_id}/overlaps`, { duration_minutes: length }),
    enabled: isLonger,
  });
  if (!isLonger) return null;
  return <Warning of={overlaps} title={w.overlaps.title} unread={w.overlaps.unread} />;
}

/** Warns of the screenings and drafts after which a longer cleaning would not fit. */
export function ScreenOverlaps({ screen, minutes }: { screen: Screen; minutes: number }) {
  const cleaning = useSettled(minutes, 250);
  const isLonger = cleaning > screen.turnaround_minutes && cleaning <= 240 && Number.isInteger(cleaning);
  const overlaps = useQuery({
    ...reading(`/screens/${screen.screen_id}/overlaps`, { turnaround_minutes: cleaning }),
    enabled: isLonger,
  });
  if (!isLonger) return null;
  return <Warning of={overlaps} title={w.overlaps.cleaningTitle} unread={w.overlaps.cleaningUnread} />;
}

function Warning({
  of,
  title,
  unread,
}: {
  of: UseQueryResult<{ items: Overlap[] }, Problem>;
  title: (screenings: number) => string;
  unread: string;
}) {
  if (!of.data && of.error)
    return (
      <Note tone="warn">
        {unread} {of.error.message}
      </Note>
    );
  const items = of.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Note tone="warn">
      <span className="block font-semibold">{title(items.length)}</span>
      <span className="mt-1 block">
        {items.slice(0, SHOWN).map((one) => (
          <span key={one.screening_id} className="block">
            {when(wall(one.starts_at), 'full', 'UTC')}, {one.venue_name}, {screenName(one.screen_name)}:{' '}
            {w.overlaps.until(
              when(wall(one.would_end_at), 'time', 'UTC'),
              one.next_show_title,
              when(wall(one.next_starts_at), 'time', 'UTC'),
            )}
            {one.turnaround_minutes > 0 && w.overlaps.cleaning(one.turnaround_minutes)}
          </span>
        ))}
        {items.length > SHOWN && <span className="block">{w.overlaps.more(items.length - SHOWN)}</span>}
      </span>
    </Note>
  );
}
