import type { Booking } from '../api/types';
import { Note } from '../design/notices';
import { seatsListed } from '../seats/seat-names';
import { t } from '../i18n/texts';
import { useCalledOff } from './called-off';
import { whereabouts, wholeReturns } from './returns';
import { whenOf } from './types';

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
  const { starts_at } = booking.screening;
  const moved = Date.parse(before.starts_at) !== Date.parse(starts_at);
  return (
    <Note tone="warn">
      {moved && t.booking.otherTime(whenOf(booking, before.starts_at), whenOf(booking, starts_at))}{' '}
      {before.screen !== booking.screen.name && t.booking.otherScreen(before.screen, booking.screen.name)}{' '}
      {booking.cancellation?.possible && t.booking.freeUntil(whenOf(booking, booking.cancellation.until))}
    </Note>
  );
}

/** Says which seats were given back, and where their money is. */
export function Returns({ booking }: { booking: Booking }) {
  return wholeReturns(booking.returns)
    .filter(({ seats }) => seats.length > 0)
    .map(({ return_id, seats, by, refunds }) => {
      const arrived = refunds.length > 0 && refunds.every(({ status }) => status === 'completed');
      return (
        <Note key={return_id} tone={arrived ? 'good' : 'note'}>
          {(by === 'customer' ? t.giveBack.wasBack : t.giveBack.wasTaken)(seatsListed(seats))}{' '}
          {refunds.map(whereabouts).join(' ')}
        </Note>
      );
    });
}

const TONES: Record<string, 'good' | 'warn'> = { completed: 'good', failed: 'warn', review: 'warn' };

export function Refund({ booking: { refund } }: { booking: Booking }) {
  if (!refund) return null;
  return <Note tone={TONES[refund.status] ?? 'note'}>{whereabouts(refund)}</Note>;
}
