import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';

import { command } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { outdated, reading, wholeList } from '../../api/queries';
import type { Money, Screening, SeatMap } from '../../api/types';
import { useKey } from '../../api/use-key';
import { Button, ButtonLink } from '../../design/button';
import { SelectField } from '../../design/field';
import { calendarDay, count, money, sum, when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Empty, Lines, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { useSeatMap } from '../../seats/live';
import { usePlan } from '../../seats/use-plan';
import { pricesOf } from '../../seats/use-selection';
import { ScreeningPicker } from '../counter/screening-picker';
import { StaffMap } from '../counter/staff-map';
import { useSeats } from '../counter/use-seats';
import { Answer, Card, Title } from '../parts';
import { useBooking } from './booking';
import type { CustomersBooking } from './desk';

type Settle = 'pay' | 'refund' | 'waive';

/** Moves a booking to other seats, or to another screening. */
export default function MovePage() {
  const { id = '' } = useParams();
  const booking = useBooking(id);
  useTitle('Move a booking');
  return (
    <Answer of={booking}>{(one) => (one ? <Move booking={one} /> : <Empty title="There is no such booking" />)}</Answer>
  );
}

function Move({ booking }: { booking: CustomersBooking }) {
  const [target, setTarget] = useState(booking.screening.screening_id);
  const [venueId, setVenue] = useState(booking.venue.venue_id);
  const [day, setDay] = useState(calendarDay(booking.screening.starts_at, booking.screening.timezone));
  const venues = useQuery(wholeList('/venues', { status: 'active' }));
  const screening = useQuery(reading(`/screenings/${target}`));
  return (
    <>
      <Title
        actions={
          <ButtonLink to={`/admin/desk/${booking.booking_id}?venue=${booking.venue.venue_id}`}>
            Back to the booking
          </ButtonLink>
        }
      >
        Move {booking.reference}
      </Title>
      <p className="-mt-4 mb-5 text-soft">
        {booking.customer.name}: {booking.show.title},{' '}
        {when(booking.screening.starts_at, 'full', booking.screening.timezone)}, {booking.seats.join(', ')}
      </p>
      <div className="grid gap-4">
        <Answer of={venues}>
          {(items) => {
            const venue = items.find((one) => one.venue_id === venueId) ?? items[0];
            return venue ? (
              <ScreeningPicker
                venues={items}
                venue={venue}
                day={day}
                screening={target}
                onVenue={setVenue}
                onDay={setDay}
                onScreening={setTarget}
              />
            ) : (
              <Empty title="There is no open venue" />
            );
          }}
        </Answer>
        <Answer of={screening}>{(one) => <NewSeats key={one.screening_id} booking={booking} screening={one} />}</Answer>
      </div>
    </>
  );
}

function NewSeats({ booking, screening }: { booking: CustomersBooking; screening: Screening }) {
  const map = useSeatMap(screening.screening_id);
  if (!map.data) return map.error ? <Refused error={map.error} /> : <Lines />;
  return <Choice booking={booking} screening={screening} map={map.data} />;
}

function Choice({ booking, screening, map }: { booking: CustomersBooking; screening: Screening; map: SeatMap }) {
  const plan = usePlan(map);
  const navigate = useNavigate();
  const { currency } = usePolicy();
  const { seats, toggle, clear } = useSeats(map);
  const wanted = booking.seats.length;
  const price = sum(pricesOf(seats, map, plan), currency.code);
  const difference: Money = { ...price, amount_minor: price.amount_minor - booking.amount.amount_minor };
  const complete = seats.length === wanted;
  const [settle, setSettle] = useState<Settle>('waive');
  const more = difference.amount_minor > 0;
  // The choice that fits the sign of the difference.
  const chosen: Settle =
    difference.amount_minor === 0 ? 'waive' : settle === 'waive' ? 'waive' : more ? 'pay' : 'refund';
  const key = useKey();
  const move = useMutation({
    mutationFn: () => {
      const other = screening.screening_id !== booking.screening.screening_id;
      const body = {
        ...(other && { screening_id: screening.screening_id }),
        seats: [...seats],
        settle: chosen,
      };
      return command('POST', `/bookings/${booking.booking_id}/move`, { body, key: key.of(body) });
    },
    onSuccess: () => {
      key.done();
      say('The booking is moved. The customer gets the new tickets by mail.', 'good');
      void navigate(`/admin/desk/${booking.booking_id}?venue=${booking.venue.venue_id}`);
      return outdated('/bookings', '/admin', '/screenings');
    },
    onError: () => void outdated(`/screenings/${screening.screening_id}`),
  });
  const absolute = money({ ...difference, amount_minor: Math.abs(difference.amount_minor) });
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="h-[52dvh] min-h-80 overflow-hidden rounded-3xl bg-sunk/60 lg:h-[calc(100dvh-22rem)] lg:min-h-[28rem]">
        <StaffMap map={map} plan={plan} seats={seats} onSeat={toggle} />
      </div>
      <Card title="New seats">
        <div className="grid gap-4">
          {seats.length === 0 ? (
            <p className="text-soft">Choose {count(wanted, 'seat')} on the map.</p>
          ) : (
            <p className="flex items-baseline justify-between gap-3">
              <span className="marquee text-2xl wrap-anywhere">{seats.join(', ')}</span>
              <button type="button" className="link text-sm" onClick={clear}>
                Clear
              </button>
            </p>
          )}
          {seats.length > 0 && !complete && (
            <Note tone="warn">
              {seats.length < wanted
                ? `${count(wanted - seats.length, 'seat')} missing.`
                : `${count(seats.length - wanted, 'seat')} too many.`}
            </Note>
          )}
          {complete && (
            <dl className="grid gap-1">
              <Line name="New price" value={money(price)} />
              <Line name="Paid" value={money(booking.amount)} />
              {difference.amount_minor !== 0 && <Line name={more ? 'To pay' : 'To return'} value={absolute} />}
            </dl>
          )}
          {complete && difference.amount_minor !== 0 && (
            <SelectField
              label="The difference"
              value={chosen}
              onChange={({ target }) => {
                setSettle(target.value as Settle);
              }}
            >
              <option value={more ? 'pay' : 'refund'}>
                {more ? `The customer pays ${absolute}` : `Return ${absolute} to the customer`}
              </option>
              <option value="waive">{more ? 'The house waives it' : 'The house keeps it'}</option>
            </SelectField>
          )}
          <Refused error={move.error} />
          <Button
            look="gold"
            size="large"
            busy={move.isPending}
            disabled={!complete || move.isPending}
            onClick={() => {
              move.mutate();
            }}
          >
            Move the booking
          </Button>
        </div>
      </Card>
    </div>
  );
}

function Line({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex justify-between gap-4">
      <dt className="text-soft">{name}</dt>
      <dd className="numbers font-semibold">{value}</dd>
    </div>
  );
}
