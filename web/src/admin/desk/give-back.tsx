import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import type { Booking, RefundPart } from '../../api/types';
import { divided } from '../../booking/types';
import { useKey } from '../../api/keys/use-key';
import { Button } from '../../design/button';
import { CheckPill } from '../../design/check-pill';
import { Dialog } from '../../design/dialog';
import { SelectField, TextField } from '../../design/field';
import { money } from '../../design/format';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { seatsListed } from '../../seats/seat-names';
import { listed } from '../../i18n/language';
import { w } from '../../i18n/work/texts';
import { howPaid } from './words';

type RefundWay = 'original' | 'wallet' | 'none';

/** Describes the refund of a whole booking, with the share of each payment. */
function returned({ amount, cancellation }: Booking, way: RefundWay): string {
  const parts = way === 'original' ? divided(amount, cancellation?.parts ?? []) : [];
  if (parts.length < 2) return w.handBack.returned(money(amount));
  const share = ({ to, amount: part }: RefundPart) => w.handBack.share(money(part), howPaid(to));
  return w.handBack.inParts(listed(parts.map(share)));
}

/** Gives some or all seats of a booking back, with a choice of where the money goes. */
export function GiveBackDialog({ booking, onClose }: { booking: Booking; onClose: () => void }) {
  const id = booking.booking_id;
  const [chosen, setChosen] = useState<readonly string[]>(booking.seats);
  const [refund, setRefund] = useState<RefundWay>('original');
  const [reason, setReason] = useState('');
  const key = useKey();
  const all = chosen.length === booking.seats.length;
  const paid = booking.status === 'confirmed' && booking.amount.amount_minor > 0;
  const give = useMutation({
    mutationFn: () => {
      const body = {
        ...(!all && { seats: [...chosen] }),
        ...(paid && { refund }),
        ...(reason.trim() && { reason: reason.trim() }),
      };
      return key.run(body, (text) => command('POST', `/bookings/${id}/cancellation`, { body, key: text }));
    },
    onSuccess: () => {
      say(all ? w.handBack.cancelled : w.handBack.done(chosen.length, seatsListed(chosen)), 'good');
      onClose();
      return outdated('/bookings', '/admin', '/screenings', '/box-office');
    },
  });
  const method = booking.payment?.method;
  const parts = booking.cancellation?.parts ?? [];
  const methods = parts.length > 0 ? [...new Set(parts.map(({ to }) => to))] : method ? [method] : [];
  // Its money is handed back at the counter, for the whole booking.
  const atCounter = method !== undefined && method !== 'wallet' && method !== 'card';
  const ways: [RefundWay, string][] = [
    ['original', methods.length > 0 ? w.handBack.asPaidBy(listed(methods.map(howPaid))) : w.handBack.asPaid],
    ...(atCounter ? [] : [['wallet', w.handBack.toWallet] satisfies [RefundWay, string]]),
    ['none', w.handBack.none],
  ];
  return (
    <Dialog title={w.handBack.title} onClose={onClose}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          give.mutate();
        }}
      >
        {atCounter ? (
          <p className="text-soft">{w.handBack.together}</p>
        ) : (
          <fieldset>
            <legend className="mb-1 text-sm font-semibold">{w.handBack.which}</legend>
            <div className="flex flex-wrap gap-2">
              {booking.seats.map((seat) => (
                <CheckPill
                  key={seat}
                  checked={chosen.includes(seat)}
                  onChange={(checked) => {
                    // In the order of the booking.
                    setChosen(booking.seats.filter((one) => (one === seat ? checked : chosen.includes(one))));
                  }}
                >
                  {seat}
                </CheckPill>
              ))}
            </div>
          </fieldset>
        )}
        {paid && (
          <SelectField
            label={w.handBack.money}
            value={refund}
            onChange={({ target }) => {
              setRefund(target.value as RefundWay);
            }}
          >
            {ways.map(([way, text]) => (
              <option key={way} value={way}>
                {text}
              </option>
            ))}
          </SelectField>
        )}
        <TextField
          label={w.handBack.reason}
          hint={w.handBack.reasonHint}
          maxLength={500}
          autoComplete="off"
          value={reason}
          onChange={({ target }) => {
            setReason(target.value);
          }}
        />
        {chosen.length > 0 && (
          <Note tone="note">
            {all ? w.handBack.cancelled : w.handBack.restStays(chosen.length, seatsListed(chosen))}
            {paid &&
              (refund === 'none'
                ? ` ${w.handBack.houseKeeps}`
                : atCounter
                  ? ` ${w.handBack.waits(money(booking.amount))}`
                  : all
                    ? ` ${returned(booking, refund)}`
                    : ` ${w.handBack.priceReturned(chosen.length)}`)}
          </Note>
        )}
        <Refused error={give.error} />
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            {w.handBack.keep}
          </Button>
          <Button type="submit" look="danger" busy={give.isPending} disabled={chosen.length === 0 || give.isPending}>
            {all ? w.handBack.cancel : w.handBack.give}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
