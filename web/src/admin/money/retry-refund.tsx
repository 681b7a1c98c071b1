import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated } from '../../api/queries';
import { Button } from '../../design/button';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';

/** Asks the provider once more to refund a payment. */
export function RetryRefund({ payment }: { payment: string }) {
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
      busy={retry.isPending}
      onClick={() => {
        retry.mutate();
      }}
    >
      {w.refunds.again}
    </Button>
  );
}
