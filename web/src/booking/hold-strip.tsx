import { useQuery } from '@tanstack/react-query';
import { Clock } from 'lucide-react';
import { Link } from 'react-router';

import { reading } from '../api/queries';
import type { Booking } from '../api/types';
import { useUser } from '../api/use-session';
import { countdown } from '../design/format';
import { useNow } from '../design/hooks';
import { t } from '../i18n/texts';
import { isOpen } from './types';

/** Polling interval, in milliseconds. A booking made or paid on this page is asked for at once. */
const EVERY_MS = 60_000;

/** Reminds the reader of seats that are held, with the time left and the way back to paying. */
export function HoldStrip() {
  const user = useUser();
  const held = useQuery({
    ...reading('/bookings', { status: 'held', limit: 5 }),
    enabled: user !== null,
    refetchInterval: EVERY_MS,
  });
  const booking = held.data?.items[0];
  return user && booking ? <Strip booking={booking} /> : null;
}

function Strip({ booking }: { booking: Booking }) {
  const now = useNow(1_000);
  if (!isOpen(booking, now)) return null;
  return (
    <Link
      to={`/checkout/${booking.booking_id}`}
      className="block bg-warn-wash font-medium text-warn hover:underline print:hidden"
    >
      <span className="page flex items-center gap-2 py-2">
        <Clock size={18} className="shrink-0" aria-hidden />
        <span className="min-w-0 truncate">{t.frame.held(booking.seats.length, booking.show.title)}</span>
        <span className="numbers ms-auto shrink-0 font-bold whitespace-nowrap">
          {countdown(Date.parse(booking.held_until) - now)} · {t.frame.pay}
        </span>
      </span>
    </Link>
  );
}
