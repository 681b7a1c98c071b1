import { useMutation, useQuery } from '@tanstack/react-query';
import { CreditCard, Lock, Wallet as WalletIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useNavigate, useParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { command } from '../api/client';
import { usePolicy } from '../api/policy';
import { Problem } from '../api/problem';
import { seatList, seatsListed } from '../seats/seat-names';
import { t } from '../i18n/texts';
import { outdated, queryClient, reading } from '../api/queries';
import type { Booking } from '../api/types';
import { useKey } from '../api/keys/use-key';
import { Bill, hasExtras } from '../booking/bill';
import { useCalledOff } from '../booking/called-off';
import { CodeField } from '../booking/code-field';
import { leaveToPay, rememberPayment } from '../booking/left';
import { dropUnreached, useReconnected } from '../booking/reconnected';
import { Times, useShowOf } from '../booking/tickets/ticket-card';
import { isOpen, termsOfBooking } from '../booking/types';
import { Elsewhere } from '../catalogue/elsewhere';
import { cityName, screenName } from '../catalogue/names';
import { Button, ButtonLink } from '../design/button';
import { money } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines, Note, Refused } from '../design/notices';
import { Poster } from '../design/poster';
import { Question } from '../design/question';
import { storeSeats } from '../seats/choice/stored-seats';
import { TopUp } from '../account/top-up';

/** Polling interval while a payment is in progress, in milliseconds. */
const WATCH_MS = 1_500;
/** Polling interval while the seats are held: the theatre may cancel the screening meanwhile. */
const HELD_MS = 5_000;

export default function Checkout() {
  useTitle(t.checkout.title);
  return (
    <RequireAccount>
      <Order />
    </RequireAccount>
  );
}

function Order() {
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const now = useNow(1_000);
  const booking = useQuery({
    ...reading(`/bookings/${id}`),
    refetchInterval: ({ state }) =>
      state.data?.status === 'paying' ? WATCH_MS : state.data?.status === 'held' ? HELD_MS : false,
  });
  const status = booking.data?.status;
  // A payment whose answer was lost may have been made.
  useReconnected(() => void outdated(`/bookings/${id}`, '/wallet'));
  useEffect(() => {
    if (status === 'confirmed') void navigate(`/bookings/${id}?new`, { replace: true });
  }, [status, id, navigate]);

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
        <Lines rows={3} />
      </div>
    );
  const open = isOpen(booking.data, now);
  return (
    <div className="page max-w-5xl py-6 sm:py-10">
      <h1 className="mb-6 text-4xl sm:text-5xl">{open ? toPay(booking.data) : outcome(booking.data)}</h1>
      <div className="grid items-start gap-6 md:grid-cols-[1fr_20rem] lg:grid-cols-[1fr_23rem]">
        <div className="order-2 grid gap-4 md:order-1">
          {open ? <Methods booking={booking.data} /> : <Over booking={booking.data} />}
        </div>
        <Summary booking={booking.data} open={open} />
      </div>
    </div>
  );
}

function toPay({ amount, seats }: Booking): string {
  return amount.amount_minor === 0 ? t.checkout.book(seats.length) : t.checkout.pay(money(amount), seats.length);
}

function outcome({ status }: Booking): string {
  if (status === 'confirmed') return t.checkout.paid;
  return status === 'cancelled' || status === 'refunded' ? t.checkout.cancelled : t.checkout.notPaid;
}

function Summary({ booking, open }: { booking: Booking; open: boolean }) {
  const show = useShowOf(booking);
  const now = useNow(30_000);
  const terms = termsOfBooking(booking, now);
  return (
    <section
      aria-label={t.checkout.order}
      className="arrive order-1 overflow-hidden rounded-3xl bg-card shadow-card md:order-2"
    >
      <div className="grid grid-cols-[5rem_1fr] gap-4 p-4 md:grid-cols-[6.5rem_1fr] md:p-5">
        <Poster show={show ?? booking.show} className="rounded-xl" />
        <div className="min-w-0">
          <h2 className="text-xl leading-tight md:text-2xl">{booking.show.title}</h2>
          <p className="mt-1.5 font-medium">
            <Times booking={booking} />
          </p>
          <p className="text-soft">
            {booking.venue.name}, {cityName(booking.venue.city)} · {screenName(booking.screen.name)}
          </p>
          {open && <Elsewhere city={booking.venue.city} className="mt-2 text-sm" />}
        </div>
      </div>
      <dl className="border-t border-dashed border-line-strong/60 px-5 py-4">
        <div className="flex justify-between gap-4">
          <dt className="text-soft">{t.count.seats(booking.seats.length)}</dt>
          <dd className="text-end font-semibold">{seatList(booking.seats)}</dd>
        </div>
        <Bill booking={booking} />
        <div className="mt-2 flex items-baseline justify-between gap-4">
          <dt className="text-soft">{open ? t.checkout.toPay : t.checkout.price}</dt>
          <dd className="numbers marquee text-3xl">{money(booking.amount)}</dd>
        </div>
        {open && booking.amount.amount_minor > 0 && !hasExtras(booking) && (
          <div className="mt-1">
            <dt className="sr-only">{t.checkout.fees}</dt>
            <dd className="text-sm text-soft">{t.checkout.included}</dd>
          </div>
        )}
        {open && terms && (
          <div className="mt-2">
            <dt className="sr-only">{t.checkout.cancelling}</dt>
            <dd className="text-sm text-soft">{terms}</dd>
          </div>
        )}
      </dl>
    </section>
  );
}

