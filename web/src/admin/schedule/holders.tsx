import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { outdated, reading } from '../../api/queries';
import type { Holder } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { count, when } from '../../design/format';
import { say } from '../../design/toast';
import { CustomerCell } from '../money/list-parts';
import { Answer, Sure, Table } from '../parts';

/** Customers with unpaid seats of a screening, most seats first, each with a button that releases them. */
export function HoldersDialog({
  screening,
  title,
  onClose,
}: {
  screening: string;
  title: string;
  onClose: () => void;
}) {
  const holders = useQuery({ ...reading(`/admin/screenings/${screening}/holders`), staleTime: 0 });
  const [chosen, setChosen] = useState<Holder | null>(null);
  const release = useMutation({
    mutationFn: ({ customer }: Holder) =>
      command('POST', `/admin/screenings/${screening}/holders/${customer.user_id}/release`),
    onSuccess: (_, { seats }) => {
      setChosen(null);
      say(`${count(seats, 'seat')} released.`, 'good');
      return outdated('/admin/screenings', '/screenings');
    },
  });
  return (
    <Dialog title={`Unpaid seats: ${title}`} wide onClose={onClose}>
      <Answer of={holders}>
        {({ items }) => (
          <Table
            label="Customers with unpaid seats"
            rows={items}
            keyOf={(row) => row.customer.user_id}
            empty="No unpaid seats"
            columns={[
              { name: 'Customer', cell: (row) => <CustomerCell customer={row.customer} /> },
              {
                name: 'Seats',
                right: true,
                cell: (row) => `${String(row.seats)} in ${count(row.holds, 'booking')}`,
              },
              { name: 'Paying', right: true, cell: (row) => row.paying || '–' },
              { name: 'Lapsed before', right: true, cell: (row) => row.lapsed || '–' },
              { name: 'Held until', cell: (row) => when(row.held_until, 'time') },
              {
                name: '',
                right: true,
                cell: (row) => (
                  <Button
                    size="small"
                    onClick={() => {
                      release.reset();
                      setChosen(row);
                    }}
                  >
                    Release
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Answer>
      {chosen && (
        <Sure
          title={`Release ${count(chosen.seats, 'seat')} of ${chosen.customer.name ?? 'this customer'}?`}
          verb="Release"
          harmless="Keep them"
          act={{
            ...release,
            mutate: () => {
              release.mutate(chosen);
            },
          }}
          onClose={() => {
            setChosen(null);
          }}
        >
          The seats go back on sale at once. A payment that is under way is refunded when it arrives; paid bookings
          stay.
        </Sure>
      )}
    </Dialog>
  );
}
