import { useQuery } from '@tanstack/react-query';

import { reading } from '../../api/queries';
import type { CustomersRefund, Summed } from '../../api/types';
import { Status } from '../../design/badge';
import { money, when, number } from '../../design/format';
import { Note } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Table } from '../parts';
import { apiWord } from './api-word';
import { CustomerCell, HistoryLink } from './list-parts';
import { refundName, RetryRefund } from './retry-refund';

export function ReconciliationReport() {
  const answer = useQuery({ ...reading('/admin/reconciliation'), retry: 1 });
  return (
    <Card title={w.money.lists.reconciliation}>
      <Answer of={answer}>
        {(one) => (
          <div className="grid gap-6">
            {one.unmatched.length === 0 ? (
              <Note tone="good">{w.reconciliation.addsUp(when(one.settled_before, 'full'))}</Note>
            ) : (
              <Note tone="bad">{w.reconciliation.attention(one.unmatched.length)}</Note>
            )}
            {one.unmatched.length > 0 && (
              <Table
                label={w.reconciliation.entries}
                rows={one.unmatched}
                keyOf={(row) => `${row.kind} ${row.payment_id ?? ''} ${row.provider_id ?? ''}`}
                columns={[
                  {
                    name: w.money.columns.what,
                    cell: (row) => (
                      <>
                        <span className="font-semibold">{w.reconciliation.mismatches[row.kind].what}</span>
                        <span className="block text-sm text-soft">{w.reconciliation.mismatches[row.kind].advice}</span>
                      </>
                    ),
                  },
                  {
                    name: w.money.columns.expected,
                    right: true,
                    cell: (row) => (row.expected ? money(row.expected) : '–'),
                  },
                  { name: w.money.columns.found, right: true, cell: (row) => (row.found ? money(row.found) : '–') },
                  { name: w.money.columns.since, cell: (row) => (row.since ? when(row.since, 'full') : '–') },
                  {
                    name: '',
                    cell: (row) =>
                      row.payment_id && (
                        <HistoryLink
                          aggregate="payment"
                          id={row.payment_id}
                          of={w.reconciliation.mismatches[row.kind].what}
                        />
                      ),
                  },
                ]}
              />
            )}
            {one.open_refunds.length > 0 && <OpenRefunds refunds={one.open_refunds} />}
            <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2 lg:grid-cols-3">
              <Sums title={w.reconciliation.sums.captured} sums={one.captured} />
              <Sums title={w.reconciliation.sums.refunded} sums={one.refunded} />
              <Sums title={w.reconciliation.sums.refunding} sums={one.refunding} />
              <Sums title={w.reconciliation.sums.inReview} sums={one.in_review} />
              <Sums title={w.reconciliation.sums.movements} sums={one.wallet_movements} />
              <Sums title={w.reconciliation.sums.balance} sums={one.wallet_balance} />
              {one.provider && <Sums title={w.reconciliation.sums.provider} sums={one.provider} />}
            </div>
          </div>
        )}
      </Answer>
    </Card>
  );
}

function OpenRefunds({ refunds }: { refunds: readonly CustomersRefund[] }) {
  return (
    <div className="grid gap-3">
      <Note tone="bad">{w.reconciliation.late(refunds.length)}</Note>
      <Table
        label={w.reconciliation.open}
        rows={refunds}
        keyOf={(row) => row.payment_id}
        columns={[
          { name: w.money.columns.requested, cell: (row) => (row.requested_at ? when(row.requested_at, 'full') : '–') },
          { name: w.money.columns.customer, cell: (row) => <CustomerCell customer={row.customer} /> },
          {
            name: w.money.columns.to,
            cell: (row) => <span className="capitalize">{row.to ? apiWord(row.to) : '–'}</span>,
          },
          { name: w.money.columns.amount, right: true, cell: (row) => money(row.amount) },
          { name: w.money.columns.status, cell: (row) => <Status of={row.status} /> },
          {
            name: '',
            cell: (row) => (
              <span className="flex flex-wrap items-center gap-3 max-sm:justify-end">
                <RetryRefund refund={row} />
                <HistoryLink aggregate="payment" id={row.payment_id} of={refundName(row)} />
              </span>
            ),
          },
        ]}
      />
    </div>
  );
}

function Sums({ title, sums }: { title: string; sums: readonly Summed[] }) {
  return (
    <div>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {sums.length === 0 ? (
        <p className="text-soft">{w.reconciliation.nothing}</p>
      ) : (
        <ul className="divide-y divide-line">
          {sums.map((one) => (
            <li key={`${one.of} ${one.amount.currency}`} className="flex justify-between gap-4 py-1.5">
              <span className="capitalize">
                {apiWord(one.of)} <span className="text-sm text-soft">{number(one.count)}</span>
              </span>
              <span className="numbers font-semibold">{money(one.amount)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
