import { useMutation } from '@tanstack/react-query';

import { command } from '../api/client';
import { outdated } from '../api/queries';
import type { Booking } from '../api/types';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { when } from '../design/format';
import { Note, Refused } from '../design/notices';
import { say } from '../design/toast';
import { listed } from '../i18n/language';
import { t } from '../i18n/texts';
import { cancellationInWords } from './types';

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
    <Dialog title={t.booking.cancelThis} onClose={onClose}>
      <div className="grid gap-4">
        <p className="text-lg">{t.booking.backOnSale(booking.seats.length, listed(booking.seats))}</p>
        <Note tone="note">{cancellationInWords(booking)}</Note>
        {booking.cancellation && (
          <p className="text-soft">
            {t.booking.canUntil(when(booking.cancellation.until, 'full', booking.screening.timezone))}
          </p>
        )}
        <Refused error={cancel.error} />
        <div className="grid gap-3 sm:grid-cols-2">
          <Button data-first onClick={onClose}>
            {t.booking.keep}
          </Button>
          <Button
            look="danger"
            busy={cancel.isPending}
            onClick={() => {
              cancel.mutate();
            }}
          >
            {t.booking.cancelAndRefund}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
