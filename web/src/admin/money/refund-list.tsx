import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { listing, outdated } from '../../api/queries';
import type { CustomersRefund } from '../../api/types';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Sure, Table } from '../parts';
import { apiWord } from './api-word';
import { Filter, useStatus, HistoryLink, CustomerCell } from './list-parts';
import { refundName, RetryRefund } from './retry-refund';

const STATUSES = ['requested', 'attempted', 'submitted', 'failed', 'review', 'completed'];

export function RefundList() {
  const [status, setStatus] = useStatus(STATUSES);
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
    <Card title={w.money.lists.refunds}>
      <div className="mb-5 max-w-56">
        <Filter statuses={STATUSES} status={status} onStatus={setStatus} />
      </div>
      <Answer of={refunds}>
        {({ items }) => (
          <Table
            label={w.money.lists.refunds}
            rows={items}
            keyOf={(row) => row.payment_id}
            empty={status ? w.refunds.noMatch : w.refunds.none}
            columns={[
              {
                name: w.money.columns.requested,
                cell: (row) => (
                  <span className="whitespace-nowrap">{row.requested_at ? when(row.requested_at, 'full') : '–'}</span>
                ),
              },
              { name: w.money.columns.customer, cell: (row) => <CustomerCell customer={row.customer} /> },
              { name: w.money.columns.why, cell: (row) => (row.reason ? apiWord(row.reason) : '–') },
              {
                name: w.money.columns.to,
                cell: (row) => <span className="capitalize">{row.to ? apiWord(row.to) : '–'}</span>,
              },
              { name: w.money.columns.amount, right: true, cell: (row) => money(row.amount) },
              {
                name: w.money.columns.status,
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {(row.status === 'failed' || row.status === 'review') && (
                      <span className="flex gap-2">
                        <RetryRefund refund={row} />
                        <Button
                          size="small"
                          aria-label={w.house.of(w.refunds.toWallet, refundName(row))}
                          onClick={() => {
                            toWallet.reset();
                            setAsked(row);
                          }}
                        >
                          {w.refunds.toWallet}
                        </Button>
                      </span>
                    )}
                    {row.failure && <span className="text-sm text-soft">{row.failure}</span>}
                  </span>
                ),
              },
              { name: '', cell: (row) => <HistoryLink aggregate="payment" id={row.payment_id} of={refundName(row)} /> },
            ]}
          />
        )}
      </Answer>
      <More of={refunds} />
      {asked && (
        <Sure
          title={w.refunds.sure}
          verb={w.refunds.toWallet}
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
          {w.refunds.goes(money(asked.amount), asked.customer?.name ?? w.refunds.customer)}
        </Sure>
      )}
    </Card>
  );
}
