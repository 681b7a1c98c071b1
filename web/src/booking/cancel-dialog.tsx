import { useMutation } from '@tanstack/react-query';

import { command } from '../api/client';
import { outdated } from '../api/queries';
import type { Booking } from '../api/types';
import { Note } from '../design/notices';
import { Question } from '../design/question';
import { say } from '../design/toast';
import { seatsListed } from '../seats/seat-names';
import { t } from '../i18n/texts';
import { cancellationInWords, whenOf } from './types';

export function CancelDialog({ booking, onClose }: { booking: Booking; onClose: () => void }) {
  const cancel = useMutation({
    mutationFn: () => command('DELETE', `/bookings/${booking.booking_id}`),
    onSuccess: async () => {
      await outdated('/bookings', '/wallet', '/screenings', '/me');
      say(t.booking.cancelled, 'good');
      onClose();
      // Without the codes the page is short, and the result is at its top.
      window.scrollTo({ top: 0 });
    },
  });
  return (
    <Question
      title={t.booking.cancelThis}
      verb={t.booking.cancelAndRefund}
      harmless={t.booking.keep}
      act={cancel}
      onClose={onClose}
    >
      <p className="text-lg">{t.booking.backOnSale(booking.seats.length, seatsListed(booking.seats))}</p>
      <Note tone="note">{cancellationInWords(booking)}</Note>
      {booking.cancellation && (
        <p className="text-soft">{t.booking.canUntil(whenOf(booking, booking.cancellation.until))}</p>
      )}
    </Question>
  );
}
