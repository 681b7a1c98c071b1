import { useMutation, useQuery } from '@tanstack/react-query';
import { CreditCard, Lock, Wallet as WalletIcon } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { command, newKey } from '../api/client';
import { Problem } from '../api/problem';
import { outdated, queryClient, reading } from '../api/queries';
import type { Booking } from '../api/types';
import { HoldClock } from '../booking/hold-clock';
import { leaveToPay, rememberPayment } from '../booking/left';
import { Times, useShowOf } from '../booking/ticket-card';
import { isOpen } from '../booking/types';
import { Button, ButtonLink } from '../design/button';
import { count, money } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines, Note, Refused } from '../design/notices';
import { Poster } from '../design/poster';
import { storeSeats } from '../seats/stored-seats';
import { TopUp } from '../account/top-up';

/** Polling interval while a payment is in progress, in milliseconds. */
const WATCH_MS = 1_500;

export default function Checkout() {
  useTitle('Checkout');
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
      state.data?.status === 'paying' ? WATCH_MS : state.data?.status === 'held' ? 20_000 : false,
  });
  const status = booking.data?.status;
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
      <div className="mb-6 flex flex-wrap items-center justify-between gap-4">
        <h1 className="text-4xl sm:text-5xl">{open ? 'Pay' : status === 'confirmed' ? 'Paid' : 'Not paid'}</h1>
        {open && status === 'held' && <HoldClock until={booking.data.held_until} from={booking.data.created_at} />}
      </div>
      <div className="grid items-start gap-6 md:grid-cols-[1fr_20rem] lg:grid-cols-[1fr_23rem]">
        <div className="order-2 grid gap-4 md:order-1">
          {open ? <Methods booking={booking.data} /> : <Over booking={booking.data} />}
        </div>
        <Summary booking={booking.data} open={open} />
      </div>
    </div>
  );
}

