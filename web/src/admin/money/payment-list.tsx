import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { listing, outdated } from '../../api/queries';
import type { CustomersPayment } from '../../api/types';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Sure, Table } from '../parts';
import { apiWord } from './api-word';
import { Filter, useStatus, HistoryLink, CustomerCell } from './list-parts';

/** A payment as it is read out. */
function nameOf({ amount, captured, customer }: CustomersPayment): string {
  return [money(captured ?? amount), customer?.name].filter(Boolean).join(', ');
}

const STATUSES = ['pending', 'captured', 'failed', 'expired', 'refunding', 'refunded', 'review'];

export function PaymentList() {
  const [status, setStatus] = useStatus(STATUSES);
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
    <Card title={w.money.lists.payments}>
      <div className="mb-5 max-w-56">
        <Filter statuses={STATUSES} status={status} onStatus={setStatus} />
      </div>
      <Answer of={payments}>
        {({ items }) => (
          <Table
            label={w.money.lists.payments}
            rows={items}
            keyOf={(row) => row.payment_id}
            empty={status ? w.payments.noMatch : w.payments.none}
            columns={[
              {
                name: w.money.columns.begun,
                cell: (row) => <span className="lg:whitespace-nowrap">{when(row.created_at, 'full')}</span>,
              },
              { name: w.money.columns.customer, cell: (row) => <CustomerCell customer={row.customer} /> },
              {
                name: w.money.columns.for,
                cell: (row) => (row.purpose === 'top_up' ? w.payments.topUp : w.payments.booking),
              },
              { name: w.money.columns.by, cell: (row) => <span className="capitalize">{apiWord(row.method)}</span> },
              { name: w.money.columns.amount, right: true, cell: (row) => money(row.captured ?? row.amount) },
              {
                name: w.money.columns.status,
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {row.status === 'review' && (
                      <span className="flex gap-2">
                        <Button
                          size="small"
                          aria-label={w.house.of(w.payments.accept, nameOf(row))}
                          onClick={() => {
                            ask(row, 'accept');
                          }}
                        >
                          {w.payments.accept}
                        </Button>
                        <Button
                          size="small"
                          aria-label={w.house.of(w.payments.refund, nameOf(row))}
                          onClick={() => {
                            ask(row, 'refund');
                          }}
                        >
                          {w.payments.refund}
                        </Button>
                      </span>
                    )}
                    {row.failure_reason && <span className="text-sm text-soft">{apiWord(row.failure_reason)}</span>}
                  </span>
                ),
              },
              { name: '', cell: (row) => <HistoryLink aggregate="payment" id={row.payment_id} of={nameOf(row)} /> },
            ]}
          />
        )}
      </Answer>
      <More of={payments} />
      {asked && (
        <Sure
          title={asked.decision === 'accept' ? w.payments.sureAccept : w.payments.sureRefund}
          verb={asked.decision === 'accept' ? w.payments.acceptIt : w.payments.refundIt}
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
          {(asked.decision === 'accept' ? w.payments.counts : w.payments.goesBack)(
            money(asked.payment.captured ?? asked.payment.amount),
            asked.payment.customer?.name ?? w.payments.customer,
          )}
        </Sure>
      )}
    </Card>
  );
}
