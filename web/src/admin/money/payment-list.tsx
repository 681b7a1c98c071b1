import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { listing, outdated } from '../../api/queries';
import type { CustomersPayment } from '../../api/types';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { Answer, Card, More, Sure, Table } from '../parts';
import { Filter, useStatus, HistoryLink, CustomerCell } from './list-parts';

export function PaymentList() {
  const [status, setStatus] = useStatus();
  const payments = useInfiniteQuery({ ...listing('/admin/payments', { status }), retry: 1 });
  const [asked, setAsked] = useState<{ payment: CustomersPayment; decision: 'accept' | 'refund' } | null>(null);
  const key = useKey();
  const decide = useMutation({
    mutationFn: ({ payment, decision }: { payment: CustomersPayment; decision: 'accept' | 'refund' }) =>
      key.run([payment.payment_id, decision], (text) =>
        command('POST', `/admin/payments/${payment.payment_id}/decision`, { body: { decision }, key: text }),
      ),
    onSuccess: () => {
      setAsked(null);
      return outdated('/admin');
    },
  });
  const ask = (payment: CustomersPayment, decision: 'accept' | 'refund') => {
    decide.reset();
    setAsked({ payment, decision });
  };
  return (
    <Card title="Payments">
      <div className="mb-5 max-w-56">
        <Filter
          statuses={['pending', 'captured', 'failed', 'expired', 'refunding', 'refunded', 'review']}
          status={status}
          onStatus={setStatus}
        />
      </div>
      <Answer of={payments}>
        {({ items }) => (
          <Table
            label="Payments"
            rows={items}
            keyOf={(row) => row.payment_id}
            empty={status ? 'No payment has this status' : 'No payments yet'}
            columns={[
              {
                name: 'Begun',
                cell: (row) => <span className="lg:whitespace-nowrap">{when(row.created_at, 'full')}</span>,
              },
              { name: 'Customer', cell: (row) => <CustomerCell customer={row.customer} /> },
              { name: 'For', cell: (row) => (row.purpose === 'top_up' ? 'Top-up' : 'Booking') },
              { name: 'By', cell: (row) => <span className="capitalize">{row.method}</span> },
              { name: 'Amount', right: true, cell: (row) => money(row.captured ?? row.amount) },
              {
                name: 'Status',
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {row.status === 'review' && (
                      <span className="flex gap-2">
                        <Button
                          size="small"
                          onClick={() => {
                            ask(row, 'accept');
                          }}
                        >
                          Accept
                        </Button>
                        <Button
                          size="small"
                          onClick={() => {
                            ask(row, 'refund');
                          }}
                        >
                          Refund
                        </Button>
                      </span>
                    )}
                    {row.failure_reason && (
                      <span className="text-sm text-soft">{row.failure_reason.replaceAll('_', ' ')}</span>
                    )}
                  </span>
                ),
              },
              { name: '', cell: (row) => <HistoryLink aggregate="payment" id={row.payment_id} /> },
            ]}
          />
        )}
      </Answer>
      <More of={payments} />
      {asked && (
        <Sure
          title={asked.decision === 'accept' ? 'Accept this payment?' : 'Refund this payment?'}
          verb={asked.decision === 'accept' ? 'Accept it' : 'Refund it'}
          act={{
            ...decide,
            mutate: () => {
              decide.mutate(asked);
            },
          }}
          onClose={() => {
            setAsked(null);
          }}
        >
          {money(asked.payment.captured ?? asked.payment.amount)} of {asked.payment.customer?.name ?? 'a customer'}{' '}
          {asked.decision === 'accept' ? 'will count as paid.' : 'will go back.'}
        </Sure>
      )}
    </Card>
  );
}
