import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import { Question } from '../../design/question';
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
    <Question title={w.desk.erase} verb={w.desk.eraseForGood} harmless={w.desk.keepBuyer} act={erase} onClose={onClose}>
      <p>{w.desk.eraseAll}</p>
      <p className="text-soft">{w.desk.eraseStays}</p>
    </Question>
  );
}
