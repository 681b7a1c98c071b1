import { useMutation, useQuery } from '@tanstack/react-query';
import { Banknote, CreditCard, Gift, Smartphone } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { command } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { outdated, reading } from '../../api/queries';
import type { CounterMethod, Money, OwedRefund, Screening, SeatMap, SoldBooking, WantedSale } from '../../api/types';
import { useKey } from '../../api/use-key';
import { Button, ButtonLink } from '../../design/button';
import { TextField } from '../../design/field';
import { calendarDay, count, dayIn, money, parseMoney, sum, typedMoney, when } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Empty, Lines, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { bestSeats } from '../../seats/choice/best';
import { feeFor } from '../../seats/choice/ticket-types';
import { useTypes } from '../../seats/choice/use-types';
import { useSeatMap } from '../../seats/map/live';
import { usePlan } from '../../seats/map/use-plan';
import { howPaid } from '../desk/words';
import { Answer, Card, Table, Title } from '../parts';
import { change, likelyNotes } from './change';
import { PrintButton } from './print-button';
import { saleToSend } from './sale';
import { ScreeningPicker } from './screening-picker';
import { StaffMap } from './staff-map';
import { TicketTypes } from './ticket-types';
import { TillDialog, useOpenTill } from './till';
import { useVenues } from '../use-venues';
import { useSeats } from './use-seats';

/** Ways to pay at a counter, in the order of their keys. */
const METHODS = [
  { method: 'cash', text: 'Cash', icon: Banknote },
  { method: 'card_terminal', text: 'Card', icon: CreditCard },
  { method: 'upi', text: 'UPI', icon: Smartphone },
  { method: 'complimentary', text: 'Free', icon: Gift },
] as const satisfies readonly { method: CounterMethod; text: string; icon: unknown }[];

export default function BoxOffice() {
  useTitle('Box office');
  const [params, setParams] = useSearchParams();
  const venues = useVenues();
  const now = useNow(60_000);
  const asked = params.get('screening');
  const screening = useQuery({ ...reading(`/screenings/${asked ?? ''}`), enabled: asked !== null });
  const [till, setTill] = useState(false);
  const open = useOpenTill();
  const set = (next: Record<string, string | null>) => {
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(next)) {
          if (value === null) after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  };
  const { items } = venues;
  const venue = items.find((one) => one.venue_id === (screening.data?.venue_id ?? params.get('venue'))) ?? items[0];
  const of = screening.data && calendarDay(screening.data.starts_at, screening.data.timezone);
  const day = dayIn(params.get('day')) ?? of ?? calendarDay(now, venue?.timezone);
  return (
    <>
      <Title
        actions={
          open !== undefined && (
            <Button
              onClick={() => {
                setTill(true);
              }}
            >
              {open ? `Till open since ${when(open.opened_at, 'time')}` : 'Open the till'}
            </Button>
          )
        }
      >
        Box office
      </Title>
      {venues.isPending ? (
        <Lines rows={2} />
      ) : !venue ? (
        <Empty title="There is no open venue" />
      ) : (
        <div className="grid gap-4">
          <ScreeningPicker
            venues={venues.items}
            venue={venue}
            day={day}
            screening={asked}
            onVenue={(id) => {
              set({ venue: id, screening: null });
            }}
            onDay={(next) => {
              set({ venue: venue.venue_id, day: next, screening: null });
            }}
            onScreening={(id) => {
              set({ screening: id, day });
            }}
          />
          {asked === null && <Empty title="Choose a screening" />}
          {asked !== null && (
            <Answer of={screening}>
              {(one) => (
                <Counter
                  key={one.screening_id}
                  screening={one}
                  onTill={() => {
                    setTill(true);
                  }}
                />
              )}
            </Answer>
          )}
          <Owed />
        </div>
      )}
      {till && (
        <TillDialog
          till={open ?? null}
          onClose={() => {
            setTill(false);
          }}
        />
      )}
    </>
  );
}

