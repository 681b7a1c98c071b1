import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated } from '../../api/queries';
import type { CustomersRefund } from '../../api/types';
import { Button } from '../../design/button';
import { money } from '../../design/format';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';

/** A refund as it is read out. */
export function refundName({ amount, customer }: CustomersRefund): string {
  return [money(amount), customer?.name].filter(Boolean).join(', ');
}

/** Asks the provider once more to refund a payment. */
export function RetryRefund({ refund }: { refund: CustomersRefund }) {
  const payment = refund.payment_id;
  const key = useKey();
  const retry = useMutation({
    mutationFn: () => key.run(payment, (text) => command('POST', `/admin/refunds/${payment}/retry`, { key: text })),
    onSuccess: () => outdated('/admin'),
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <Button
      size="small"
      aria-label={w.house.of(w.refunds.again, refundName(refund))}
      busy={retry.isPending}
      onClick={() => {
        retry.mutate();
      }}
    >
      {w.refunds.again}
    </Button>
  );
}
