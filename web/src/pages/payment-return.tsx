import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { idIn } from '../api/keys/ids';
import { outdated, reading } from '../api/queries';
import { pageAfter, rememberedPayment, type Towards } from '../booking/left';
import { ButtonLink } from '../design/button';
import { money } from '../design/format';
import { useTitle } from '../design/hooks';
import { Failed, Lines, Note } from '../design/notices';
import { say } from '../design/toast';
import { t } from '../i18n/texts';

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
    refetchInterval: ({ state }) => (state.data && state.data.status !== 'paying' ? false : WATCH_MS),
  });
  const status = booking.data?.status;
  // The difference of a move, paid or not: the booking is not new.
  const isMove = payment !== null && booking.data?.payment?.payment_id !== payment;
  useEffect(() => {
    if (status === 'confirmed') {
      void outdated('/bookings', '/wallet');
      void navigate(isMove ? `/bookings/${id}` : `/bookings/${id}?new`, { replace: true });
    }
  }, [status, isMove, id, navigate]);
  if (booking.error && !booking.data) return <Failed error={booking.error} retry={() => void booking.refetch()} />;
  if (!booking.data || status === 'paying' || status === 'confirmed')
    return (
      <Waiting>
        <ButtonLink to={`/checkout/${id}`}>{t.payment.toCheckout}</ButtonLink>
        <ButtonLink to={`/bookings/${id}`}>{t.payment.myBooking}</ButtonLink>
      </Waiting>
    );
  const unpaid = status === 'held';
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{unpaid ? t.payment.failed : t.payment.notInTime}</h1>
      <p className="text-lg text-soft">{unpaid ? t.payment.stillHeld : t.payment.comesBack}</p>
      {booking.data.refund && <Note tone="note">{t.payment.onItsWay(money(booking.data.refund.amount))}</Note>}
      <div className="flex flex-wrap gap-3">
        {unpaid ? (
          <ButtonLink look="gold" to={`/checkout/${id}`}>
            {t.payment.toCheckout}
          </ButtonLink>
        ) : (
          <ButtonLink look="gold" to={`/screenings/${booking.data.screening.screening_id}`}>
            {t.payment.chooseAgain}
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
      <Waiting>
        <ButtonLink to={page ?? '/wallet'}>{page ? back : t.payment.myWallet}</ButtonLink>
      </Waiting>
    );
  const good = status === 'captured';
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{good ? t.payment.addedHead : t.payment.notAdded}</h1>
      <p className="text-lg text-soft">
        {good ? (payment.data.amount ? t.payment.wasAdded(money(payment.data.amount)) : '') : t.payment.notCompleted}
      </p>
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

function Waiting({ children }: { children: ReactNode }) {
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
      <p className="text-lg text-soft">{long ? t.payment.patience : t.payment.seconds}</p>
      {long ? <div className="flex flex-wrap gap-3">{children}</div> : <Lines rows={2} />}
    </div>
  );
}