function Counter({ screening, onTill }: { screening: Screening; onTill: () => void }) {
  const map = useSeatMap(screening.screening_id);
  if (!map.data) return map.error ? <Refused error={map.error} /> : <Lines />;
  return <Sale screening={screening} map={map.data} onTill={onTill} />;
}

function Sale({ screening, map, onTill }: { screening: Screening; map: SeatMap; onTill: () => void }) {
  const id = screening.screening_id;
  const plan = usePlan(map);
  const { currency } = usePolicy();
  const key = useKey();
  const sell = useMutation({
    mutationFn: (body: WantedSale) => command('POST', '/box-office/sales', { body, key: key.of(body) }),
    onSuccess: () => {
      key.done();
      return outdated(`/screenings/${id}`, '/screenings', '/box-office/tills', '/admin/bookings');
    },
    onError: (problem) => {
      key.failed(problem);
      void outdated(`/screenings/${id}`);
    },
  });
  const isUnsure = sell.error instanceof Problem && sell.error.isUnsure;
  const { seats, toggle, clear, choose } = useSeats(map, isUnsure || sell.isPending);
  const [method, setMethod] = useState<CounterMethod>('cash');
  const [reason, setReason] = useState('');
  const [customer, setCustomer] = useState({ name: '', email: '', phone: '' });
  const [sold, setSold] = useState<SoldBooking | null>(null);
  const blocks = useQuery({ ...reading(`/screenings/${id}/blocks`), retry: false });
  const free = method === 'complimentary';
  const types = useTypes(screening, map, plan, seats, null);
  const fee = feeFor(seats.length, screening);
  const price = sum([...types.amounts, ...(fee ? [fee] : [])], currency.code);
  const due: Money = free ? { ...price, amount_minor: 0 } : price;
  const blockOf = (seat: string) => blocks.data?.items.find((block) => block.seats.includes(seat));

  const sellNow = () => {
    const person = Object.fromEntries(Object.entries(customer).filter(([, value]) => value.trim() !== ''));
    const sale: WantedSale = {
      screening_id: id,
      seats: seats.map((seat) => {
        const [block, ticket_type] = [blockOf(seat), types.typeOf(seat)];
        return { seat, ...(ticket_type && { ticket_type }), ...(block && { block_id: block.block_id }) };
      }),
      method,
      ...(reason.trim() && { reason: reason.trim() }),
      ...(Object.keys(person).length > 0 && { customer: person }),
    };
    sell.mutate(saleToSend(sale, isUnsure ? sell.variables : undefined), {
      onSuccess: (booking) => {
        setSold(booking);
        clear();
        setReason('');
        setCustomer({ name: '', email: '', phone: '' });
      },
    });
  };
  const ready = seats.length > 0 && (!free || reason.trim() !== '') && !sell.isPending;
  const choosing = (name: string) => {
    setSold(null);
    sell.reset();
    toggle(name);
  };
  const best = (wanted: number) => {
    const found = bestSeats(map, plan, { count: wanted, categories: null });
    setSold(null);
    if (found.length === 0) say(`There are no ${String(wanted)} free seats left.`);
    else choose(found);
  };

  // Keys for those who sell all day: the way to pay, the sale, and a new start.
  const keys = useRef<(event: KeyboardEvent) => void>(() => undefined);
  useEffect(() => {
    keys.current = (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && ready) {
        event.preventDefault();
        sellNow();
        return;
      }
      const typing = event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') {
        sell.reset();
        clear();
      }
      const at = METHODS[Number(event.key) - 1];
      if (at) setMethod(at.method);
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      keys.current(event);
    };
    document.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('keydown', listen);
    };
  }, []);

  const noTill = sell.error instanceof Problem && sell.error.slug === 'no-open-till';
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_22rem]">
      <div className="h-[52dvh] min-h-80 overflow-hidden rounded-3xl bg-sunk/60 lg:h-[calc(100dvh-21rem)] lg:min-h-[30rem]">
        <StaffMap map={map} plan={plan} seats={seats} onSeat={choosing} />
      </div>
      <section aria-label="Till" className="grid content-start gap-4 rounded-3xl bg-card p-5 shadow-card">
        {sold && <Sold booking={sold} />}
        {seats.length === 0 ? (
          <div className="grid gap-3">
            {!sold && <p className="text-soft">Tap seats on the map, or take the best free ones:</p>}
            <div role="group" aria-label="Best free seats" className="flex flex-wrap gap-2">
              {[1, 2, 3, 4, 5, 6].map((wanted) => (
                <Button
                  key={wanted}
                  aria-label={`Best ${count(wanted, 'seat')}`}
                  className="!min-w-11 !px-3"
                  onClick={() => {
                    best(wanted);
                  }}
                >
                  {wanted}
                </Button>
              ))}
            </div>
            <Link className="link" to={`/admin/screenings/${id}`}>
              House seats and guest list
            </Link>
          </div>
        ) : (
          <form
            className="grid gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              if (ready) sellNow();
            }}
          >
            <div>
              <p className="flex items-baseline justify-between gap-4">
                <span className="text-soft">{count(seats.length, 'seat')}</span>
                <button type="button" className="link text-sm" onClick={clear}>
                  Clear
                </button>
              </p>
              <p className="marquee text-2xl wrap-anywhere">{seats.join(', ')}</p>
              {[...new Set(seats.flatMap((seat) => blockOf(seat)?.reason ?? []))].map((why) => (
                <p key={why} className="text-sm text-note">
                  House seats: {why}
                </p>
              ))}
            </div>
            <TicketTypes seats={seats} types={types} />
            <div>
              <p className="numbers marquee text-5xl">{money(due)}</p>
              {fee && !free && <p className="text-sm text-soft">With a fee of {money(fee)}</p>}
            </div>
            <div role="radiogroup" aria-label="Way to pay" className="grid grid-cols-4 gap-1 rounded-2xl bg-sunk p-1">
              {METHODS.map(({ method: one, text, icon: Icon }, index) => (
                <button
                  key={one}
                  type="button"
                  role="radio"
                  aria-checked={one === method}
                  title={`Key ${String(index + 1)}`}
                  onClick={() => {
                    setMethod(one);
                  }}
                  className={[
                    'grid min-h-16 place-items-center content-center gap-1 rounded-xl text-sm font-semibold',
                    one === method ? 'bg-card shadow-card' : 'text-soft hover:text-ink',
                  ].join(' ')}
                >
                  <Icon size={22} aria-hidden />
                  {text}
                </button>
              ))}
            </div>
            {method === 'cash' && <Cash price={due} />}
            {free && (
              <TextField
                label="Reason"
                required
                maxLength={200}
                placeholder="Press, sponsor, apology"
                value={reason}
                onChange={({ target }) => {
                  setReason(target.value);
                }}
              />
            )}
            <details className="group rounded-2xl bg-sunk px-4">
              <summary className="flex min-h-11 cursor-pointer items-center font-semibold">Customer (optional)</summary>
              <div className="grid gap-3 pb-4">
                {(
                  [
                    ['name', 'Name', 'text'],
                    ['email', 'E-mail, for the tickets', 'email'],
                    ['phone', 'Phone', 'tel'],
                  ] as const
                ).map(([name, label, type]) => (
                  <TextField
                    key={name}
                    label={label}
                    type={type}
                    autoComplete="off"
                    value={customer[name]}
                    onChange={({ target }) => {
                      setCustomer({ ...customer, [name]: target.value });
                    }}
                  />
                ))}
              </div>
            </details>
            {noTill ? (
              <Note tone="warn">
                Cash needs an open till.{' '}
                <button type="button" className="link" onClick={onTill}>
                  Open the till
                </button>
              </Note>
            ) : (
              <Refused error={sell.error} />
            )}
            <Button type="submit" look="gold" size="large" busy={sell.isPending} disabled={!ready}>
              {free ? `Give ${count(seats.length, 'seat')}` : `Sell for ${money(due)}`}
            </Button>
            <p aria-hidden className="text-center text-sm text-soft max-lg:hidden">
              Ctrl Enter sells · 1 to 4 choose the way to pay · Esc clears
            </p>
          </form>
        )}
      </section>
    </div>
  );
}

