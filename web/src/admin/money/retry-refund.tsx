import { useMutation } from '@tanstack/react-query';

import { command, newKey } from '../../api/client';
import { outdated } from '../../api/queries';
import { Button } from '../../design/button';
import { say } from '../../design/toast';

/** Asks the provider once more to refund a payment. */
export function RetryRefund({ payment }: { payment: string }) {
  const retry = useMutation({
    mutationFn: () => command('POST', `/admin/refunds/${payment}/retry`, { key: newKey() }),
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
      Try again
    </Button>
  );
}
