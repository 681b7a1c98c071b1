import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { listing } from '../../api/queries';
import { useUser } from '../../api/session/use-session';
import { Status } from '../../design/badge';
import { TextField } from '../../design/field';
import { money, when } from '../../design/format';
import { useSettled } from '../../design/hooks';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { DESK, isAllowed } from '../access';
import { Start } from '../start';
import { Answer, Card, More, Table } from '../parts';
import { Filter, useStatus, HistoryLink, CustomerCell } from './list-parts';

const STATUSES = ['held', 'paying', 'confirmed', 'expired', 'cancelled', 'refunded'];

export function BookingList() {
  const [status, setStatus] = useStatus(STATUSES);
  const role = useUser()?.role;
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
    <Card title={w.money.lists.bookings}>
      <div className="mb-5 grid gap-3 sm:grid-cols-[minmax(0,1fr)_14rem]">
        <TextField
          label={w.bookingList.find}
          type="search"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <Filter statuses={STATUSES} status={status} onStatus={setStatus} />
      </div>
      <Answer of={bookings}>
        {({ items }) => (
          <Table
            label={w.money.lists.bookings}
            rows={items}
            keyOf={(row) => row.booking_id}
            empty={q || status ? w.bookingList.noMatch : w.bookingList.none}
            columns={[
              {
                name: w.money.columns.booked,
                cell: (row) => (
                  <span className="block min-w-20 lg:whitespace-nowrap">{when(row.created_at, 'full')}</span>
                ),
              },
              { name: w.money.columns.customer, cell: (row) => <CustomerCell customer={row.customer} /> },
              {
                name: w.money.columns.show,
                cell: (row) => (
                  <span>
                    <span className="font-semibold">{row.show.title}</span>
                    <span className="block text-sm text-soft">
                      <Start of={row} among={items} />, {row.venue.name}
                    </span>
                  </span>
                ),
              },
              { name: w.money.columns.seats, cell: (row) => seatList(row.seats) },
              { name: w.money.columns.amount, right: true, cell: (row) => money(row.amount) },
              { name: w.money.columns.status, cell: (row) => <Status of={row.status} /> },
              {
                name: '',
                cell: (row) => (
                  <span className="flex flex-wrap gap-x-3">
                    {isAllowed(role, DESK) && (
                      <>
                        <Link
                          className="link whitespace-nowrap"
                          aria-label={w.house.of(w.bookingList.open, row.reference)}
                          to={`/admin/desk/${row.booking_id}?venue=${row.venue.venue_id}`}
                        >
                          {w.bookingList.open}
                        </Link>
                        <Link
                          className="link"
                          aria-label={w.house.of(w.bookingList.mails, row.reference)}
                          to={`/admin/mails?booking=${row.booking_id}`}
                        >
                          {w.bookingList.mails}
                        </Link>
                      </>
                    )}
                    <HistoryLink aggregate="booking" id={row.booking_id} of={row.reference} />
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
