import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { topUpWords } from '../account/top-up-words';
import { idIn } from '../api/keys/ids';
import { outdated, queryClient, reading } from '../api/queries';
import type { Booking } from '../api/types';
import { useCalledOff } from '../booking/called-off';
import { leaveToPay, pageAfter, paymentPage, rememberedPayment, type Towards } from '../booking/left';
import { isSettled, outcomeOf, type Wished } from '../booking/move/returned';
import { choiceOf } from '../booking/move/use-choice';
import { whereabouts, type Refunded } from '../booking/returns';
import { canChange, whenOf } from '../booking/types';
import { Button, ButtonLink } from '../design/button';
import { money } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines, Note } from '../design/notices';
import { say } from '../design/toast';
import { t } from '../i18n/texts';
import { storeSeats } from '../seats/choice/stored-seats';
import { seatsListed } from '../seats/seat-names';

/** Polling interval while the provider's confirmation is pending, in milliseconds. */
const WATCH_MS = 1_500;

/**
 * Return page after a payment at the provider. The status in its address (`status=succeeded`) can be forged, so
 * only our own API is trusted.
 */
export default function PaymentReturn() {
  useTitle(t.payment.title);
  return (
    <div className="page max-w-xl py-10 sm:py-16">
      <RequireAccount>
        <Returned />
      </RequireAccount>
    </div>
  );
}

function Returned() {
  const [params] = useSearchParams();
  const pending = rememberedPayment();
  const booking = idIn(params.get('booking')) ?? idIn(params.get('booking_id')) ?? pending?.booking ?? null;
  const payment = idIn(params.get('payment')) ?? pending?.payment ?? null;
  if (booking) return <OfBooking id={booking} payment={payment} />;
  if (payment) return <OfTopUp id={payment} towards={pending?.payment === payment ? pending.towards : undefined} />;
  return (
    <div className="grid gap-5">
      <h1 className="text-4xl">{t.payment.welcomeBack}</h1>
      <p className="text-lg text-soft">{t.payment.result}</p>
      <div className="flex flex-wrap gap-3">
        <ButtonLink to="/bookings" look="gold">
          {t.frame.myTickets}
        </ButtonLink>
        <ButtonLink to="/wallet">{t.frame.wallet}</ButtonLink>
      </div>
    </div>
  );
}

function OfBooking({ id, payment }: { id: string; payment: string | null }) {
  const navigate = useNavigate();
  const booking = useQuery({
    ...reading(`/bookings/${id}`),
    refetchInterval: ({ state }) =>
      state.data && state.data.status !== 'paying' && !state.data.open_move ? false : WATCH_MS,
  });
  const status = booking.data?.status;
  // The payment that bought the seats. Another one is mostly the difference of a move: the booking is not new.
  const buyer = booking.data?.payment?.payment_id;
  const other = payment !== null && buyer !== undefined && buyer !== payment ? { id: payment, buyer } : null;
  const isOther = other !== null;
  useEffect(() => {
    if (status !== 'confirmed' || isOther) return;
    void outdated('/bookings', '/wallet');
    void navigate(`/bookings/${id}?new`, { replace: true });
  }, [status, isOther, id, navigate]);
  if (booking.error && !booking.data) return <Failed error={booking.error} retry={() => void booking.refetch()} />;
  if (booking.data && status === 'confirmed' && other) return <OfDifference booking={booking.data} {...other} />;
  if (!booking.data || status === 'paying' || status === 'confirmed')
    return (
      <Waiting patience={t.payment.patience}>
        <ButtonLink to={`/checkout/${id}`}>{t.payment.toCheckout}</ButtonLink>
        <ButtonLink to={`/bookings/${id}`}>{t.payment.myBooking}</ButtonLink>
      </Waiting>
    );
  return <NotBought booking={booking.data} />;
}

/** A booking that the payment did not buy. */
function NotBought({ booking }: { booking: Booking }) {
  const calledOff = useCalledOff(booking);
  const { booking_id: id, status, refund } = booking;
  const unpaid = status === 'held';
  const isCancelled = status === 'cancelled' || status === 'refunded';
  const head = unpaid ? t.payment.failed : isCancelled ? t.checkout.cancelled : t.payment.notInTime;
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{calledOff ? t.checkout.calledOff : head}</h1>
      {calledOff && <p className="text-lg">{calledOff}</p>}
      {!refund && <p className="text-lg text-soft">{unpaid ? t.payment.stillHeld : t.payment.comesBack}</p>}
      {refund && <Note tone="note">{whereabouts(refund)}</Note>}
      <div className="flex flex-wrap gap-3">
        {unpaid ? (
          <ButtonLink look="gold" to={`/checkout/${id}`}>
            {t.payment.toCheckout}
          </ButtonLink>
        ) : calledOff ? (
          <ButtonLink look="gold" to={`/shows/${booking.show.show_id}`}>
            {t.seats.otherTimes}
          </ButtonLink>
        ) : (
          <ButtonLink look="gold" to={`/screenings/${booking.screening.screening_id}`}>
            {t.payment.chooseAgain}
          </ButtonLink>
        )}
        <ButtonLink to={`/bookings/${id}`}>{t.payment.myBooking}</ButtonLink>
      </div>
    </div>
  );
}

