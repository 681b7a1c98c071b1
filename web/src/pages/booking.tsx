import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { Link, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { serverNow } from '../api/clock';
import { reading } from '../api/queries';
import type { Booking } from '../api/types';
import { Actions } from '../booking/actions';
import { Bill } from '../booking/bill';
import { History } from '../booking/history';
import { OpenMove } from '../booking/move/open-move';
import { CalledOff, Refund, Rescheduled, Returns } from '../booking/notices';
import { Code } from '../booking/tickets/code';
import { ShareDialog } from '../booking/tickets/share-dialog';
import { Times, useShowOf } from '../booking/tickets/ticket-card';
import { TicketViewer } from '../booking/tickets/ticket-viewer';
import { WalletButtons } from '../booking/tickets/wallet-buttons';
import { isInProgress, isOpen } from '../booking/types';
import { screenName } from '../catalogue/names';
import { Status } from '../design/badge';
import { ButtonLink } from '../design/button';
import { addressOf, mapOf, money } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines } from '../design/notices';
import { Poster } from '../design/poster';
import { paletteOf } from '../design/poster-art';
import { seatList } from '../seats/seat-names';
import { t } from '../i18n/texts';

/** Polling interval while a payment or refund is in progress, in milliseconds. */
const WATCH_MS = 2_000;
/** Polling interval of a valid ticket, in milliseconds: the theatre may cancel the screening while the page is open. */
const STANDING_MS = 20_000;

function isToCome(booking: Booking | undefined): boolean {
  return booking?.status === 'confirmed' && Date.parse(booking.screening.ends_at) > serverNow();
}

export default function BookingPage() {
  return (
    <RequireAccount>
      <Detail />
    </RequireAccount>
  );
}

function Detail() {
  const { id = '' } = useParams();
  const [params] = useSearchParams();
  const booking = useQuery({
    ...reading(`/bookings/${id}`),
    refetchInterval: ({ state }) =>
      state.data && isInProgress(state.data) ? WATCH_MS : isToCome(state.data) ? STANDING_MS : false,
  });
  const now = useNow(1_000 * 30);
  useTitle(booking.data?.show.title);
  if (booking.error && !booking.data) {
    return (
      <div className="page narrow py-10">
        <Failed error={booking.error} retry={() => void booking.refetch()} />
      </div>
    );
  }
  if (!booking.data)
    return (
      <div className="page narrow py-10">
        <Lines />
      </div>
    );
  const isNew = params.has('new') && booking.data.status === 'confirmed';
  return (
    <div className="page max-w-4xl pt-6 sm:pt-10">
      {isNew && (
        <div className="arrive mb-6" role="status">
          <h1 className="text-4xl sm:text-6xl">{t.booking.seeYou}</h1>
          <p className="mt-2 text-lg text-soft">{t.booking.paid(booking.data.seats.length)} </p>
        </div>
      )}
      <Tickets booking={booking.data} isNew={isNew}>
        <CalledOff booking={booking.data} />
        <Rescheduled booking={booking.data} />
        <OpenMove booking={booking.data} />
        <Returns booking={booking.data} />
        <Refund booking={booking.data} />
        <div className="grid grid-cols-2 gap-2 max-sm:*:px-3 sm:flex sm:flex-wrap [&_svg]:shrink-0 print:hidden">
          {isOpen(booking.data, now) && (
            <ButtonLink look="gold" to={`/checkout/${id}`}>
              {t.booking.toPayment}
            </ButtonLink>
          )}
          <Actions booking={booking.data} now={now} />
        </div>
      </Tickets>
      <div className="mt-6">
        <History booking={booking.data} />
      </div>
    </div>
  );
}

/** Ticket with its QR codes, the one thing needed at the door, and its actions below. */
function Tickets({ booking, isNew, children }: { booking: Booking; isNew: boolean; children: ReactNode }) {
  const show = useShowOf(booking);
  const palette = paletteOf(booking.show.title, show?.genres ?? []);
  const [params, setParams] = useSearchParams();
  const { state } = useLocation() as { state: { fromHere?: boolean } | null };
  const navigate = useNavigate();
  const shown = params.get('ticket');
  const [sharing, setSharing] = useState<string | null>(null);
  const { tickets } = booking;
  // Above a new booking, the greeting is the main heading.
  const Heading = isNew ? 'h2' : 'h1';
  return (
    <article className={`${isNew ? 'print' : 'arrive'} rounded-3xl shadow-lift`}>
      <div
        className="band grid grid-cols-[6.5rem_1fr] overflow-hidden rounded-t-3xl sm:grid-cols-[11rem_1fr]"
        style={{ backgroundColor: palette.ground, color: palette.ink }}
      >
        <Poster show={show ?? booking.show} fit="whole" className="h-full !rounded-none" />
        <div className="min-w-0 p-4 sm:p-7">
          <Status of={booking.status} />
          <Heading className="mt-2 text-2xl sm:text-4xl">
            <Link to={`/shows/${booking.show.show_id}`} className="hover:underline">
              {booking.show.title}
            </Link>
          </Heading>
          <p className="mt-2 text-lg font-semibold sm:text-xl">
            <Times booking={booking} />
          </p>
          <p className="mt-1">
            {screenName(booking.screen.name)}, {booking.venue.name}
          </p>
          <p className="text-sm sm:text-base">
            {t.booking.number} <strong className="numbers whitespace-nowrap">{booking.reference}</strong>
          </p>
          <p className="text-sm sm:text-base">
            {addressOf(booking.venue)} ·{' '}
            <a href={mapOf(booking.venue)} target="_blank" rel="noreferrer" className="font-semibold underline">
              {t.venue.map}
            </a>
          </p>
        </div>
      </div>
      <div className="rounded-b-3xl border-t-2 border-dashed border-line-strong/50 bg-card p-4 sm:p-7">
        <div className="flex flex-wrap items-baseline justify-between gap-3">
          <p>
            <span className="text-soft">{t.count.seats(booking.seats.length)} </span>
            <span className="marquee text-2xl">{seatList(booking.seats)}</span>
          </p>
          <p className="numbers text-lg font-bold">{money(booking.amount)}</p>
        </div>
        <dl className="mt-1">
          <Bill booking={booking} />
        </dl>
        {tickets.length > 0 && (
          <ul className="mt-5 grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-4">
            {tickets.map((ticket) => (
              <li key={ticket.seat}>
                <Code
                  seat={ticket.seat}
                  level={ticket.level}
                  code={ticket.code}
                  onShare={() => {
                    setSharing(ticket.seat);
                  }}
                  onOpen={() => {
                    // The phone's way back closes it.
                    setParams({ ticket: ticket.seat }, { state: { fromHere: true }, preventScrollReset: true });
                  }}
                >
                  {isToCome(booking) && <WalletButtons booking={booking.booking_id} seat={ticket.seat} />}
                </Code>
              </li>
            ))}
          </ul>
        )}
        <div className="mt-5 grid gap-3">{children}</div>
        {sharing !== null && (
          <ShareDialog
            booking={booking}
            seat={sharing}
            onClose={() => {
              setSharing(null);
            }}
          />
        )}
        {shown !== null && tickets.length > 0 && (
          <TicketViewer
            booking={booking}
            seat={shown}
            onClose={() => {
              if (state?.fromHere) void navigate(-1);
              else setParams({}, { replace: true, preventScrollReset: true });
            }}
          />
        )}
      </div>
    </article>
  );
}
