import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import type { Booking } from '../../api/types';
import { Button } from '../../design/button';
import { money } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { seatsListed } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { leaveToPay, paymentPage } from '../left';
import { whenOf } from '../types';

/** Says that new seats wait for the difference, with the way to pay it and the way out. */
export function OpenMove({ booking }: { booking: Booking }) {
  const giveUp = useMutation({
    mutationFn: () => command('DELETE', `/bookings/${booking.booking_id}/move`),
    onSuccess: () => {
      say(t.move.givenUp, 'good');
    },
    // The money may have arrived meanwhile.
    onSettled: () => outdated('/bookings', '/screenings'),
  });
  const open = booking.open_move;
  if (!open) return null;
  if (open.paid) return <Note tone="note">{t.move.follows(seatsListed(open.seats))}</Note>;
  const page = paymentPage(open.checkout_url);
  return (
    <Note tone="warn">
      {t.move.waits(seatsListed(open.seats), money(open.amount), whenOf(booking, open.pay_until))}
      <Refused error={giveUp.error} />
      <span className="mt-3 flex flex-wrap gap-2 print:hidden">
        {page && (
          <Button
            look="gold"
            onClick={() => {
              leaveToPay(page);
            }}
          >
            {t.move.payNow(money(open.amount))}
          </Button>
        )}
        <Button
          busy={giveUp.isPending}
          onClick={() => {
            giveUp.mutate();
          }}
        >
          {t.move.giveUp}
        </Button>
      </span>
    </Note>
  );
}
