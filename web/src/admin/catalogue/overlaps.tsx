import { useQuery } from '@tanstack/react-query';

import { reading } from '../../api/queries';
import type { Show } from '../../api/types';
import { count, when } from '../../design/format';
import { useSettled } from '../../design/hooks';
import { Note } from '../../design/notices';

/** Lines of the warning. */
const SHOWN = 5;

/** The time on the clock of its venue, as if it were in UTC. */
const wall = (moment: string) => `${moment.slice(0, 19)}Z`;

/** Warns of the screenings that a longer show would run into. */
export function Overlaps({ show, minutes }: { show: Show; minutes: number }) {
  const length = useSettled(minutes, 250);
  const isLonger = length > show.duration_minutes && length <= 600 && Number.isInteger(length);
  const overlaps = useQuery({
    ...reading(`/shows/${show.show_id}/overlaps`, { duration_minutes: length }),
    enabled: isLonger,
  });
  const items = overlaps.data?.items ?? [];
  if (!isLonger || items.length === 0) return null;
  return (
    <Note tone="warn">
      <span className="block font-semibold">
        {count(items.length, 'screening')} would run into what follows. They keep the times that customers have; move
        them, or what follows, on the schedule.
      </span>
      <span className="mt-1 block">
        {items.slice(0, SHOWN).map((one) => (
          <span key={one.screening_id} className="block">
            {when(wall(one.starts_at), 'full', 'UTC')}, {one.venue_name}, {one.screen_name}: until{' '}
            {when(wall(one.would_end_at), 'time', 'UTC')}, then {one.next_show_title} at{' '}
            {when(wall(one.next_starts_at), 'time', 'UTC')}
            {one.turnaround_minutes > 0 && `, after ${String(one.turnaround_minutes)} min cleaning`}
          </span>
        ))}
        {items.length > SHOWN && <span className="block">and {String(items.length - SHOWN)} more</span>}
      </span>
    </Note>
  );
}
