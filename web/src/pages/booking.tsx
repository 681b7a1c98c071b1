import { useMutation, useQuery } from '@tanstack/react-query';
import { Armchair, CalendarPlus, Download, Mail, RotateCcw, Share2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link, useLocation, useNavigate, useParams, useSearchParams } from 'react-router';

import { qrPicture } from '../account/qr-picture';
import { RequireAccount } from '../account/require-account';
import { command, getFile } from '../api/client';
import { serverNow } from '../api/clock';
import { Problem } from '../api/problem';
import { outdated, reading } from '../api/queries';
import type { Booking } from '../api/types';
import { useKey } from '../api/use-key';
import { Bill } from '../booking/bill';
import { useCalledOff } from '../booking/called-off';
import { calendarEntry } from '../booking/tickets/calendar';
import { download } from '../booking/tickets/download';
import { History } from '../booking/history';
import { InvoiceButton } from '../booking/invoice-button';
import { ShareDialog } from '../booking/tickets/share-dialog';
import { Times, useShowOf } from '../booking/tickets/ticket-card';
import { TicketViewer } from '../booking/tickets/ticket-viewer';
import { canChange, cancellationInWords, isOpen } from '../booking/types';
import { screenName } from '../catalogue/names';
import { Status } from '../design/badge';
import { Button, ButtonLink } from '../design/button';
import { Dialog } from '../design/dialog';
import { addressOf, mapOf, money, when } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines, Note, Refused } from '../design/notices';
import { Poster } from '../design/poster';
import { paletteOf } from '../design/poster-art';
import { say } from '../design/toast';
import { listed } from '../i18n/language';
import { t } from '../i18n/texts';

/** Polling interval while a payment or refund is in progress, in milliseconds. */
const WATCH_MS = 2_000;
/** Polling interval of a valid ticket, in milliseconds: the theatre may cancel the screening while the page is open. */
const STANDING_MS = 20_000;

function isToCome(booking: Booking | undefined): boolean {
  return booking?.status === 'confirmed' && Date.parse(booking.screening.ends_at) > serverNow();
}

