import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { listing, outdated } from '../../api/queries';
import type { Credit } from '../../api/types';
import { useUser } from '../../api/session/use-session';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Sure, Table } from '../parts';
import { CustomerCell, Filter, useStatus } from './list-parts';

const STATUSES = ['pending', 'given'];

/** Credits to wallets. One that is too large for one administrator waits here for another. */
export function CreditList() {
  const user = useUser();
  const [status, setStatus] = useStatus(STATUSES);
  const credits = useInfiniteQuery({ ...listing('/admin/credits', { status }), retry: 1 });
  const [asked, setAsked] = useState<Credit | null>(null);
  const approve = useMutation({
    mutationFn: ({ customer, credit_id }: Credit) =>
      command('POST', `/admin/wallets/${customer.user_id}/credits/${credit_id}/approval`),
    onSuccess: () => {
      setAsked(null);
      return outdated('/admin');
    },
  });
  return (
    <Card title={w.money.lists.credits}>
      <div className="mb-5 max-w-56">
        <Filter statuses={STATUSES} status={status} onStatus={setStatus} />
      </div>
      <Answer of={credits}>
        {({ items }) => (
          <Table
            label={w.money.lists.credits}
            rows={items}
            keyOf={(row) => row.credit_id}
            empty={status ? w.credits.noMatch : w.credits.none}
            columns={[
              {
                name: w.money.columns.made,
                cell: (row) => (
                  <span className="block min-w-36">
                    {when(row.created_at, 'full')}
                    <span className="block text-sm wrap-anywhere text-soft">{row.made_by?.email}</span>
                  </span>
                ),
              },
              { name: w.money.columns.customer, cell: (row) => <CustomerCell customer={row.customer} /> },
              { name: w.money.columns.reason, cell: (row) => row.reason ?? '–' },
              { name: w.money.columns.amount, right: true, cell: (row) => money(row.amount) },
              {
                name: w.money.columns.status,
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {row.status === 'pending' && row.made_by?.user_id !== user?.user_id && (
                      <Button
                        size="small"
                        aria-label={w.house.of(w.credits.approve, `${money(row.amount)}, ${row.customer.name ?? ''}`)}
                        onClick={() => {
                          approve.reset();
                          setAsked(row);
                        }}
                      >
                        {w.credits.approve}
                      </Button>
                    )}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
      <More of={credits} />
      {asked && (
        <Sure
          title={w.credits.sure}
          verb={w.credits.approve}
          act={{
            ...approve,
            mutate: () => {
              approve.mutate(asked);
            },
          }}
          onClose={() => {
            setAsked(null);
          }}
        >
          {w.credits.goes(
            money(asked.amount),
            asked.customer.name ?? w.credits.customer,
            asked.made_by?.name ?? w.credits.other,
          )}
        </Sure>
      )}
    </Card>
  );
}
