import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { outdated, reading } from '../../api/queries';
import { Course } from '../../booking/history';
import { progressOf } from '../../booking/types';
import { useNow } from '../../design/hooks';
import { Lines, Refused } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import { changesOf } from './changes';
import type { CustomersBooking } from './desk';

/** What changed in a booking: moves, seats given back, its cancellation. */
export function DeskHistory({ booking }: { booking: CustomersBooking }) {
  const now = useNow(30_000);
  const path = `/admin/bookings/${booking.booking_id}/history` as const;
  const history = useQuery(reading(path));
  const progress = progressOf(booking);
  useEffect(() => {
    void outdated(path);
  }, [progress, path]);
  if (!history.data) return history.error ? <Refused error={history.error} /> : <Lines rows={2} />;
  const story = changesOf(history.data.items);
  if (story.length === 0) return null;
  return <Course title={w.desk.history} story={story} now={now} />;
}
