import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../../api/client';
import { outdated, reading } from '../../../api/queries';
import type { Holder } from '../../../api/types';
import { Button } from '../../../design/button';
import { Dialog } from '../../../design/dialog';
import { when } from '../../../design/format';
import { say } from '../../../design/toast';
import { w } from '../../../i18n/work/texts';
import { CustomerCell } from '../../money/list-parts';
import { Answer, Sure, Table } from '../../parts';

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
      say(w.holders.released(seats), 'good');
      return outdated('/admin/screenings', '/screenings');
    },
  });
  return (
    <Dialog title={w.holders.title(title)} wide onClose={onClose}>
      <Answer of={holders}>
        {({ items }) => (
          <Table
            label={w.holders.table}
            rows={items}
            keyOf={(row) => row.customer.user_id}
            empty={w.holders.none}
            columns={[
              { name: w.holders.columns.customer, cell: (row) => <CustomerCell customer={row.customer} /> },
              {
                name: w.holders.columns.seats,
                right: true,
                cell: (row) => w.holders.seatsIn(row.seats, row.holds),
              },
              { name: w.holders.columns.paying, right: true, cell: (row) => row.paying || '–' },
              { name: w.holders.columns.lapsed, right: true, cell: (row) => row.lapsed || '–' },
              { name: w.holders.columns.until, cell: (row) => when(row.held_until, 'time') },
              {
                name: '',
                right: true,
                cell: (row) => (
                  <Button
                    size="small"
                    aria-label={w.house.of(w.holders.release, row.customer.name ?? w.holders.thisCustomer)}
                    onClick={() => {
                      release.reset();
                      setChosen(row);
                    }}
                  >
                    {w.holders.release}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Answer>
      {chosen && (
        <Sure
          title={w.holders.sure(chosen.seats, chosen.customer.name ?? w.holders.thisCustomer)}
          verb={w.holders.release}
          harmless={w.holders.keep}
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
          {w.holders.why}
        </Sure>
      )}
    </Dialog>
  );
}
