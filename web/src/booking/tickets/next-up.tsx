import { QrCode } from 'lucide-react';
import { Link } from 'react-router';

import type { Booking } from '../../api/types';
import { screenName } from '../../catalogue/names';
import { ButtonLink } from '../../design/button';
import { addressOf, mapOf, soon } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Poster } from '../../design/poster';
import { paletteOf } from '../../design/poster-art';
import { seatList } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { Times, useShowOf } from './ticket-card';

/** The booking that comes first on the day, with its tickets one tap away. */
export function NextUp({ booking }: { booking: Booking }) {
  const show = useShowOf(booking);
  const palette = paletteOf(booking.show.title, show?.genres ?? []);
  const left = soon(booking.screening.starts_at, useNow(30_000));
  const { tickets } = booking;
  return (
    <section
      aria-label={t.ticket.nextUp}
      className="band arrive mb-6 grid grid-cols-[6.5rem_1fr] overflow-hidden rounded-3xl shadow-lift sm:grid-cols-[11rem_1fr]"
      style={{ backgroundColor: palette.ground, color: palette.ink }}
    >
      <Poster show={show ?? booking.show} fit="whole" className="h-full !rounded-none" />
      <div className="flex min-w-0 flex-col items-start gap-1 p-4 sm:p-7">
        {left && <p className="font-bold">{left}</p>}
        <h2 className="line-clamp-3 text-2xl leading-tight sm:text-4xl">
          <Link to={`/bookings/${booking.booking_id}`} className="hover:underline">
            {booking.show.title}
          </Link>
        </h2>
        <p className="text-lg font-semibold">
          <Times booking={booking} />
        </p>
        <p>
          {screenName(booking.screen.name)}, {booking.venue.name}
        </p>
        <p className="text-sm">
          {addressOf(booking.venue)} ·{' '}
          <a href={mapOf(booking.venue)} target="_blank" rel="noreferrer" className="font-semibold underline">
            {t.ticket.map}
          </a>
        </p>
        <p className="marquee text-2xl">{seatList(booking.seats)}</p>
        {tickets[0] && (
          <ButtonLink
            look="gold"
            size="large"
            className="mt-2 whitespace-nowrap max-xs:!px-4 max-xs:!text-base"
            to={`/bookings/${booking.booking_id}?${new URLSearchParams({ ticket: tickets[0].seat }).toString()}`}
          >
            <QrCode size={20} aria-hidden /> {t.ticket.show(tickets.length)}
          </ButtonLink>
        )}
      </div>
    </section>
  );
}