function isInProgress(booking: Booking | undefined): boolean {
  if (!booking) return false;
  const refunding =
    booking.refund != null && booking.refund.status !== 'completed' && booking.refund.status !== 'failed';
  return booking.status === 'paying' || refunding;
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
    refetchInterval: ({ state }) => (isInProgress(state.data) ? WATCH_MS : isToCome(state.data) ? STANDING_MS : false),
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
            <span className="marquee text-2xl">{booking.seats.join(', ')}</span>
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
                  code={ticket.code}
                  onShare={() => {
                    setSharing(ticket.seat);
                  }}
                  onOpen={() => {
                    // The phone's way back closes it.
                    setParams({ ticket: ticket.seat }, { state: { fromHere: true }, preventScrollReset: true });
                  }}
                />
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

/** QR code of one seat. Black on white in both themes, so that scanners can read it; a press shows it alone. */
function Code({
  seat,
  code,
  onOpen,
  onShare,
}: {
  seat: string;
  code: string;
  onOpen: () => void;
  onShare: () => void;
}) {
  return (
    <div className="grid gap-1.5">
      <figure className="relative rounded-2xl bg-white p-3 text-center text-black ring-1 ring-black/10">
        <img src={qrPicture(code)} alt={t.ticket.codeOf(seat)} className="aspect-square w-full" />
        <figcaption className="marquee mt-1.5 text-xl">{seat}</figcaption>
        <button
          type="button"
          aria-label={t.ticket.showLarge(seat)}
          onClick={onOpen}
          className="absolute inset-0 rounded-2xl print:hidden"
        />
      </figure>
      <Button look="quiet" size="small" className="print:hidden" aria-label={t.share.title(seat)} onClick={onShare}>
        <Share2 size={16} aria-hidden /> {t.share.send}
      </Button>
    </div>
  );
}

/** Says that the theatre, not the customer, cancelled, and why. */
function CalledOff({ booking }: { booking: Booking }) {
  const text = useCalledOff(booking);
  if (!text) return null;
  return <Note tone="warn">{t.booking.byTheatre(text)}</Note>;
}

/** Says what the theatre changed since the booking was made. */
function Rescheduled({ booking }: { booking: Booking }) {
  const before = booking.reschedulings.at(0);
  if (!before || booking.status !== 'confirmed') return null;
  const { starts_at, timezone } = booking.screening;
  const moved = Date.parse(before.starts_at) !== Date.parse(starts_at);
  return (
    <Note tone="warn">
      {moved && t.booking.otherTime(when(before.starts_at, 'full', timezone), when(starts_at, 'full', timezone))}{' '}
      {before.screen !== booking.screen.name && t.booking.otherScreen(before.screen, booking.screen.name)}{' '}
      {booking.cancellation?.possible && t.booking.freeUntil(when(booking.cancellation.until, 'full', timezone))}
    </Note>
  );
}

function Refund({ booking }: { booking: Booking }) {
  const { refund } = booking;
  if (!refund) return null;
  const amount = money(refund.amount);
  if (refund.status === 'completed')
    return <Note tone="good">{refund.to === 'card' ? t.booking.onCard(amount) : t.booking.inWallet(amount)}</Note>;
  if (refund.status === 'failed' || refund.status === 'review')
    return <Note tone="warn">{t.booking.check(amount)}</Note>;
  return <Note tone="note">{refund.to === 'card' ? t.booking.toCard(amount) : t.booking.toWallet(amount)}</Note>;
}

function Actions({ booking, now }: { booking: Booking; now: number }) {
  const [cancelling, setCancelling] = useState(false);
  const id = booking.booking_id;
  const confirmed = booking.status === 'confirmed';
  const calledOff = useCalledOff(booking) !== null;
  const pdf = useMutation({
    mutationFn: () => getFile(`/bookings/${id}/tickets.pdf`, 'application/pdf'),
    onSuccess: (file) => {
      download(file, t.booking.file(booking.show.title));
    },
    onError: (problem) => {
      say(problem instanceof Problem && problem.notOffered ? t.booking.noPdf : problem.message, 'bad');
    },
  });
  const key = useKey();
  const mail = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/mail`, { key: key.of(id) }),
    onSuccess: () => {
      key.done();
      say(t.booking.mailed, 'good');
    },
    onError: (problem) => {
      key.failed(problem);
      say(problem instanceof Problem && problem.notOffered ? t.booking.noMail : problem.message, 'bad');
    },
  });
  const canCancel = canChange(booking, now);
  return (
    <>
      {confirmed && (
        <>
          <Button
            onClick={() => {
              pdf.mutate();
            }}
            busy={pdf.isPending}
          >
            <Download size={18} aria-hidden /> {t.booking.pdf}
          </Button>
          <Button
            onClick={() => {
              download(
                new Blob([calendarEntry(booking, now, window.location.origin)], { type: 'text/calendar' }),
                `${booking.show.title}.ics`,
              );
            }}
          >
            <CalendarPlus size={18} aria-hidden /> {t.booking.calendar}
          </Button>
          <Button
            onClick={() => {
              mail.mutate();
            }}
            busy={mail.isPending}
          >
            <Mail size={18} aria-hidden /> {t.booking.mail}
          </Button>
        </>
      )}
      <InvoiceButton booking={booking} />
      {canCancel && (
        <ButtonLink to={`/bookings/${id}/move`}>
          <Armchair size={18} aria-hidden /> {t.move.title}
        </ButtonLink>
      )}
      {canCancel && (
        <Button
          look="danger"
          onClick={() => {
            setCancelling(true);
          }}
        >
          {t.booking.cancel}
        </Button>
      )}
      {confirmed && booking.cancellation && !canCancel && (
        <p className="col-span-2 self-center px-2 text-sm text-soft">
          {t.booking.couldUntil(when(booking.cancellation.until, 'full', booking.screening.timezone))}
        </p>
      )}
      {!confirmed && !isOpen(booking, now) && calledOff && (
        <ButtonLink to={`/shows/${booking.show.show_id}`}>{t.seats.otherTimes}</ButtonLink>
      )}
      {!confirmed && !isOpen(booking, now) && !calledOff && Date.parse(booking.screening.starts_at) > now && (
        <ButtonLink to={`/screenings/${booking.screening.screening_id}`}>
          <RotateCcw size={17} aria-hidden /> {t.booking.again}
        </ButtonLink>
      )}
      {cancelling && (
        <CancelDialog
          booking={booking}
          onClose={() => {
            setCancelling(false);
          }}
        />
      )}
    </>
  );
}

function CancelDialog({ booking, onClose }: { booking: Booking; onClose: () => void }) {
  const cancel = useMutation({
    mutationFn: () => command('DELETE', `/bookings/${booking.booking_id}`),
    onSuccess: async () => {
      await outdated('/bookings', '/wallet', '/screenings', '/me');
      say(t.booking.cancelled, 'good');
      onClose();
      // Without the codes the page is short, and the result is at its top.
      window.scrollTo({ top: 0 });
    },
  });
  return (
    <Dialog title={t.booking.cancelThis} onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-lg">{t.booking.backOnSale(booking.seats.length, listed(booking.seats))}</p>
        <Note tone="note">{cancellationInWords(booking)}</Note>
        {booking.cancellation && (
          <p className="text-soft">
            {t.booking.canUntil(when(booking.cancellation.until, 'full', booking.screening.timezone))}
          </p>
        )}
        <Refused error={cancel.error} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Button data-first onClick={onClose}>
            {t.booking.keep}
          </Button>
          <Button
            look="danger"
            busy={cancel.isPending}
            onClick={() => {
              cancel.mutate();
            }}
          >
            {t.booking.cancelAndRefund}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
