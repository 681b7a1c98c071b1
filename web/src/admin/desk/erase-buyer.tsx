import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';

/** Asks before a buyer without an account is erased. */
export function EraseBuyerDialog({ booking, onClose }: { booking: string; onClose: () => void }) {
  const erase = useMutation({
    mutationFn: () => command('DELETE', `/admin/bookings/${booking}/customer`),
    onSuccess: () => {
      say(w.desk.isErased, 'good');
      onClose();
      return outdated('/bookings', '/admin', '/screenings', '/box-office');
    },
  });
  return (
    <Dialog title={w.desk.erase} onClose={onClose}>
      <p>{w.desk.eraseAll}</p>
      <p className="mt-3 text-soft">{w.desk.eraseStays}</p>
      <Refused error={erase.error} />
      <div className="mt-5 grid gap-3 xs:grid-cols-2">
        <Button data-first onClick={onClose}>
          {w.desk.keepBuyer}
        </Button>
        <Button
          look="danger"
          busy={erase.isPending}
          disabled={erase.isPending}
          onClick={() => {
            erase.mutate();
          }}
        >
          {w.desk.eraseForGood}
        </Button>
      </div>
    </Dialog>
  );
}
