import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';

import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { reading } from '../../api/queries';
import type { Screening, SeatMap } from '../../api/types';
import { takenSeats } from '../../booking/holds/change-hold';
import { differenceOf, hindranceOf, isUnchanged, mapFor } from '../../booking/move/choice';
import { choiceOf, useChoice } from '../../booking/move/use-choice';
import { useMove } from '../../booking/move/use-move';
import { Button, ButtonLink } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { calendarDay, duration, money, whenInYear } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { NamedAmount } from '../../design/named-amount';
import { Empty, Lines, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { bestSeats } from '../../seats/choice/best';
import { useSeatMap } from '../../seats/map/live';
import { usePlan } from '../../seats/map/use-plan';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { ScreeningPicker } from '../counter/screening-picker';
import { StaffMap } from '../counter/staff-map';
import { Answer, Card, Title } from '../parts';
import { useVenues } from '../use-venues';
import type { CustomersBooking } from './desk';
import { consequenceOf, refusalInWords, waysToSettle, type Way } from './settling';
import { useBooking } from './use-booking';
import { WaitingMove } from './waiting-move';

/** Moves a customer's booking to other seats, or to another screening of its show. */
export default function MovePage() {
  const { id = '' } = useParams();
  const booking = useBooking(id);
  useTitle(w.relocate.title);
  return (
    <Answer of={booking}>
      {(one) => {
        if (one?.status !== 'confirmed') return <Empty heading title={w.relocate.none} />;
        // Asked for in another tab, or by a call whose answer was lost.
        return one.open_move ? <Waiting booking={one} /> : <Move booking={one} />;
      }}
    </Answer>
  );
}

function usePageOf({ booking_id: id }: CustomersBooking): string {
  const venue = useSearchParams()[0].get('venue');
  return `/admin/desk/${id}${venue ? `?venue=${venue}` : ''}`;
}

function Waiting({ booking }: { booking: CustomersBooking }) {
  const back = usePageOf(booking);
  return (
    <>
      <Title actions={<ButtonLink to={back}>{w.relocate.back}</ButtonLink>}>{w.relocate.move(booking.reference)}</Title>
      <WaitingMove booking={booking} />
    </>
  );
}

function Move({ booking }: { booking: CustomersBooking }) {
  const [target, setTarget] = useState(booking.screening.screening_id);
  const [venueId, setVenue] = useState(booking.venue.venue_id);
  const [day, setDay] = useState(calendarDay(booking.screening.starts_at, booking.screening.timezone));
  const now = useNow(60_000);
  const { items: venues } = useVenues();
  const screening = useQuery(reading(`/screenings/${target}`));
  const back = usePageOf(booking);
  const venue = venues.find((one) => one.venue_id === venueId) ?? venues[0];
  return (
    <>
      <Title actions={<ButtonLink to={back}>{w.relocate.back}</ButtonLink>}>{w.relocate.move(booking.reference)}</Title>
      <p className="-mt-4 mb-5 text-soft">
        {booking.customer.name ?? w.desk.atCounter}: {booking.show.title},{' '}
        {whenInYear(booking.screening.starts_at, 'full', now, booking.screening.timezone)}, {seatList(booking.seats)}
      </p>
      <div className="grid gap-4">
        {venue && (
          <ScreeningPicker
            venues={venues}
            venue={venue}
            day={day}
            screening={target}
            show={booking.show.show_id}
            onVenue={setVenue}
            onDay={setDay}
            onScreening={setTarget}
          />
        )}
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

function Choice({ booking, screening, map: seen }: { booking: CustomersBooking; screening: Screening; map: SeatMap }) {
  const id = screening.screening_id;
  const navigate = useNavigate();
  const back = usePageOf(booking);
  const plan = usePlan(seen);
  const map = useMemo(() => mapFor(booking, id, seen), [booking, id, seen]);
  const wanted = booking.seats.length;
  const [wish, setWish] = useState<Way['key'] | null>(null);
  const [reason, setReason] = useState('');
  const { card_min: cardMin, hold_seconds: holdSeconds, extension_seconds: extensionSeconds } = usePolicy();
  const move = useMove(booking.booking_id, ({ isOver, checkout }) => {
    if (isOver) say(w.relocate.done, 'good');
    else say(checkout ? w.relocate.asked : w.relocate.slow);
    void navigate(back, { replace: true });
  });
  const isUnderWay = move.isPending || move.isSuccess;
  // The seats may be those of the booking by now: pressing again finds out.
  const isUnsure = move.error instanceof Problem && move.error.isUnsure;
  const { seats, news, toggle, choose } = useChoice(
    choiceOf(booking.booking_id, id),
    wanted,
    map,
    isUnderWay || isUnsure,
  );
  const isComplete = seats.length === wanted;
  const isSame = isComplete && isUnchanged(booking, id, seats);
  const difference = differenceOf(booking, screening, seats, map, plan);
  const ways = waysToSettle(booking, difference, cardMin);
  const way = ways.find(({ key }) => key === wish) ?? ways[0];
  // The house says why it gives money away.
  const lacksReason = way?.key === 'waive' && reason.trim() === '';
  const timeToPay = duration(Math.round(Math.max(holdSeconds, extensionSeconds) / 60));
  const { amount } = booking;
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="h-[52dvh] min-h-80 overflow-hidden rounded-3xl bg-sunk/60 lg:h-[calc(100dvh-22rem)] lg:min-h-[28rem]">
        <StaffMap
          map={map}
          plan={plan}
          seats={seats}
          onSeat={(seat) => {
            if (isUnderWay) return;
            move.reset();
            toggle(seat);
          }}
        />
      </div>
      <Card title={w.relocate.seats}>
        <div className="grid gap-4">
          {seats.length > 0 && <p className="marquee text-2xl wrap-anywhere">{seatList(seats)}</p>}
          {isComplete ? (
            isSame && !isUnsure && <Note tone="note">{w.relocate.sameSeats}</Note>
          ) : (
            <div className="flex flex-wrap items-center justify-between gap-3">
              <p className="text-soft">
                {seats.length > 0 ? w.relocate.chooseMore(wanted - seats.length) : w.relocate.choose(wanted)}
              </p>
              <Button
                size="small"
                onClick={() => {
                  move.reset();
                  choose(bestSeats(seen, plan, { count: wanted, categories: null }));
                }}
              >
                {w.relocate.best(wanted)}
              </Button>
            </div>
          )}
          {isComplete && !difference && <Note tone="warn">{w.relocate.noPrice}</Note>}
          {isComplete && !isSame && difference && (
            <>
              <dl className="grid gap-1">
                <NamedAmount
                  name={w.relocate.newPrice}
                  amount={money({ ...amount, amount_minor: amount.amount_minor + difference.amount_minor })}
                />
                <NamedAmount name={w.relocate.paid} amount={money(amount)} />
              </dl>
              <SelectField
                label={w.relocate.difference}
                hint={
                  difference.amount_minor > 0 && hindranceOf(booking, difference)
                    ? w.relocate.soldAtCounter
                    : consequenceOf(way, timeToPay)
                }
                value={way?.key}
                onChange={({ target }) => {
                  setWish(target.value as Way['key']);
                }}
              >
                {ways.map(({ key, text }) => (
                  <option key={key} value={key}>
                    {text}
                  </option>
                ))}
              </SelectField>
              <TextField
                label={w.handBack.reason}
                hint={lacksReason ? w.relocate.whyWaived : w.handBack.reasonHint}
                maxLength={200}
                autoComplete="off"
                value={reason}
                onChange={({ target }) => {
                  setReason(target.value);
                }}
              />
            </>
          )}
          {!takenSeats(move.error) && <Refused error={inWords(move.error)} />}
          <Button
            look="gold"
            size="large"
            busy={move.isPending}
            disabled={!isComplete || !difference || (isSame && !isUnsure) || (lacksReason && !isUnsure) || isUnderWay}
            onClick={() => {
              if (isUnsure && move.variables) move.mutate(move.variables);
              else if (way)
                move.mutate({
                  screening_id: id,
                  seats: [...seats],
                  ...way.wish,
                  ...(reason.trim() && { reason: reason.trim() }),
                });
            }}
          >
            {way?.key === 'card' ? w.relocate.ask : w.relocate.go}
          </Button>
        </div>
        <p role="status" className="sr-only">
          {news}
        </p>
      </Card>
    </div>
  );
}

/** The texts of the catalogue speak to the customer, whose money this is. */
function inWords(error: unknown): unknown {
  const words = error instanceof Problem ? refusalInWords(error.slug) : null;
  return words ? new Error(words) : error;
}
