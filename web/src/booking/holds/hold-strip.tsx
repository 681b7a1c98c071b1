import { ChevronRight } from 'lucide-react';
import { Link, useLocation } from 'react-router';

import type { Booking } from '../../api/types';
import { countdown } from '../../design/format';
import { useNow } from '../../design/hooks';
import { inSeatOrder, seatRanges, seatsListed } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { holdsAt, useNewestBookings } from './holds';

/** The last minute is announced to screen readers. */
const LAST_MS = 60_000;
const RADIUS = 8;

/** Seats that are held, with the time left and the way back to paying. Below the header of every page for customers. */
export function HoldStrip() {
  const bookings = useNewestBookings();
  return bookings.some(({ status }) => status === 'held' || status === 'paying') ? <Strip bookings={bookings} /> : null;
}

function Strip({ bookings }: { bookings: Booking[] }) {
  const now = useNow(1_000);
  const { pathname } = useLocation();
  const here = /^\/checkout\/([^/]+)/.exec(pathname)?.[1];
  const [booking, ...others] = holdsAt(bookings, now, here);
  if (!booking) return null;
  const left = Math.max(0, Date.parse(booking.held_until) - now);
  const last = left > 0 && left <= LAST_MS;
  const isHere = booking.booking_id === here;
  const tone = last ? 'bg-bad-wash text-bad' : 'bg-warn-wash text-warn';
  const content = (
    <>
      <Ring share={left / Math.max(1, Date.parse(booking.held_until) - Date.parse(booking.created_at))} />
      {/* As wide in the last minute as before, so that nothing moves. */}
      <span role="timer" aria-label={t.hold.timeLeft} className="numbers min-w-10 shrink-0 font-bold">
        {left > 0 ? countdown(left) : t.hold.paying}
      </span>
      <span className="min-w-0 truncate">
        <span className="sr-only">{t.count.seats(booking.seats.length)}: </span>
        <span className="font-bold">{shortList(booking.seats)}</span>
        {booking.status === 'paying' && left > 0 && ` · ${t.hold.open}`} · {booking.show.title}
      </span>
      {!isHere && (
        <span className="ms-auto flex shrink-0 items-center font-bold">
          {t.frame.pay} <ChevronRight size={18} className="rtl:-scale-x-100" aria-hidden />
        </span>
      )}
    </>
  );
  const row = 'flex min-h-11 min-w-0 flex-1 items-center gap-2';
  return (
    <section
      data-hold-strip
      aria-label={t.hold.name}
      className={`sticky top-[calc(4rem+1px)] z-10 print:hidden ${tone}`}
    >
      <div className="page flex items-center gap-3">
        {isHere ? (
          <p className={row}>{content}</p>
        ) : (
          <Link to={`/checkout/${booking.booking_id}`} className={`${row} hover:underline`}>
            {content}
          </Link>
        )}
        {others.length > 0 && (
          <Link to="/bookings" className="shrink-0 py-2.5 font-bold underline">
            +{others.length}
            <span className="sr-only"> {t.hold.more(others.length)}</span>
          </Link>
        )}
      </div>
      <p role="status" className="sr-only">
        {last ? t.hold.lastMinute : ''}
      </p>
    </section>
  );
}

/** `A-1, A-2`, and the number of the rest. */
function shortList(seats: readonly string[]): string {
  if (seatRanges(seats).length <= 3) return seatsListed(seats);
  return `${inSeatOrder(seats).slice(0, 2).join(', ')} +${String(seats.length - 2)}`;
}

/** The share of the time that is left. */
function Ring({ share }: { share: number }) {
  const length = 2 * Math.PI * RADIUS;
  return (
    <svg viewBox="0 0 20 20" className="size-6 shrink-0 -rotate-90" aria-hidden>
      <circle cx="10" cy="10" r={RADIUS} fill="none" stroke="currentColor" strokeWidth="3" opacity="0.2" />
      <circle
        cx="10"
        cy="10"
        r={RADIUS}
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        strokeDasharray={length}
        strokeDashoffset={length * (1 - Math.min(1, share))}
      />
    </svg>
  );
}
