import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { listing } from '../../api/queries';
import { Status } from '../../design/badge';
import { TextField } from '../../design/field';
import { money, when } from '../../design/format';
import { useSettled } from '../../design/hooks';
import { Start } from '../start';
import { Answer, Card, More, Table } from '../parts';
import { Filter, useStatus, HistoryLink, CustomerCell } from './list-parts';

export function BookingList() {
  const [status, setStatus] = useStatus();
  // A search from the header of the frame.
  const [params] = useSearchParams();
  const asked = params.get('q') ?? '';
  const [known, setKnown] = useState(asked);
  const [text, setText] = useState(asked);
  if (known !== asked) {
    setKnown(asked);
    setText(asked);
  }
  const q = useSettled(text, 250);
  const bookings = useInfiniteQuery({ ...listing('/admin/bookings', { q, status }), retry: 1 });
  return (
    <Card title="Bookings">
      <div className="mb-5 grid gap-3 sm:grid-cols-[minmax(0,1fr)_14rem]">
        <TextField
          label="Find by customer or number"
          type="search"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <Filter
          statuses={['held', 'paying', 'confirmed', 'expired', 'cancelled', 'refunded']}
          status={status}
          onStatus={setStatus}
        />
      </div>
      <Answer of={bookings}>
        {({ items }) => (
          <Table
            label="Bookings"
            rows={items}
            keyOf={(row) => row.booking_id}
            empty={q || status ? 'No booking matches' : 'No bookings yet'}
            columns={[
              {
                name: 'Booked',
                cell: (row) => (
                  <span className="block min-w-20 lg:whitespace-nowrap">{when(row.created_at, 'full')}</span>
                ),
              },
              { name: 'Customer', cell: (row) => <CustomerCell customer={row.customer} /> },
              {
                name: 'Show',
                cell: (row) => (
                  <span>
                    <span className="font-semibold">{row.show.title}</span>
                    <span className="block text-sm text-soft">
                      <Start of={row} among={items} />, {row.venue.name}
                    </span>
                  </span>
                ),
              },
              { name: 'Seats', cell: (row) => row.seats.join(', ') },
              { name: 'Amount', right: true, cell: (row) => money(row.amount) },
              { name: 'Status', cell: (row) => <Status of={row.status} /> },
              {
                name: '',
                cell: (row) => (
                  <span className="flex flex-wrap gap-x-3">
                    <Link className="link whitespace-nowrap" to={`/admin/desk/${row.booking_id}`}>
                      Open
                    </Link>
                    <HistoryLink aggregate="booking" id={row.booking_id} />
                    <Link className="link" to={`/admin/mails?booking=${row.booking_id}`}>
                      Mails
                    </Link>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
      <More of={bookings} />
    </Card>
  );
}
