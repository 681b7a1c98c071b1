import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { reading } from '../../api/queries';
import type { Booking } from '../../api/types';
import { cityName, screenName } from '../../catalogue/names';
import { Status } from '../../design/badge';
import { countdown, money, soon, when, whenInYear, zoneNote } from '../../design/format';
import { useNow } from '../../design/hooks';
import { seatList } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { Poster } from '../../design/poster';

/** The show of a booking, for its poster. Cached for a long time, because a genre does not change. */
export function useShowOf(booking: Booking | undefined) {
  const id = booking?.show.show_id ?? '';
  return useQuery({ ...reading(`/shows/${id}`), staleTime: 30 * 60_000, enabled: id !== '' }).data;
}

export function Times({ booking }: { booking: Booking }) {
  const { screening, venue } = booking;
  const now = useNow(3_600_000);
  const note = zoneNote(screening.starts_at, screening.timezone, cityName(venue.city));
  return (
    <>
      {whenInYear(screening.starts_at, 'short-day', now, screening.timezone)},{' '}
      {when(screening.starts_at, 'time', screening.timezone)}
      {note && ` (${note})`}
    </>
  );
}

function TimeLeft({ until }: { until: string }) {
  const left = Date.parse(until) - useNow(1_000);
  return left > 0 ? (
    <span className="numbers text-sm font-bold text-warn">{t.booking.left(countdown(left))}</span>
  ) : null;
}

function Soon({ at }: { at: string }) {
  const text = soon(at, useNow(30_000));
  return text && <span className="text-sm font-bold">{text}</span>;
}

/** A booking as a ticket in a list. */
export function TicketCard({ booking }: { booking: Booking }) {
  // Only a drawn poster needs to know more than its address.
  const drawn = useShowOf(booking.show.poster_url ? undefined : booking);
  const open = booking.status === 'held' || booking.status === 'paying';
  const dim = booking.status === 'cancelled' || booking.status === 'refunded' || booking.status === 'expired';
  return (
    <Link
      to={open ? `/checkout/${booking.booking_id}` : `/bookings/${booking.booking_id}`}
      className={[
        'group grid grid-cols-[5.5rem_1fr] overflow-hidden rounded-3xl bg-card shadow-card transition-shadow',
        'hover:shadow-lift sm:grid-cols-[7rem_1fr]',
      ].join(' ')}
    >
      <div className={dim ? 'opacity-60 grayscale' : ''}>
        <Poster show={drawn ?? booking.show} className="h-full !rounded-none" />
      </div>
      <div className="min-w-0 p-4 sm:p-5">
        <div className="flex flex-wrap items-center gap-2">
          <Status of={booking.status} />
          {booking.status === 'held' && <TimeLeft until={booking.held_until} />}
          {booking.status === 'confirmed' && <Soon at={booking.screening.starts_at} />}
        </div>
        <h2 className="mt-1.5 line-clamp-2 text-xl leading-tight sm:text-2xl">{booking.show.title}</h2>
        <p className="mt-1 font-medium">
          <Times booking={booking} />
        </p>
        <p className="truncate text-soft">
          {booking.venue.name}, {screenName(booking.screen.name)}
        </p>
        <p className="mt-2 border-t border-dashed border-line-strong/50 pt-2 text-sm text-soft">
          <span className="font-semibold text-ink">{seatList(booking.seats)}</span> ·{' '}
          {t.count.seats(booking.seats.length)} · {money(booking.amount)}
        </p>
      </div>
    </Link>
  );
}