function Methods({ booking }: { booking: Booking }) {
  const id = booking.booking_id;
  const wallet = useQuery(reading('/wallet'));
  const { card_min: cardMin } = usePolicy();
  const [adding, setAdding] = useState(false);
  const walletKey = useKey();
  const cardKey = useKey();
  const [noCards, setNoCards] = useState(false);
  const asBefore = () => outdated(`/bookings/${id}`, '/wallet');
  const after = () => outdated('/bookings', '/wallet', '/screenings', '/me');
  const byWallet = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/payment`, { body: { method: 'wallet' }, key: walletKey.of(id) }),
    onSuccess: after,
    onError: (problem) => {
      walletKey.failed(problem);
      void asBefore();
    },
  });
  const byCard = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/payment`, { body: { method: 'card' }, key: cardKey.of(id) }),
    onSuccess: (answer) => {
      cardKey.done();
      rememberPayment({ payment: answer.payment_id, booking: id });
      if (!leaveToPay(answer.checkout_url)) void after();
    },
    onError: (problem) => {
      if (problem instanceof Problem && problem.flaw('/method')) setNoCards(true);
      cardKey.failed(problem);
      void asBefore();
    },
  });
  const [releasing, setReleasing] = useState(false);
  const release = useMutation({
    mutationFn: () => command('DELETE', `/bookings/${id}`),
    onSuccess: after,
    // The time may have run out, in which case there is nothing left to release.
    onError: asBefore,
  });
  useReconnected(() => {
    dropUnreached([byWallet, byCard, release]);
  });
  const balance = wallet.data?.balance;
  const missing = balance ? booking.amount.amount_minor - balance.amount_minor : 0;
  const enough = balance !== undefined && missing <= 0;
  const waiting = byWallet.isSuccess || (booking.status === 'paying' && booking.payment?.method === 'wallet');
  const atProvider = booking.status === 'paying' && booking.payment?.method === 'card';

  if (waiting) {
    return (
      <div className="grid gap-4">
        <Note tone="note">{t.checkout.processing}</Note>
        <Lines rows={2} />
      </div>
    );
  }
  const free = booking.amount.amount_minor === 0;
  const isTooSmall = booking.amount.amount_minor < cardMin.amount_minor;
  if (wallet.isPending) return <Lines rows={3} />;
  const byWalletSection = (
    <section aria-label={t.frame.wallet} className="arrive rounded-3xl bg-card p-5 shadow-card sm:p-6">
      <div className="flex items-center gap-3">
        <WalletIcon size={26} aria-hidden />
        <h2 className="text-2xl">{t.frame.wallet}</h2>
        <p className="ms-auto text-end leading-tight">
          <span className="block text-sm text-soft">{t.checkout.balance}</span>
          <span className="numbers text-lg font-bold">{balance ? money(balance) : '–'}</span>
        </p>
      </div>
      {wallet.error && !balance && (
        <Note tone="warn" className="mt-3">
          {wallet.error.message}{' '}
          <button type="button" className="link font-semibold" onClick={() => void wallet.refetch()}>
            {t.design.tryAgain}
          </button>
        </Note>
      )}
      {balance && !enough && (
        <p className="mt-3 text-soft">
          {t.checkout.needMore(money({ ...booking.amount, amount_minor: missing }))}{' '}
          <button
            type="button"
            className="link font-semibold text-ink"
            onClick={() => {
              setAdding(true);
            }}
          >
            {t.checkout.addMoney}
          </button>
        </p>
      )}
      {adding && (
        <div className="mt-4">
          <TopUp
            atLeast={{ ...booking.amount, amount_minor: Math.max(missing, 0) }}
            towards={{ booking: id, step: 'pay' }}
          />
        </div>
      )}
      <div className="mt-4 grid gap-3">
        <Refused error={byWallet.error} />
        <Button
          look={enough ? 'gold' : 'plain'}
          size="large"
          busy={byWallet.isPending}
          disabled={!enough || byWallet.isPending || byCard.isPending}
          onClick={() => {
            byWallet.mutate();
          }}
        >
          {free ? t.checkout.free : t.checkout.byWallet(money(booking.amount))}
        </Button>
      </div>
    </section>
  );
  const byCardSection = !free && (
    <section
      aria-label={t.checkout.card}
      className="arrive rounded-3xl bg-card p-5 shadow-card sm:p-6"
      style={{ animationDelay: '60ms' }}
    >
      <div className="flex items-center gap-3">
        <CreditCard size={26} aria-hidden />
        <h2 className="text-2xl">{t.checkout.card}</h2>
      </div>
      {noCards || isTooSmall ? (
        <p className="mt-3 text-soft">{noCards ? t.checkout.noCards : t.checkout.tooSmall(money(cardMin))}</p>
      ) : (
        <>
          <p className="mt-2 text-soft">{t.checkout.atPartner} </p>
          <div className="mt-4 grid gap-3">
            <Refused error={byCard.error} />
            <Button
              look={balance && !enough ? 'gold' : 'plain'}
              size="large"
              busy={byCard.isPending}
              disabled={byCard.isPending || byWallet.isPending}
              onClick={() => {
                byCard.mutate();
              }}
            >
              <Lock size={18} aria-hidden />{' '}
              {atProvider ? t.checkout.continueCard : t.checkout.byCard(money(booking.amount))}
            </Button>
          </div>
        </>
      )}
    </section>
  );
  return (
    <>
      {atProvider && <Note tone="note">{t.checkout.cardOpen}</Note>}
      {/* Before paying, because afterwards it is too late. */}
      {booking.status === 'held' && !booking.payment && <CodeField booking={booking} />}
      {/* What can pay at once comes first. */}
      {enough ? byWalletSection : byCardSection}
      {enough ? byCardSection : byWalletSection}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <ButtonLink look="quiet" to={`/screenings/${booking.screening.screening_id}`}>
          {t.hold.change}
        </ButtonLink>
        <Button
          look="quiet"
          onClick={() => {
            setReleasing(true);
          }}
        >
          {t.checkout.releaseSeats}
        </Button>
      </div>
      {releasing && (
        <Question
          title={t.checkout.releaseThem(booking.seats.length)}
          verb={t.checkout.release}
          harmless={t.checkout.keep}
          act={release}
          onClose={() => {
            setReleasing(false);
          }}
        >
          <p>
            {t.checkout.backOnSale(booking.seats.length, seatsListed(booking.seats))}
            {atProvider && ` ${t.checkout.justPaid}`}
          </p>
        </Question>
      )}
    </>
  );
}

