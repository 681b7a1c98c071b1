import type { Booking } from '../api/types';
import { money, when } from '../design/format';
import { Note } from '../design/notices';
import { listed } from '../i18n/language';
import { t } from '../i18n/texts';
import { useCalledOff } from './called-off';

/** Says that the theatre, not the customer, cancelled, and why. */
export function CalledOff({ booking }: { booking: Booking }) {
  const text = useCalledOff(booking);
  if (!text) return null;
  return <Note tone="warn">{t.booking.byTheatre(text)}</Note>;
}

/** Says what the theatre changed since the booking was made. */
export function Rescheduled({ booking }: { booking: Booking }) {
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

/** Says which seats were given back, and where their money is. */
export function Returns({ booking }: { booking: Booking }) {
  return booking.returns
    .filter(({ seats }) => seats.length > 0)
    .map(({ return_id, seats, by, refund }) => {
      const { status, to, amount } = refund ?? {};
      const back =
        amount === undefined
          ? ''
          : status === 'completed'
            ? (to === 'card' ? t.booking.onCard : t.booking.inWallet)(money(amount))
            : status === 'failed' || status === 'review'
              ? t.booking.check(money(amount))
              : (to === 'card' ? t.booking.toCard : t.booking.toWallet)(money(amount));
      return (
        <Note key={return_id} tone={status === 'completed' ? 'good' : 'note'}>
          {(by === 'customer' ? t.giveBack.wasBack : t.giveBack.wasTaken)(listed(seats))} {back}
        </Note>
      );
    });
}

export function Refund({ booking }: { booking: Booking }) {
  const { refund } = booking;
  if (!refund) return null;
  const amount = money(refund.amount);
  if (refund.status === 'completed')
    return <Note tone="good">{refund.to === 'card' ? t.booking.onCard(amount) : t.booking.inWallet(amount)}</Note>;
  if (refund.status === 'failed' || refund.status === 'review')
    return <Note tone="warn">{t.booking.check(amount)}</Note>;
  return <Note tone="note">{refund.to === 'card' ? t.booking.toCard(amount) : t.booking.toWallet(amount)}</Note>;
}
