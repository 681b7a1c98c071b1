import { useInfiniteQuery } from '@tanstack/react-query';
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { idIn } from '../../api/keys/ids';
import type { BookingNote } from '../../api/types';
import { listing } from '../../api/queries';
import type { ItemOf } from '../../api/routes';
import { cityName } from '../../catalogue/names';
import { Status } from '../../design/badge';
import { SelectField, TextField } from '../../design/field';
import { dayIn, money } from '../../design/format';
import { seatList, seatRanges } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { useSettled, useTitle } from '../../design/hooks';
import { Empty, Refused } from '../../design/notices';
import { oneOf, useAddress } from '../../design/use-address';
import { w } from '../../i18n/work/texts';
import { Filter } from '../money/list-parts';
import { Answer, More, Title } from '../parts';
import { Start } from '../start';
import { useVenues } from '../use-venues';

/** A booking with its customer and, once the API has them, its notes. */
export type CustomersBooking = ItemOf<'/admin/bookings'> & { notes?: BookingNote[] };

const STATUSES = ['held', 'paying', 'confirmed', 'expired', 'cancelled', 'refunded'];

/** Finds a booking by what a caller can say: the number, a name, an address, a show, a seat, a day. */
export default function Desk() {
  useTitle(w.desk.title);
  const [params, setParams] = useAddress();
  // A search from the header of the frame.
  const asked = params.get('q') ?? '';
  const [known, setKnown] = useState(asked);
  const [text, setText] = useState(asked);
  if (known !== asked) {
    setKnown(asked);
    setText(asked);
  }
  const q = useSettled(text.trim(), 250);
  const status = oneOf(STATUSES, params.get('status'));
  const date = dayIn(params.get('date')) ?? '';
  const set = (name: string, value: string) => {
    setParams({ [name]: value, ...(text && { q: text }) });
  };
  const { items: venues, all, error } = useVenues();
  // Those who work for some venues read the bookings of one of them at a time.
  const venue = idIn(params.get('venue')) ?? (all ? '' : (venues[0]?.venue_id ?? ''));
  const bookings = useInfiniteQuery({
    ...listing('/admin/bookings', { q, status, date, venue_id: venue }),
    retry: 1,
    enabled: all || venue !== '',
  });
  return (
    <>
      <Title>{w.desk.title}</Title>
      <div className="mb-6 grid gap-3 sm:grid-cols-2 lg:grid-cols-[minmax(0,1fr)_13rem_12rem_12rem]">
        <TextField
          label={w.desk.find}
          type="search"
          autoFocus
          autoComplete="off"
          value={text}
          onChange={({ target }) => {
            setText(target.value);
          }}
        />
        <SelectField
          label={w.desk.venue}
          value={venue}
          onChange={({ target }) => {
            set('venue', target.value);
          }}
        >
          {all && <option value="">{w.desk.all}</option>}
          {venues.map((one) => (
            <option key={one.venue_id} value={one.venue_id}>
              {one.name}, {cityName(one.city)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={w.desk.day}
          type="date"
          value={date}
          onChange={({ target }) => {
            set('date', target.value);
          }}
        />
        <Filter
          statuses={STATUSES}
          status={status}
          onStatus={(next) => {
            set('status', next);
          }}
        />
      </div>
      <Refused error={error} />
      <Answer of={bookings}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={q || status || date ? w.desk.noMatch : w.desk.none} />
          ) : (
            <ul aria-label={w.desk.title} className="grid gap-2">
              {items.map((booking) => (
                <li key={booking.booking_id}>
                  <Entry booking={booking} among={items} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
      <More of={bookings} />
    </>
  );
}

function Entry({ booking, among }: { booking: CustomersBooking; among: readonly CustomersBooking[] }) {
  const { customer, show, venue, seats } = booking;
  return (
    <Link
      to={`/admin/desk/${booking.booking_id}?venue=${venue.venue_id}`}
      className={[
        'grid items-center gap-x-6 gap-y-1 rounded-2xl bg-card px-4 py-3 shadow-card hover:bg-sunk',
        'sm:grid-cols-[7.5rem_minmax(0,1fr)_minmax(0,1.2fr)_auto_auto]',
      ].join(' ')}
    >
      <span className="numbers font-semibold">{booking.reference}</span>
      <span className="min-w-0">
        <span className="block truncate font-semibold">{customer.name ?? w.desk.atCounter}</span>
        <span className="block truncate text-sm text-soft">{customer.email}</span>
      </span>
      <span className="min-w-0">
        <span className="block truncate font-semibold">{show.title}</span>
        <span className="block text-sm text-soft">
          <Start of={booking} among={among} />, {venue.name}
        </span>
      </span>
      <span className="flex items-center justify-between gap-4">
        <span className="numbers leading-tight sm:text-right">
          {money(booking.amount)}
          <span className="block text-sm text-soft">
            {seatRanges(seats).length > 3 ? t.count.seats(seats.length) : seatList(seats)}
          </span>
        </span>
        <Status of={booking.status} />
      </span>
      <ChevronRight size={20} className="text-soft max-sm:hidden" aria-hidden />
    </Link>
  );
}
