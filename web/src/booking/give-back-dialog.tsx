import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../api/client';
import { useKey } from '../api/keys/use-key';
import { outdated } from '../api/queries';
import type { Booking } from '../api/types';
import { Button } from '../design/button';
import { CheckPill } from '../design/check-pill';
import { Dialog } from '../design/dialog';
import { money } from '../design/format';
import { Note, Refused } from '../design/notices';
import { say } from '../design/toast';
import { ticketType } from '../i18n/ticket-type';
import { seatsListed } from '../seats/seat-names';
import { t } from '../i18n/texts';
import { STANDARD } from '../seats/choice/ticket-types';
import { refundOfSeats, seatRefundInWords, whenOf } from './types';

/** Gives some seats of a paid booking back; the other tickets stay valid. */
export function GiveBackDialog({ booking, onClose }: { booking: Booking; onClose: () => void }) {
  const { booking_id: id, cancellation, lines, seats } = booking;
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const key = useKey();
  const give = useMutation({
    mutationFn: () => {
      const body = { seats: [...chosen] };
      return key.run(body, (text) => command('POST', `/bookings/${id}/cancellation`, { body, key: text }));
    },
    onSuccess: async () => {
      await outdated('/bookings', '/wallet', '/screenings', '/me');
      say(t.giveBack.done(seatsListed(chosen)), 'good');
      onClose();
      window.scrollTo({ top: 0 });
    },
  });
  const all = chosen.length === seats.length;
  const { refund, kept } = refundOfSeats(booking, chosen);
  return (
    <Dialog title={t.giveBack.title} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen.length > 0 && !all) give.mutate();
        }}
      >
        <fieldset>
          <legend className="mb-2 text-lg">{t.giveBack.which}</legend>
          <div className="grid gap-2">
            {lines.map(({ seat, ticket_type: type, price, discount }) => (
              <CheckPill
                key={seat}
                className="!rounded-2xl"
                checked={chosen.includes(seat)}
                onChange={(checked) => {
                  give.reset();
                  // In the order of the booking.
                  setChosen(seats.filter((one) => (one === seat ? checked : chosen.includes(one))));
                }}
              >
                <span className="whitespace-nowrap">{seat}</span>
                {type !== STANDARD && <span className="min-w-0 font-normal wrap-anywhere">{ticketType(type)}</span>}
                <span className="numbers ms-auto font-normal">
                  {money({ ...price, amount_minor: price.amount_minor - discount.amount_minor })}
                </span>
              </CheckPill>
            ))}
          </div>
        </fieldset>
        <div role="status" className="empty:hidden">
          {all ? (
            <Note tone="warn">{t.giveBack.all}</Note>
          ) : (
            chosen.length > 0 && (
              <Note tone="note">
                {seatRefundInWords(booking, refund)}
                {kept.amount_minor > 0 && ` ${t.giveBack.kept(money(kept))}`}
                {booking.fees.amount_minor > 0 && ` ${t.giveBack.feesStay}`} {t.giveBack.restStays}
              </Note>
            )
          )}
        </div>
        {cancellation && <p className="text-soft">{t.booking.canUntil(whenOf(booking, cancellation.until))}</p>}
        <Refused error={give.error} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Button onClick={onClose}>{t.giveBack.keep}</Button>
          <Button
            type="submit"
            look="danger"
            busy={give.isPending}
            disabled={chosen.length === 0 || all || give.isPending}
          >
            {chosen.length > 0 ? t.giveBack.go(chosen.length) : t.giveBack.title}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