/** What the customer hands over, and what comes back. */
function Cash({ price }: { price: Money }) {
  const { currency } = usePolicy();
  const [text, setText] = useState('');
  const given = parseMoney(text, currency.code);
  const back = given && change(price, given);
  return (
    <div className="grid gap-2">
      <TextField
        label="Given"
        inputMode="decimal"
        autoComplete="off"
        value={text}
        error={given && !back ? 'This is not enough.' : undefined}
        onChange={({ target }) => {
          setText(target.value);
        }}
      />
      <div className="flex flex-wrap gap-2">
        {likelyNotes(price, currency.decimals).map((note) => (
          <Button
            key={note.amount_minor}
            size="small"
            onClick={() => {
              setText(typedMoney(note));
            }}
          >
            {money(note)}
          </Button>
        ))}
      </div>
      {back && (
        <p className="flex items-baseline justify-between gap-4" role="status">
          <span className="text-soft">Change</span>
          <span className="numbers marquee text-2xl">{money(back)}</span>
        </p>
      )}
    </div>
  );
}

function Sold({ booking }: { booking: SoldBooking }) {
  return (
    <div className="pop grid gap-3 rounded-2xl bg-good-wash p-4" role="status">
      <p className="text-good">
        <span className="block font-semibold">Sold</span>
        <span className="marquee block text-3xl wrap-anywhere">{booking.seats.join(', ')}</span>
        <span className="numbers">{booking.reference}</span>
      </p>
      <div className="flex flex-wrap gap-2">
        <PrintButton booking={booking.booking_id} reference={booking.reference} look="gold" />
        <ButtonLink to={`/admin/desk/${booking.booking_id}`}>Booking</ButtonLink>
      </div>
    </div>
  );
}

