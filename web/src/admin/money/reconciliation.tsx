import { useQuery } from '@tanstack/react-query';

import { reading } from '../../api/queries';
import type { CustomersRefund, Summed } from '../../api/types';
import { Status } from '../../design/badge';
import { count, money, when, number } from '../../design/format';
import { Note } from '../../design/notices';
import { Answer, Card, Table } from '../parts';
import { CustomerCell, HistoryLink } from './list-parts';
import { MISMATCHES } from './mismatches';
import { RetryRefund } from './retry-refund';

export function ReconciliationReport() {
  const answer = useQuery({ ...reading('/admin/reconciliation'), retry: 1 });
  return (
    <Card title="Reconciliation">
      <Answer of={answer}>
        {(one) => (
          <div className="grid gap-6">
            {one.unmatched.length === 0 ? (
              <Note tone="good">Everything adds up, as of {when(one.settled_before, 'full')}.</Note>
            ) : (
              <Note tone="bad">{count(one.unmatched.length, 'entry needs', 'entries need')} attention.</Note>
            )}
            {one.unmatched.length > 0 && (
              <Table
                label="Entries that need attention"
                rows={one.unmatched}
                keyOf={(row) => `${row.kind} ${row.payment_id ?? ''} ${row.provider_id ?? ''}`}
                columns={[
                  {
                    name: 'What',
                    cell: (row) => (
                      <>
                        <span className="font-semibold">{MISMATCHES[row.kind].text}</span>
                        <span className="block text-sm text-soft">{MISMATCHES[row.kind].advice}</span>
                      </>
                    ),
                  },
                  { name: 'Expected', right: true, cell: (row) => (row.expected ? money(row.expected) : '–') },
                  { name: 'Found', right: true, cell: (row) => (row.found ? money(row.found) : '–') },
                  { name: 'Since', cell: (row) => (row.since ? when(row.since, 'full') : '–') },
                  {
                    name: '',
                    cell: (row) => row.payment_id && <HistoryLink aggregate="payment" id={row.payment_id} />,
                  },
                ]}
              />
            )}
            {one.open_refunds.length > 0 && <OpenRefunds refunds={one.open_refunds} />}
            <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2 lg:grid-cols-3">
              <Sums title="Taken" sums={one.captured} />
              <Sums title="Given back" sums={one.refunded} />
              <Sums title="On its way back" sums={one.refunding} />
              <Sums title="Waits for a decision" sums={one.in_review} />
              <Sums title="Movements of wallets" sums={one.wallet_movements} />
              <Sums title="In wallets" sums={one.wallet_balance} />
              {one.provider && <Sums title="Reported by the provider" sums={one.provider} />}
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
      <Note tone="bad">
        {count(refunds.length, 'refund')} {refunds.length === 1 ? 'has' : 'have'} been open for more than an hour.
      </Note>
      <Table
        label="Open refunds"
        rows={refunds}
        keyOf={(row) => row.payment_id}
        columns={[
          { name: 'Requested', cell: (row) => (row.requested_at ? when(row.requested_at, 'full') : '–') },
          { name: 'Customer', cell: (row) => <CustomerCell customer={row.customer} /> },
          { name: 'To', cell: (row) => <span className="capitalize">{row.to ?? '–'}</span> },
          { name: 'Amount', right: true, cell: (row) => money(row.amount) },
          { name: 'Status', cell: (row) => <Status of={row.status} /> },
          {
            name: '',
            cell: (row) => (
              <span className="flex flex-wrap items-center gap-3 max-sm:justify-end">
                <RetryRefund payment={row.payment_id} />
                <HistoryLink aggregate="payment" id={row.payment_id} />
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
        <p className="text-soft">Nothing</p>
      ) : (
        <ul className="divide-y divide-line">
          {sums.map((one) => (
            <li key={`${one.of} ${one.amount.currency}`} className="flex justify-between gap-4 py-1.5">
              <span className="capitalize">
                {one.of.replaceAll('_', ' ')} <span className="text-sm text-soft">{number(one.count)}</span>
              </span>
              <span className="numbers font-semibold">{money(one.amount)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
