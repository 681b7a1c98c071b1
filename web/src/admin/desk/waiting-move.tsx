import { useMutation, useQuery } from '@tanstack/react-query';
import { Copy } from 'lucide-react';
import { useState } from 'react';

import { command } from '../../api/client';
import { outdated, reading } from '../../api/queries';
import { paymentPage } from '../../booking/left';
import { whenOf } from '../../booking/types';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { money, when } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { seatsListed } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import type { CustomersBooking } from './desk';

/** Says that a move waits until the customer paid the difference, with the link to pass on and the way out. */
export function WaitingMove({ booking }: { booking: CustomersBooking }) {
  const open = booking.open_move;
  const target = open?.screening_id ?? booking.screening.screening_id;
  const isElsewhere = target !== booking.screening.screening_id;
  const { data: elsewhere } = useQuery({ ...reading(`/screenings/${target}`), enabled: isElsewhere });
  const now = useNow(5_000);
  const withdraw = useMutation({
    mutationFn: () => command('DELETE', `/bookings/${booking.booking_id}/move`),
    onSuccess: () => {
      say(w.relocate.withdrawn, 'good');
    },
    // The money may have arrived meanwhile.
    onSettled: () => outdated('/bookings', '/admin/bookings', '/screenings'),
  });
  if (!open) return null;
  const names = seatsListed(open.seats);
  const seats = elsewhere ? `${names} (${when(elsewhere.starts_at, 'full', elsewhere.timezone)})` : names;
  if (open.paid)
    return (
      <Note tone="note" className="mt-4">
        {w.relocate.follows(seats)}
      </Note>
    );
  const isOver = Date.parse(open.pay_until) <= now;
  const page = isOver ? null : paymentPage(open.checkout_url);
  return (
    <Note tone="warn" className="mt-4">
      {isOver ? w.relocate.ends : w.relocate.waits(seats, money(open.amount), whenOf(booking, open.pay_until))}
      <Refused error={withdraw.error} />
      <div className="mt-3 flex flex-wrap items-end gap-2">
        {page && <PaymentLink page={page} />}
        <Button
          busy={withdraw.isPending}
          onClick={() => {
            withdraw.mutate();
          }}
        >
          {w.relocate.withdraw}
        </Button>
      </div>
    </Note>
  );
}

/** The address of the payment page, to pass on to the customer. */
function PaymentLink({ page }: { page: string }) {
  const [isRefused, setIsRefused] = useState(false);
  // Without HTTPS there is no clipboard, and browsers may refuse it: the link is copied by hand.
  if (isRefused || !('clipboard' in navigator))
    return (
      <TextField
        label={w.relocate.link}
        readOnly
        value={page}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
      />
    );
  return (
    <Button
      onClick={() => {
        navigator.clipboard.writeText(page).then(
          () => {
            say(w.relocate.copied, 'good');
          },
          () => {
            setIsRefused(true);
          },
        );
      }}
    >
      <Copy size={18} aria-hidden /> {w.relocate.copyLink}
    </Button>
  );
}
