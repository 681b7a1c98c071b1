import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';

import { reading } from '../../api/queries';
import { download } from '../../booking/download';
import { Button } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { calendarDay, dayAfter, dayName, money } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Answer, Card, Table } from '../parts';
import { salesCsv, totals } from './sales';

export function SalesList() {
  const today = calendarDay(useNow(60_000));
  const [from, setFrom] = useState(dayAfter(today, -30));
  const [to, setTo] = useState(today);
  const [group, setGroup] = useState('show');
  const query = { from, to, group_by: group };
  const sales = useQuery({ ...reading('/admin/sales', query), retry: 1 });
  return (
    <Card
      title="Sales"
      actions={
        <Button
          disabled={!sales.data}
          onClick={() => {
            const csv = salesCsv(sales.data?.items ?? []);
            download(new Blob([csv], { type: 'text/csv' }), `sales ${from} to ${to}.csv`);
          }}
        >
          <Download size={17} aria-hidden /> CSV
        </Button>
      }
    >
      <div className="mb-5 grid gap-3 sm:grid-cols-3">
        <TextField
          label="From"
          type="date"
          required
          max={to}
          value={from}
          onChange={(event) => {
            if (event.target.value) setFrom(event.target.value);
          }}
        />
        <TextField
          label="To"
          type="date"
          required
          value={to}
          error={to < from ? 'This lies before the first day.' : undefined}
          onChange={(event) => {
            if (event.target.value) setTo(event.target.value);
          }}
        />
        <SelectField
          label="By"
          value={group}
          onChange={(event) => {
            setGroup(event.target.value);
          }}
        >
          <option value="show">Show</option>
          <option value="venue">Venue</option>
          <option value="day">Day</option>
          <option value="show,venue">Show and venue</option>
        </SelectField>
      </div>
      <Answer of={sales}>
        {({ items }) => (
          <Table
            label="Sales"
            rows={items.length > 1 ? [...items, ...totals(items)] : items}
            keyOf={(row) => [row.day, row.show_id, row.venue_id, row.net.currency].join(' ')}
            empty="Nothing was sold in that time"
            columns={[
              {
                name: 'Group',
                cell: (row) => (
                  <span className="font-semibold">
                    {[row.show_title, row.venue_name, row.day && dayName(row.day, 'date')].filter(Boolean).join(', ') ||
                      'Total'}
                  </span>
                ),
              },
              { name: 'Bookings', right: true, cell: (row) => row.bookings },
              { name: 'Seats', right: true, cell: (row) => row.seats },
              { name: 'Sold', right: true, cell: (row) => money(row.sold) },
              { name: 'Refunded', right: true, cell: (row) => money(row.refunded) },
              { name: 'Net', right: true, cell: (row) => <strong>{money(row.net)}</strong> },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}
