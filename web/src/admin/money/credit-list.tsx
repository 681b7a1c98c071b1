import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { listing, outdated } from '../../api/queries';
import type { Credit } from '../../api/types';
import { useUser } from '../../api/session/use-session';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, when } from '../../design/format';
import { Answer, Card, More, Sure, Table } from '../parts';
import { CustomerCell, Filter, useStatus } from './list-parts';

/** Credits to wallets. One that is too large for one administrator waits here for another. */
export function CreditList() {
  const user = useUser();
  const [status, setStatus] = useStatus();
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
    <Card title="Credits">
      <div className="mb-5 max-w-56">
        <Filter statuses={['pending', 'given']} status={status} onStatus={setStatus} />
      </div>
      <Answer of={credits}>
        {({ items }) => (
          <Table
            label="Credits"
            rows={items}
            keyOf={(row) => row.credit_id}
            empty={status ? 'No credit is in that state' : 'No wallet was credited so far'}
            columns={[
              {
                name: 'Made',
                cell: (row) => (
                  <span className="block min-w-36">
                    {when(row.created_at, 'full')}
                    <span className="block text-sm wrap-anywhere text-soft">{row.made_by?.email}</span>
                  </span>
                ),
              },
              { name: 'Customer', cell: (row) => <CustomerCell customer={row.customer} /> },
              { name: 'Reason', cell: (row) => row.reason ?? '–' },
              { name: 'Amount', right: true, cell: (row) => money(row.amount) },
              {
                name: 'Status',
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {row.status === 'pending' && row.made_by?.user_id !== user?.user_id && (
                      <Button
                        size="small"
                        onClick={() => {
                          approve.reset();
                          setAsked(row);
                        }}
                      >
                        Approve
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
          title="Approve the credit?"
          verb="Approve"
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
          {money(asked.amount)} will go to the wallet of {asked.customer.name ?? 'the customer'}, as{' '}
          {asked.made_by?.name ?? 'another administrator'} proposed.
        </Sure>
      )}
    </Card>
  );
}