/** Result of the payment of a difference, for which a paid booking moves. `buyer` is the payment that bought the booking. */
function OfDifference({ booking, id, buyer }: { booking: Booking; id: string; buyer: string }) {
  const navigate = useNavigate();
  const payment = useQuery({
    ...reading(`/payments/${id}`),
    refetchInterval: ({ state }) => (state.data && isSettled(state.data) ? false : WATCH_MS),
  });
  const first = useQuery(reading(`/payments/${buyer}`));
  const [wished, setWished] = useState<Wished | null>(null);
  const open = booking.open_move?.move_id === id ? booking.open_move : null;
  if (open && !wished) setWished(open);
  const seen = payment.data;
  const outcome = seen && (open || !first.isPending) ? outcomeOf(booking, seen, first.data ?? null, wished) : null;
  const step = outcome?.step;
  const page = `/bookings/${booking.booking_id}`;
  const names = seatsListed(booking.seats);
  useEffect(() => {
    if (step !== 'moved' && step !== 'elsewhere') return;
    if (step === 'moved' && wished) say(t.move.done(names), 'good');
    void outdated('/bookings', '/wallet', '/screenings');
    void navigate(page, { replace: true });
  }, [step, wished, names, page, navigate]);
  if (payment.error && !payment.data) return <Failed error={payment.error} retry={() => void payment.refetch()} />;
  if (outcome?.step === 'returned') return <NotMoved booking={booking} wished={wished} refund={outcome.refund} />;
  if (outcome?.step === 'unpaid') return <NotMoved booking={booking} wished={wished} refund={null} />;
  const checkout = open && !open.paid ? paymentPage(open.checkout_url) : null;
  return (
    <Waiting patience={t.move.notConfirmed(names, whenOf(booking, booking.screening.starts_at))}>
      {open && checkout && (
        <Button
          look="gold"
          onClick={() => {
            leaveToPay(checkout);
          }}
        >
          {t.move.payNow(money(open.amount))}
        </Button>
      )}
      <ButtonLink to={page}>{t.payment.myBooking}</ButtonLink>
    </Waiting>
  );
}

/** Says that a booking stays as it was, what became of the money, and where to try again. */
function NotMoved({ booking, wished, refund }: { booking: Booking; wished: Wished | null; refund: Refunded | null }) {
  const now = useNow(15_000);
  const { booking_id: id, seats, screening } = booking;
  const target = wished?.screening_id ?? screening.screening_id;
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{t.move.notMade}</h1>
      <p className="text-lg">{t.move.staysAsWas(seatsListed(seats), whenOf(booking, screening.starts_at))}</p>
      <p className="text-lg text-soft">{refund ? t.move.cameTooLate : t.move.notPaid}</p>
      {refund && <Note tone="note">{whereabouts(refund)}</Note>}
      <div className="flex flex-wrap gap-3">
        {canChange(booking, now) && (
          <ButtonLink
            look="gold"
            to={`/bookings/${id}/move?screening=${target}`}
            onClick={() => {
              if (wished) storeSeats(choiceOf(id, target), wished.seats);
              // The cached seat map still shows them as kept, and would remove them from the choice.
              queryClient.removeQueries({ queryKey: [`/screenings/${target}/seats`] });
            }}
          >
            {t.move.tryAgain}
          </ButtonLink>
        )}
        <ButtonLink to={`/bookings/${id}`}>{t.payment.myBooking}</ButtonLink>
      </div>
    </div>
  );
}

/** Result of a top-up. Returns straight to the booking `towards`, if any, because its seats are held only briefly. */
function OfTopUp({ id, towards }: { id: string; towards: Towards | undefined }) {
  const navigate = useNavigate();
  const payment = useQuery({
    ...reading(`/payments/${id}`),
    refetchInterval: ({ state }) => (state.data && state.data.status !== 'pending' ? false : WATCH_MS),
  });
  const status = payment.data?.status;
  const page = towards && pageAfter(towards);
  const back = towards?.step === 'move' ? t.move.toSeats : t.payment.toCheckout;
  useEffect(() => {
    if (status && status !== 'pending') void outdated('/wallet', '/me');
    if (status !== 'captured' || !page) return;
    say(t.payment.added, 'good');
    void navigate(page, { replace: true });
  }, [status, page, navigate]);
  if (payment.error && !payment.data) return <Failed error={payment.error} retry={() => void payment.refetch()} />;
  if (!payment.data || status === 'pending')
    return (
      <Waiting patience={t.payment.patienceForMoney}>
        <ButtonLink to={page ?? '/wallet'}>{page ? back : t.payment.myWallet}</ButtonLink>
      </Waiting>
    );
  const { head, text } = topUpWords(payment.data);
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{head}</h1>
      <p className="text-lg text-soft">{text}</p>
      <div className="flex flex-wrap gap-3">
        {page && (
          <ButtonLink look="gold" to={page}>
            {back}
          </ButtonLink>
        )}
        <ButtonLink look={page ? 'plain' : 'gold'} to="/wallet">
          {t.payment.myWallet}
        </ButtonLink>
        {!page && <ButtonLink to="/">{t.design.homePage}</ButtonLink>}
      </div>
    </div>
  );
}

/** Time after which the way on is offered, in milliseconds. The person may have closed the provider's page unpaid. */
const PATIENCE_MS = 6_000;

function Waiting({ patience, children }: { patience: string; children: ReactNode }) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setLong(true);
    }, PATIENCE_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  return (
    <div className="grid gap-5" role="status">
      <h1 className="text-4xl">{t.payment.confirming}</h1>
      <p className="text-lg text-soft">{long ? patience : t.payment.seconds}</p>
      {long ? <div className="flex flex-wrap gap-3">{children}</div> : <Lines rows={2} />}
    </div>
  );
}
