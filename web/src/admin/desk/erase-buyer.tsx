import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';

/** Asks before a buyer without an account is erased. */
export function EraseBuyerDialog({ booking, onClose }: { booking: string; onClose: () => void }) {
  const erase = useMutation({
    mutationFn: () => command('DELETE', `/admin/bookings/${booking}/customer`),
    onSuccess: () => {
      say('The buyer is erased.', 'good');
      onClose();
      return outdated('/bookings', '/admin', '/screenings', '/box-office');
    },
  });
  return (
    <Dialog title="Erase the buyer" onClose={onClose}>
      <p>
        Name, e-mail address, telephone number and all notes about this booking are erased for good. Nobody can bring
        them back.
      </p>
      <p className="mt-3 text-soft">
        The booking and its money stay in the books, and the tickets stay valid. No more mails are sent about it.
      </p>
      <Refused error={erase.error} />
      <div className="mt-5 grid gap-3 xs:grid-cols-2">
        <Button data-first onClick={onClose}>
          Keep the buyer
        </Button>
        <Button
          look="danger"
          busy={erase.isPending}
          disabled={erase.isPending}
          onClick={() => {
            erase.mutate();
          }}
        >
          Erase for good
        </Button>
      </div>
    </Dialog>
  );
}