/** Money that the counter owes to people whose booking was cancelled. */
function Owed() {
  const owed = useQuery({ ...reading('/box-office/refunds'), retry: false });
  const key = useKey();
  const pay = useMutation({
    mutationFn: ({ booking_id, method }: OwedRefund) => {
      const body = { booking_id, method: method === 'card_terminal' || method === 'upi' ? method : 'cash' } as const;
      return command('POST', '/box-office/refunds', { body, key: key.of(body) });
    },
    onSuccess: (_, { amount }) => {
      key.done();
      say(`${money(amount)} paid out.`, 'good');
      return outdated('/box-office', '/admin');
    },
    onError: (problem) => {
      key.failed(problem);
      say(problem.message, 'bad');
    },
  });
  if (!owed.data || owed.data.items.length === 0) return null;
  return (
    <Card title="To pay back">
      <Table
        label="Refunds that the counter owes"
        rows={owed.data.items}
        keyOf={(row) => row.booking_id}
        columns={[
          { name: 'Number', cell: (row) => <span className="numbers font-semibold">{row.reference}</span> },
          {
            name: 'Booking',
            cell: (row) => (
              <span>
                <span className="font-semibold">{row.show}</span>
                <span className="block text-sm text-soft">
                  {row.name && `${row.name}, `}
                  {row.seats.join(', ')}
                </span>
              </span>
            ),
          },
          { name: 'Amount', right: true, cell: (row) => money(row.amount) },
          {
            name: '',
            right: true,
            cell: (row) => (
              <Button
                size="small"
                busy={pay.isPending && pay.variables.booking_id === row.booking_id}
                disabled={pay.isPending}
                onClick={() => {
                  pay.mutate(row);
                }}
              >
                Pay out {howPaid(row.method)}
              </Button>
            ),
          },
        ]}
      />
    </Card>
  );
}
