import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useNavigate, useSearchParams } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { idIn } from '../api/ids';
import { outdated, reading } from '../api/queries';
import { rememberedPayment } from '../booking/left';
import { ButtonLink } from '../design/button';
import { money } from '../design/format';
import { useTitle } from '../design/hooks';
import { Failed, Lines, Note } from '../design/notices';
import { say } from '../design/toast';

/** Polling interval while the provider's confirmation is pending, in milliseconds. */
const WATCH_MS = 1_500;

/**
 * Return page after a payment at the provider. The status in its address (`status=succeeded`) can be forged, so
 * only our own API is trusted.
 */
export default function PaymentReturn() {
  useTitle('Payment');
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
  if (booking) return <OfBooking id={booking} />;
  if (payment) return <OfTopUp id={payment} towards={pending?.payment === payment ? pending.towards : undefined} />;
  return (
    <div className="grid gap-5">
      <h1 className="text-4xl">Welcome back</h1>
      <p className="text-lg text-soft">Your tickets and your wallet show the result of the payment.</p>
      <div className="flex flex-wrap gap-3">
        <ButtonLink to="/bookings" look="gold">
          My tickets
        </ButtonLink>
        <ButtonLink to="/wallet">Wallet</ButtonLink>
      </div>
    </div>
  );
}

function OfBooking({ id }: { id: string }) {
  const navigate = useNavigate();
  const booking = useQuery({
    ...reading(`/bookings/${id}`),
    refetchInterval: ({ state }) => (state.data && state.data.status !== 'paying' ? false : WATCH_MS),
  });
  const status = booking.data?.status;
  useEffect(() => {
    if (status === 'confirmed') {
      void outdated('/bookings', '/wallet');
      void navigate(`/bookings/${id}?new`, { replace: true });
    }
  }, [status, id, navigate]);
  if (booking.error && !booking.data) return <Failed error={booking.error} retry={() => void booking.refetch()} />;
  if (!booking.data || status === 'paying' || status === 'confirmed')
    return (
      <Waiting>
        <ButtonLink to={`/checkout/${id}`}>Back to checkout</ButtonLink>
        <ButtonLink to={`/bookings/${id}`}>My booking</ButtonLink>
      </Waiting>
    );
  const unpaid = status === 'held';
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{unpaid ? 'The payment did not go through' : 'This booking was not paid in time'}</h1>
      <p className="text-lg text-soft">
        {unpaid
          ? 'Nothing was charged, and your seats are still held. Try again, or pay another way.'
          : 'If anything was charged, it comes back to you in full. We mail you when it is done.'}
      </p>
      {booking.data.refund && <Note tone="note">{money(booking.data.refund.amount)} is on its way back.</Note>}
      <div className="flex flex-wrap gap-3">
        {unpaid ? (
          <ButtonLink look="gold" to={`/checkout/${id}`}>
            Back to checkout
          </ButtonLink>
        ) : (
          <ButtonLink look="gold" to={`/screenings/${booking.data.screening.screening_id}`}>
            Choose seats again
          </ButtonLink>
        )}
        <ButtonLink to={`/bookings/${id}`}>My booking</ButtonLink>
      </div>
    </div>
  );
}

/** Result of a top-up. Returns straight to the booking `towards`, if any, because its seats are held only briefly. */
function OfTopUp({ id, towards }: { id: string; towards: string | undefined }) {
  const navigate = useNavigate();
  const payment = useQuery({
    ...reading(`/payments/${id}`),
    refetchInterval: ({ state }) => (state.data && state.data.status !== 'pending' ? false : WATCH_MS),
  });
  const status = payment.data?.status;
  useEffect(() => {
    if (status && status !== 'pending') void outdated('/wallet', '/me');
    if (status !== 'captured' || !towards) return;
    say('The money is in your wallet.', 'good');
    void navigate(`/checkout/${towards}`, { replace: true });
  }, [status, towards, navigate]);
  if (payment.error && !payment.data) return <Failed error={payment.error} retry={() => void payment.refetch()} />;
  if (!payment.data || status === 'pending')
    return (
      <Waiting>
        <ButtonLink to={towards ? `/checkout/${towards}` : '/wallet'}>
          {towards ? 'Back to checkout' : 'My wallet'}
        </ButtonLink>
      </Waiting>
    );
  const good = status === 'captured';
  return (
    <div className="arrive grid gap-5">
      <h1 className="text-4xl">{good ? 'The money is in your wallet' : 'No money was added'}</h1>
      <p className="text-lg text-soft">
        {good
          ? payment.data.amount
            ? `${money(payment.data.amount)} was added.`
            : ''
          : 'The card payment was not completed, and nothing was charged.'}
      </p>
      <div className="flex flex-wrap gap-3">
        {towards && (
          <ButtonLink look="gold" to={`/checkout/${towards}`}>
            Back to checkout
          </ButtonLink>
        )}
        <ButtonLink look={towards ? 'plain' : 'gold'} to="/wallet">
          My wallet
        </ButtonLink>
        {!towards && <ButtonLink to="/">Home page</ButtonLink>}
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
      <h1 className="text-4xl">Confirming your payment</h1>
      <p className="text-lg text-soft">
        {long
          ? 'The bank has not confirmed it yet. If you paid, the tickets come by mail. If you did not, you can go back.'
          : 'This takes a few seconds. You can leave the page; nothing gets lost.'}
      </p>
      {long ? <div className="flex flex-wrap gap-3">{children}</div> : <Lines rows={2} />}
    </div>
  );
}