function Summary({ booking, open }: { booking: Booking; open: boolean }) {
  const show = useShowOf(booking);
  return (
    <section
      aria-label="Your order"
      className="arrive order-1 overflow-hidden rounded-3xl bg-card shadow-card md:order-2"
    >
      <div className="grid grid-cols-[5rem_1fr] gap-4 p-4 md:grid-cols-[6.5rem_1fr] md:p-5">
        <Poster show={show ?? { title: booking.show.title }} className="rounded-xl" priority="soon" />
        <div className="min-w-0">
          <h2 className="text-xl leading-tight md:text-2xl">{booking.show.title}</h2>
          <p className="mt-1.5 font-medium">
            <Times booking={booking} />
          </p>
          <p className="text-soft">
            {booking.venue.name}, {booking.screen.name}
          </p>
        </div>
      </div>
      <dl className="border-t border-dashed border-line-strong/60 px-5 py-4">
        <div className="flex justify-between gap-4">
          <dt className="text-soft">{count(booking.seats.length, 'seat')}</dt>
          <dd className="text-right font-semibold">{booking.seats.join(', ')}</dd>
        </div>
        <div className="mt-2 flex items-baseline justify-between gap-4">
          <dt className="text-soft">{open ? 'To pay' : 'Price'}</dt>
          <dd className="numbers marquee text-3xl">{money(booking.amount)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Methods({ booking }: { booking: Booking }) {
  const id = booking.booking_id;
  const wallet = useQuery(reading('/wallet'));
  const [adding, setAdding] = useState(false);
  // One key per payment attempt; retries carry the same key. A refused attempt gets a new key.
  const [keys, setKeys] = useState(() => ({ wallet: newKey(), card: newKey() }));
  const [noCards, setNoCards] = useState(false);
  const renew = (method: 'wallet' | 'card', problem: unknown) => {
    if (problem instanceof Problem && !problem.passing) setKeys((before) => ({ ...before, [method]: newKey() }));
    void outdated(`/bookings/${id}`, '/wallet');
  };
  const after = () => outdated('/bookings', '/wallet', '/screenings', '/me');
  const byWallet = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/payment`, { body: { method: 'wallet' }, key: keys.wallet }),
    onSuccess: after,
    onError: (problem) => {
      renew('wallet', problem);
    },
  });
  const byCard = useMutation({
    mutationFn: () => command('POST', `/bookings/${id}/payment`, { body: { method: 'card' }, key: keys.card }),
    onSuccess: (answer) => {
      rememberPayment({ payment: answer.payment_id, booking: id });
      if (!leaveToPay(answer.checkout_url)) void after();
    },
    onError: (problem) => {
      if (problem instanceof Problem && problem.flaw('/method')) setNoCards(true);
      renew('card', problem);
    },
  });
  const giveUp = useMutation({
    mutationFn: () => command('DELETE', `/bookings/${id}`),
    onSuccess: after,
  });
  const balance = wallet.data?.balance;
  const missing = balance ? booking.amount.amount_minor - balance.amount_minor : 0;
  const enough = balance !== undefined && missing <= 0;
  const waiting = byWallet.isSuccess || (booking.status === 'paying' && booking.payment?.method === 'wallet');
  const atProvider = booking.status === 'paying' && booking.payment?.method === 'card';

  if (waiting) {
    return (
      <div className="grid gap-4">
        <Note tone="note">Your payment is being processed. This page updates as soon as it is complete.</Note>
        <Lines rows={2} />
      </div>
    );
  }
  return (
    <>
      {atProvider && (
        <Note tone="note">A card payment is open. Continue with it, or pay from your wallet instead.</Note>
      )}
      <section aria-label="Wallet" className="arrive rounded-3xl bg-card p-5 shadow-card sm:p-6">
        <div className="flex items-center gap-3">
          <WalletIcon size={26} aria-hidden />
          <h2 className="text-2xl">Wallet</h2>
          <p className="ml-auto text-right leading-tight">
            <span className="block text-sm text-soft">balance</span>
            <span className="numbers text-lg font-bold">{balance ? money(balance) : '…'}</span>
          </p>
        </div>
        {balance && !enough && (
          <p className="mt-3 text-soft">
            You need {money({ ...booking.amount, amount_minor: missing })} more.{' '}
            <button
              type="button"
              className="link font-semibold text-ink"
              onClick={() => {
                setAdding(true);
              }}
            >
              Add money
            </button>
          </p>
        )}
        {adding && (
          <div className="mt-4">
            <TopUp atLeast={{ ...booking.amount, amount_minor: Math.max(missing, 0) }} towards={id} />
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
            Pay {money(booking.amount)} from the wallet
          </Button>
        </div>
      </section>
      <section
        aria-label="Card"
        className="arrive rounded-3xl bg-card p-5 shadow-card sm:p-6"
        style={{ animationDelay: '60ms' }}
      >
        <div className="flex items-center gap-3">
          <CreditCard size={26} aria-hidden />
          <h2 className="text-2xl">Card</h2>
        </div>
        {noCards ? (
          <p className="mt-3 text-soft">Cards are not taken here at the moment. Please pay from your wallet.</p>
        ) : (
          <>
            <p className="mt-2 text-soft">
              You pay on our payment partner’s page and come straight back. Your seats stay held meanwhile.
            </p>
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
                {atProvider ? 'Continue paying by card' : `Pay ${money(booking.amount)} by card`}
              </Button>
            </div>
          </>
        )}
      </section>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Link to={`/screenings/${booking.screening.screening_id}`} className="link">
          Other seats
        </Link>
        <Button
          look="quiet"
          busy={giveUp.isPending}
          onClick={() => {
            giveUp.mutate();
          }}
        >
          Let the seats go
        </Button>
      </div>
      <Refused error={giveUp.error} />
    </>
  );
}

/** Next steps after a hold that expired or was released. */
function Over({ booking }: { booking: Booking }) {
  const started = Date.parse(booking.screening.starts_at) <= useNow(30_000);
  const text =
    booking.status === 'cancelled' || booking.status === 'refunded'
      ? 'This booking was cancelled. Its seats are free again.'
      : booking.status === 'confirmed'
        ? 'This booking is paid.'
        : 'The time to pay has run out, and the seats are free again. Nothing was charged.';
  return (
    <div className="arrive grid gap-5 rounded-3xl bg-card p-6 shadow-card">
      <p className="text-lg">{text}</p>
      <div className="flex flex-wrap gap-3">
        {booking.status !== 'confirmed' && !started && (
          <ButtonLink
            look="gold"
            to={`/screenings/${booking.screening.screening_id}`}
            onClick={() => {
              // Selects the same seats again; the seat map drops those that another customer has taken since.
              if (booking.status === 'held' || booking.status === 'expired')
                storeSeats(booking.screening.screening_id, booking.seats);
              // The cached seat map still shows them as held and would remove them from the selection.
              queryClient.removeQueries({ queryKey: [`/screenings/${booking.screening.screening_id}/seats`] });
            }}
          >
            Try for {booking.seats.length === 1 ? 'the seat' : 'the seats'} again
          </ButtonLink>
        )}
        <ButtonLink to="/bookings">My tickets</ButtonLink>
      </div>
    </div>
  );
}
