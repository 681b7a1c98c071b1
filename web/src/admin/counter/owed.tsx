import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated, reading } from '../../api/queries';
import type { OwedRefund } from '../../api/types';
import { Button } from '../../design/button';
import { money } from '../../design/format';
import { say } from '../../design/toast';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { howPaid } from '../desk/words';
import { Card, Sure, Table } from '../parts';

/** Money that the counter owes to people whose booking was cancelled. */
export function Owed() {
  const owed = useQuery({ ...reading('/box-office/refunds'), retry: false });
  const key = useKey();
  const [paying, setPaying] = useState<OwedRefund | null>(null);
  const pay = useMutation({
    mutationFn: ({ booking_id, method }: OwedRefund) => {
      const body = { booking_id, method: method === 'card_terminal' || method === 'upi' ? method : 'cash' } as const;
      return command('POST', '/box-office/refunds', { body, key: key.of(body) });
    },
    onSuccess: (_, { amount, booking_id: paid }) => {
      key.done();
      // The question may be about another row by now.
      setPaying((asked) => (asked?.booking_id === paid ? null : asked));
      say(w.owed.paid(money(amount)), 'good');
      return outdated('/box-office', '/admin');
    },
    onError: (problem) => {
      key.failed(problem);
    },
  });
  if (!owed.data || owed.data.items.length === 0) return null;
  return (
    <Card title={w.owed.title}>
      <Table
        label={w.owed.table}
        rows={owed.data.items}
        keyOf={(row) => row.booking_id}
        columns={[
          { name: w.owed.number, cell: (row) => <span className="numbers font-semibold">{row.reference}</span> },
          {
            name: w.owed.booking,
            cell: (row) => (
              <span>
                <span className="font-semibold">{row.show}</span>
                <span className="block text-sm text-soft">
                  {row.name && `${row.name}, `}
                  {seatList(row.seats)}
                </span>
              </span>
            ),
          },
          { name: w.owed.amount, right: true, cell: (row) => money(row.amount) },
          {
            name: '',
            right: true,
            cell: (row) => (
              <Button
                size="small"
                aria-label={w.house.of(w.owed.pay(howPaid(row.method)), row.reference)}
                onClick={() => {
                  pay.reset();
                  setPaying(row);
                }}
              >
                {w.owed.pay(howPaid(row.method))}
              </Button>
            ),
          },
        ]}
      />
      {paying && (
        <Sure
          title={w.owed.sure(money(paying.amount))}
          verb={w.owed.pay(howPaid(paying.method))}
          act={{
            ...pay,
            mutate: () => {
              pay.mutate(paying);
            },
          }}
          onClose={() => {
            setPaying(null);
          }}
        >
          {w.owed.once(paying.reference, seatList(paying.seats))}
        </Sure>
      )}
    </Card>
  );
}
