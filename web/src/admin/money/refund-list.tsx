import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { listing, outdated } from '../../api/queries';
import type { CustomersRefund } from '../../api/types';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { Answer, Card, More, Sure, Table } from '../parts';
import { Filter, useStatus, HistoryLink, CustomerCell } from './list-parts';
import { RetryRefund } from './retry-refund';

export function RefundList() {
  const [status, setStatus] = useStatus();
  const refunds = useInfiniteQuery({ ...listing('/admin/refunds', { status }), retry: 1 });
  const [asked, setAsked] = useState<CustomersRefund | null>(null);
  const key = useKey();
  const toWallet = useMutation({
    mutationFn: (id: string) => key.run(id, (text) => command('POST', `/admin/refunds/${id}/to-wallet`, { key: text })),
    onSuccess: () => {
      setAsked(null);
      return outdated('/admin');
    },
  });
  return (
    <Card title="Refunds">
      <div className="mb-5 max-w-56">
        <Filter
          statuses={['requested', 'attempted', 'submitted', 'failed', 'review', 'completed']}
          status={status}
          onStatus={setStatus}
        />
      </div>
      <Answer of={refunds}>
        {({ items }) => (
          <Table
            label="Refunds"
            rows={items}
            keyOf={(row) => row.payment_id}
            empty={status ? 'No refund is in that state' : 'Nothing had to be refunded so far'}
            columns={[
              {
                name: 'Requested',
                cell: (row) => (
                  <span className="whitespace-nowrap">{row.requested_at ? when(row.requested_at, 'full') : '–'}</span>
                ),
              },
              { name: 'Customer', cell: (row) => <CustomerCell customer={row.customer} /> },
              { name: 'Why', cell: (row) => row.reason?.replaceAll('_', ' ') ?? '–' },
              { name: 'To', cell: (row) => <span className="capitalize">{row.to ?? '–'}</span> },
              { name: 'Amount', right: true, cell: (row) => money(row.amount) },
              {
                name: 'Status',
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {(row.status === 'failed' || row.status === 'review') && (
                      <span className="flex gap-2">
                        <RetryRefund payment={row.payment_id} />
                        <Button
                          size="small"
                          onClick={() => {
                            toWallet.reset();
                            setAsked(row);
                          }}
                        >
                          To the wallet
                        </Button>
                      </span>
                    )}
                    {row.failure && <span className="text-sm text-soft">{row.failure}</span>}
                  </span>
                ),
              },
              { name: '', cell: (row) => <HistoryLink aggregate="payment" id={row.payment_id} /> },
            ]}
          />
        )}
      </Answer>
      <More of={refunds} />
      {asked && (
        <Sure
          title="Refund to the wallet?"
          verb="To the wallet"
          act={{
            ...toWallet,
            mutate: () => {
              toWallet.mutate(asked.payment_id);
            },
          }}
          onClose={() => {
            setAsked(null);
          }}
        >
          {money(asked.amount)} will go to the wallet of {asked.customer?.name ?? 'the customer'}, and not back the way
          it was paid.
        </Sure>
      )}
    </Card>
  );
}