/** Selects the seats of a booking on the map again; the map drops those that another customer has taken since. */
function seatsAgain(booking: Booking): void {
  const { screening_id: id } = booking.screening;
  storeSeats(id, booking.seats);
  // The cached seat map still shows them as held and would remove them from the selection.
  queryClient.removeQueries({ queryKey: [`/screenings/${id}/seats`] });
}

/** Next steps after a hold that expired or was released. */
function Over({ booking }: { booking: Booking }) {
  const started = Date.parse(booking.screening.starts_at) <= useNow(30_000);
  const calledOff = useCalledOff(booking);
  const { status, refund } = booking;
  const isCancelled = status === 'cancelled' || status === 'refunded';
  const money = refund || booking.payment?.status === 'captured' ? t.checkout.comesBack : t.checkout.nothingCharged;
  const text = calledOff
    ? `${calledOff} ${money}`
    : isCancelled
      ? `${t.checkout.released} ${money}`
      : status === 'confirmed'
        ? t.checkout.isPaid
        : t.checkout.timeOut;
  return (
    <div className="arrive grid gap-5 rounded-3xl bg-card p-6 shadow-card">
      {calledOff && <h2 className="text-2xl">{t.checkout.calledOff}</h2>}
      <p className="text-lg">{text}</p>
      <div className="flex flex-wrap gap-3">
        {calledOff ? (
          <ButtonLink look="gold" to={`/shows/${booking.show.show_id}`}>
            {t.seats.otherTimes}
          </ButtonLink>
        ) : (
          status !== 'confirmed' &&
          !started && (
            <ButtonLink
              look="gold"
              to={`/screenings/${booking.screening.screening_id}`}
              onClick={() => {
                seatsAgain(booking);
              }}
            >
              {t.checkout.tryAgain(booking.seats.length)}
            </ButtonLink>
          )
        )}
        <ButtonLink to="/bookings">{t.frame.myTickets}</ButtonLink>
      </div>
    </div>
  );
}
