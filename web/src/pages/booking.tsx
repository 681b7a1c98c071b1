import { useMutation, useQuery } from '@tanstack/react-query';
import { CalendarPlus, Download, Mail, RotateCcw } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { Link, useParams, useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { command, getFile } from '../api/client';
import { serverNow } from '../api/clock';
import { Problem } from '../api/problem';
import { outdated, reading } from '../api/queries';
import type { Booking } from '../api/types';
import { useCalledOff } from '../booking/called-off';
import { calendarEntry } from '../booking/calendar';
import { download } from '../booking/download';
import { Times, useShowOf } from '../booking/ticket-card';
import { cancellationInWords, destination, isOpen, milestones } from '../booking/types';
import { Status } from '../design/badge';
import { Button, ButtonLink } from '../design/button';
import { Dialog } from '../design/dialog';
import { addressOf, ago, count, money, when } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines, Note, Refused } from '../design/notices';
import { Poster } from '../design/poster';
import { paletteOf } from '../design/poster-art';
import { say } from '../design/toast';

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
          <h1 className="text-4xl sm:text-6xl">See you there.</h1>
          <p className="mt-2 text-lg text-soft">
            Paid. {booking.data.seats.length === 1 ? 'The seat is' : 'The seats are'} yours, and the tickets are here
            whenever you need them.
          </p>
        </div>
      )}
      <Tickets booking={booking.data} isNew={isNew}>
        <CalledOff booking={booking.data} />
        <Refund booking={booking.data} />
        <div className="grid grid-cols-2 gap-2 max-sm:*:px-3 sm:flex sm:flex-wrap [&_svg]:shrink-0 print:hidden">
          {isOpen(booking.data, now) && (
            <ButtonLink look="gold" to={`/checkout/${id}`}>
              Continue to payment
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

/** Ticket with its QR codes. The children, its actions, come before the codes, because there may be many. */
function Tickets({ booking, isNew, children }: { booking: Booking; isNew: boolean; children: ReactNode }) {
  const show = useShowOf(booking);
  const palette = paletteOf(booking.show.title, show?.genres ?? []);
  const seats = booking.tickets.length > 0 ? booking.tickets : [];
  // Above a new booking, the greeting is the main heading.
  const Heading = isNew ? 'h2' : 'h1';
  return (
    <article className={`${isNew ? 'print' : 'arrive'} rounded-3xl shadow-lift`}>
      <div
        className="grid grid-cols-[6.5rem_1fr] overflow-hidden rounded-t-3xl sm:grid-cols-[11rem_1fr]"
        style={{ backgroundColor: palette.ground, color: palette.ink }}
      >
        <Poster show={show ?? { title: booking.show.title }} fit="whole" className="h-full !rounded-none" />
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
            {booking.screen.name}, {booking.venue.name}
          </p>
          <p className="text-sm sm:text-base">{addressOf(booking.venue)}</p>
        </div>
      </div>
      <div className="rounded-b-3xl border-t-2 border-dashed border-line-strong/50 bg-card p-4 sm:p-7">
        <div className="flex flex-wrap items-baseline justify-between gap-3">
          <p>
            <span className="text-soft">{count(booking.seats.length, 'seat')} </span>
            <span className="marquee text-2xl">{booking.seats.join(', ')}</span>
          </p>
          <p className="numbers text-lg font-bold">{money(booking.amount)}</p>
        </div>
        <div className="mt-4 grid gap-3">{children}</div>
        {seats.length > 0 && (
          <ul className="mt-5 grid grid-cols-[repeat(auto-fill,minmax(9.5rem,1fr))] gap-4">
            {seats.map((ticket) => (
              <li key={ticket.seat}>
                <Code booking={booking.booking_id} seat={ticket.seat} code={ticket.code} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </article>
  );
}

/** QR code of one seat. Black on white in both themes, so that scanners can read it. */
function Code({ booking, seat, code }: { booking: string; seat: string; code: string }) {
  const path = `/bookings/${booking}/tickets/${encodeURIComponent(seat)}/qr.svg`;
  const picture = useQuery({
    queryKey: [path, code],
    queryFn: async ({ signal }) =>
      `data:image/svg+xml,${encodeURIComponent(await (await getFile(path, 'image/svg+xml', signal)).text())}`,
    staleTime: Infinity,
    retry: 1,
  });
  const url = picture.data;
  return (
    <figure className="rounded-2xl bg-white p-3 text-center text-black ring-1 ring-black/10">
      <div className="grid aspect-square place-items-center">
        {url ? (
          <img src={url} alt={`QR code of seat ${seat}`} className="size-full" />
        ) : picture.isError ? (
          <code className="max-h-full overflow-hidden break-all text-[0.65rem] leading-tight">{code}</code>
        ) : null}
      </div>
      <figcaption className="marquee mt-1.5 text-xl">{seat}</figcaption>
    </figure>
  );
}

/** Says that the theatre, not the customer, cancelled, and why. */
function CalledOff({ booking }: { booking: Booking }) {
  const text = useCalledOff(booking);
  if (!text) return null;
  return <Note tone="warn">Cancelled by the theatre. {text}</Note>;
}

function Refund({ booking }: { booking: Booking }) {
  const { refund } = booking;
  if (!refund) return null;
  const amount = money(refund.amount);
  if (refund.status === 'completed')
    return (
      <Note tone="good">
        {amount} is back {refund.to === 'card' ? 'on your card' : 'in your wallet'}.
      </Note>
    );
  if (refund.status === 'failed' || refund.status === 'review')
    return (
      <Note tone="warn">The refund of {amount} needs a manual check. We are working on it; your money is safe.</Note>
    );
  return (
    <Note tone="note">
      {amount} is on its way back to {destination(refund.to)}.
    </Note>
  );
}

function Actions({ booking, now }: { booking: Booking; now: number }) {
  const [cancelling, setCancelling] = useState(false);
  const id = booking.booking_id;
  const confirmed = booking.status === 'confirmed';
  const calledOff = useCalledOff(booking) !== null;
  const pdf = useMutation({
    mutationFn: () => getFile(`/bookings/${id}/tickets.pdf`, 'application/pdf'),
    onSuccess: (file) => {
      download(file, `${booking.show.title} tickets.pdf`);
    },
    onError: (problem) => {
      say(
        problem instanceof Problem && problem.notOffered
          ? 'PDF tickets are not available here yet. The codes below are valid.'
          : problem.message,
        'bad',
      );
    },
  });
  const mail = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/mail`),
    onSuccess: () => {
      say('The tickets are on their way to your inbox.', 'good');
    },
    onError: (problem) => {
      say(
        problem instanceof Problem && problem.notOffered ? 'Mails are not available here yet.' : problem.message,
        'bad',
      );
    },
  });
  const canCancel = confirmed && booking.cancellation != null && Date.parse(booking.cancellation.until) > now;
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
            <Download size={18} aria-hidden /> PDF
          </Button>
          <Button
            onClick={() => {
              download(new Blob([calendarEntry(booking, now)], { type: 'text/calendar' }), `${booking.show.title}.ics`);
            }}
          >
            <CalendarPlus size={18} aria-hidden /> Add to calendar
          </Button>
          <Button
            onClick={() => {
              mail.mutate();
            }}
            busy={mail.isPending}
          >
            <Mail size={18} aria-hidden /> Mail them to me
          </Button>
        </>
      )}
      {canCancel && (
        <Button
          look="danger"
          onClick={() => {
            setCancelling(true);
          }}
        >
          Cancel booking
        </Button>
      )}
      {confirmed && booking.cancellation && !canCancel && (
        <p className="col-span-2 self-center px-2 text-sm text-soft">
          It could be cancelled until {when(booking.cancellation.until, 'full', booking.screening.timezone)}.
        </p>
      )}
      {!confirmed && !isOpen(booking, now) && calledOff && (
        <ButtonLink to={`/shows/${booking.show.show_id}`}>Other times</ButtonLink>
      )}
      {!confirmed && !isOpen(booking, now) && !calledOff && Date.parse(booking.screening.starts_at) > now && (
        <ButtonLink to={`/screenings/${booking.screening.screening_id}`}>
          <RotateCcw size={17} aria-hidden /> Book again
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
      say('The booking is cancelled.', 'good');
      onClose();
      // Without the codes the page is short, and the result is at its top.
      window.scrollTo({ top: 0 });
    },
  });
  return (
    <Dialog title="Cancel this booking?" onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-lg">
          {booking.seats.length === 1
            ? `Seat ${booking.seats.join()} goes`
            : `All ${String(booking.seats.length)} seats go`}{' '}
          back on sale.
        </p>
        <Note tone="note">{cancellationInWords(booking)}</Note>
        {booking.cancellation && (
          <p className="text-soft">
            You can do this until {when(booking.cancellation.until, 'full', booking.screening.timezone)}.
          </p>
        )}
        <Refused error={cancel.error} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Button data-first onClick={onClose}>
            Keep it
          </Button>
          <Button
            look="danger"
            busy={cancel.isPending}
            onClick={() => {
              cancel.mutate();
            }}
          >
            Cancel and refund
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

/** History of the booking, from the event log. */
function History({ booking }: { booking: Booking }) {
  const now = useNow(30_000);
  const history = useQuery(reading(`/bookings/${booking.booking_id}/history`));
  const { status, refund } = booking;
  useEffect(() => {
    void outdated(`/bookings/${booking.booking_id}/history`);
  }, [status, refund?.status, booking.booking_id]);
  const [detailed, setDetailed] = useState(false);
  if (!history.data) return history.isPending ? <Lines rows={2} /> : <span />;
  const { items } = history.data;
  const short = milestones(items);
  const shown = detailed || short.length === 0 ? items : short;
  return (
    <section aria-label="History" className="rounded-3xl bg-card p-5 shadow-card sm:p-6 print:hidden">
      <h2 className="mb-4 text-2xl">History</h2>
      <ol
        className={[
          'relative grid gap-5 pl-6',
          'before:absolute before:bottom-2 before:left-[0.34rem] before:top-2 before:w-0.5 before:bg-line',
        ].join(' ')}
      >
        {shown.map((item, index) => (
          <li
            key={index}
            className={[
              'relative before:absolute before:-left-6 before:top-1.5 before:size-3 before:rounded-full',
              'before:bg-gold before:ring-4 before:ring-card',
            ].join(' ')}
          >
            <p>{item.text}</p>
            <p className="text-sm text-soft" title={when(item.time, 'stamp')}>
              {ago(item.time, now)}
            </p>
          </li>
        ))}
      </ol>
      {short.length > 0 && short.length < items.length && (
        <button
          type="button"
          aria-expanded={detailed}
          className="link mt-4 text-sm"
          onClick={() => {
            setDetailed(!detailed);
          }}
        >
          {detailed ? 'Fewer details' : 'All details'}
        </button>
      )}
    </section>
  );
}
