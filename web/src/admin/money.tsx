import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, useSearchParams } from 'react-router';

import { command, getFile, newKey } from '../api/client';
import { listing, outdated, reading } from '../api/queries';
import type {
  Customer,
  CustomersBooking,
  CustomersPayment,
  CustomersRefund,
  Reconciliation,
  Sales,
  Summed,
} from '../api/types';
import { download } from '../booking/download';
import { Status, statusName } from '../design/badge';
import { Button } from '../design/button';
import { SelectField, TextField } from '../design/field';
import { calendarDay, count, dayAfter, dayName, money, when } from '../design/format';
import { useNow, useSettled, useTitle } from '../design/hooks';
import { Note } from '../design/notices';
import { say } from '../design/toast';
import { Answer, Card, More, Sure, Table, Title } from './parts';

const LISTS = [
  { name: 'sales', text: 'Sales' },
  { name: 'bookings', text: 'Bookings' },
  { name: 'payments', text: 'Payments' },
  { name: 'refunds', text: 'Refunds' },
  { name: 'reconciliation', text: 'Reconciliation' },
] as const;

export default function MoneyPage() {
  useTitle('Money');
  const [params, setParams] = useSearchParams();
  const list = LISTS.find((one) => one.name === params.get('list'))?.name ?? 'sales';
  const rail = useRef<HTMLElement>(null);
  useEffect(() => {
    // On phones not all lists fit: the one that is open is brought into sight.
    const open = rail.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (open && rail.current)
      rail.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - rail.current.clientWidth / 2;
  }, [list]);
  return (
    <>
      <Title>Money</Title>
      <nav
        ref={rail}
        aria-label="Which list"
        className="relative mb-6 flex w-full gap-1 overflow-x-auto rounded-full bg-sunk p-1 [scrollbar-width:none] sm:w-fit"
      >
        {LISTS.map(({ name, text }) => (
          <button
            key={name}
            type="button"
            aria-current={name === list ? 'page' : undefined}
            onClick={() => {
              setParams({ list: name });
            }}
            className={`min-h-10 rounded-full px-4 font-semibold whitespace-nowrap transition-colors ${name === list ? 'bg-card shadow-card' : 'text-soft hover:text-ink'}`}
          >
            {text}
          </button>
        ))}
      </nav>
      {list === 'sales' && <SalesList />}
      {list === 'bookings' && <BookingList />}
      {list === 'payments' && <PaymentList />}
      {list === 'refunds' && <RefundList />}
      {list === 'reconciliation' && <Reconciled />}
    </>
  );
}

function who(customer: Customer | null | undefined) {
  return (
    <span>
      {customer?.name ?? '–'}
      <span className="block text-sm wrap-anywhere text-soft">{customer?.email}</span>
    </span>
  );
}

function historyLink(aggregate: string, id: string, text: string) {
  return (
    <Link className="link whitespace-nowrap" to={`/admin/history?aggregate=${aggregate}&id=${id}`}>
      {text}
    </Link>
  );
}

function SalesList() {
  const today = calendarDay(useNow(60_000));
  const [from, setFrom] = useState(dayAfter(today, -30));
  const [to, setTo] = useState(today);
  const [group, setGroup] = useState('show');
  const query = { from, to, group_by: group };
  const sales = useQuery({ ...reading<Sales>('/admin/sales', query), retry: 1 });
  const asCsv = useMutation({
    mutationFn: () => getFile(`/admin/sales?${new URLSearchParams(query).toString()}`, 'text/csv'),
    onSuccess: (file) => {
      download(file, `sales ${from} to ${to}.csv`);
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <Card
      title="Sales"
      actions={
        <Button
          busy={asCsv.isPending}
          onClick={() => {
            asCsv.mutate();
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
            rows={items}
            keyOf={(row) => [row.day, row.show_id, row.venue_id, row.net.currency].join(' ')}
            empty="Nothing was sold in that time"
            columns={[
              {
                name: 'Of',
                cell: (row) => (
                  <span className="font-semibold">
                    {[row.show_title, row.venue_name, row.day && dayName(row.day, 'date')].filter(Boolean).join(', ') ||
                      'Everything'}
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

function Filter({
  statuses,
  status,
  onStatus,
}: {
  statuses: string[];
  status: string;
  onStatus: (status: string) => void;
}) {
  return (
    <SelectField
      label="Status"
      value={status}
      onChange={(event) => {
        onStatus(event.target.value);
      }}
    >
      <option value="">Any</option>
      {statuses.map((one) => (
        <option key={one} value={one}>
          {statusName(one)}
        </option>
      ))}
    </SelectField>
  );
}

function useStatus() {
  const [params, setParams] = useSearchParams();
  return [
    params.get('status') ?? '',
    (status: string) => {
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          if (status) next.set('status', status);
          else next.delete('status');
          return next;
        },
        { replace: true },
      );
    },
  ] as const;
}

function BookingList() {
  const [status, setStatus] = useStatus();
  const [text, setText] = useState('');
  const q = useSettled(text, 250);
  const bookings = useInfiniteQuery({ ...listing<CustomersBooking>('/admin/bookings', { q, status }), retry: 1 });
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
            empty={q || status ? 'No booking is like that' : 'Nobody has booked so far'}
            columns={[
              {
                name: 'Booked',
                cell: (row) => (
                  <span className="block min-w-20 lg:whitespace-nowrap">{when(row.created_at, 'full')}</span>
                ),
              },
              { name: 'Customer', cell: (row) => who(row.customer) },
              {
                name: 'Show',
                cell: (row) => (
                  <span>
                    <span className="font-semibold">{row.show.title}</span>
                    <span className="block text-sm text-soft">
                      {when(row.screening.starts_at, 'full', row.screening.timezone)}, {row.venue.name}
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
                    {historyLink('booking', row.booking_id, 'History')}
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

function PaymentList() {
  const [status, setStatus] = useStatus();
  const payments = useInfiniteQuery({ ...listing<CustomersPayment>('/admin/payments', { status }), retry: 1 });
  const [asked, setAsked] = useState<{ payment: CustomersPayment; decision: 'accept' | 'refund' } | null>(null);
  const decide = useMutation({
    mutationFn: ({ payment, decision }: { payment: CustomersPayment; decision: 'accept' | 'refund' }) =>
      command('POST', `/admin/payments/${payment.payment_id}/decision`, { body: { decision }, key: newKey() }),
    onSuccess: () => {
      setAsked(null);
      return outdated('/admin');
    },
  });
  const ask = (payment: CustomersPayment, decision: 'accept' | 'refund') => {
    decide.reset();
    setAsked({ payment, decision });
  };
  return (
    <Card title="Payments">
      <div className="mb-5 max-w-56">
        <Filter
          statuses={['pending', 'captured', 'failed', 'expired', 'refunding', 'refunded', 'review']}
          status={status}
          onStatus={setStatus}
        />
      </div>
      <Answer of={payments}>
        {({ items }) => (
          <Table
            label="Payments"
            rows={items}
            keyOf={(row) => row.payment_id}
            empty={status ? 'No payment is in that state' : 'Nobody has paid so far'}
            columns={[
              {
                name: 'Begun',
                cell: (row) => <span className="lg:whitespace-nowrap">{when(row.created_at, 'full')}</span>,
              },
              { name: 'Customer', cell: (row) => who(row.customer) },
              { name: 'For', cell: (row) => (row.purpose === 'top_up' ? 'Top-up' : 'Booking') },
              { name: 'By', cell: (row) => <span className="capitalize">{row.method}</span> },
              { name: 'Amount', right: true, cell: (row) => money(row.captured ?? row.amount) },
              {
                name: 'Status',
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {row.status === 'review' && (
                      <span className="flex gap-2">
                        <Button
                          size="small"
                          onClick={() => {
                            ask(row, 'accept');
                          }}
                        >
                          Accept
                        </Button>
                        <Button
                          size="small"
                          onClick={() => {
                            ask(row, 'refund');
                          }}
                        >
                          Refund
                        </Button>
                      </span>
                    )}
                    {row.failure_reason && (
                      <span className="text-sm text-soft">{row.failure_reason.replaceAll('_', ' ')}</span>
                    )}
                  </span>
                ),
              },
              { name: '', cell: (row) => historyLink('payment', row.payment_id, 'History') },
            ]}
          />
        )}
      </Answer>
      <More of={payments} />
      {asked && (
        <Sure
          title={asked.decision === 'accept' ? 'Accept this payment?' : 'Refund this payment?'}
          verb={asked.decision === 'accept' ? 'Accept it' : 'Refund it'}
          act={{
            ...decide,
            mutate: () => {
              decide.mutate(asked);
            },
          }}
          onClose={() => {
            setAsked(null);
          }}
        >
          {money(asked.payment.captured ?? asked.payment.amount)} of {asked.payment.customer?.name ?? 'a customer'}{' '}
          {asked.decision === 'accept' ? 'will count as paid.' : 'will go back.'}
        </Sure>
      )}
    </Card>
  );
}

function RefundList() {
  const [status, setStatus] = useStatus();
  const refunds = useInfiniteQuery({ ...listing<CustomersRefund>('/admin/refunds', { status }), retry: 1 });
  const [asked, setAsked] = useState<CustomersRefund | null>(null);
  const retry = useMutation({
    mutationFn: (id: string) => command('POST', `/admin/refunds/${id}/retry`, { key: newKey() }),
    onSuccess: () => outdated('/admin'),
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  const toWallet = useMutation({
    mutationFn: (id: string) => command('POST', `/admin/refunds/${id}/to-wallet`, { key: newKey() }),
    onSuccess: () => {
      setAsked(null);
      return outdated('/admin');
    },
  });
  return (
    <Card title="Refunds">
      <div className="mb-5 max-w-56">
        <Filter
          statuses={['requested', 'attempted', 'submitted', 'failed', 'review', 'completed']}
          status={status}
          onStatus={setStatus}
        />
      </div>
      <Answer of={refunds}>
        {({ items }) => (
          <Table
            label="Refunds"
            rows={items}
            keyOf={(row) => row.payment_id}
            empty={status ? 'No refund is in that state' : 'Nothing had to be refunded so far'}
            columns={[
              {
                name: 'Asked for',
                cell: (row) => (
                  <span className="whitespace-nowrap">{row.requested_at ? when(row.requested_at, 'full') : '–'}</span>
                ),
              },
              { name: 'Customer', cell: (row) => who(row.customer) },
              { name: 'Why', cell: (row) => row.reason?.replaceAll('_', ' ') ?? '–' },
              { name: 'To', cell: (row) => <span className="capitalize">{row.to ?? '–'}</span> },
              { name: 'Amount', right: true, cell: (row) => money(row.amount) },
              {
                name: 'Status',
                cell: (row) => (
                  <span className="grid justify-items-start gap-2 max-sm:justify-items-end">
                    <Status of={row.status} />
                    {(row.status === 'failed' || row.status === 'review') && (
                      <span className="flex gap-2">
                        <Button
                          size="small"
                          busy={retry.isPending && retry.variables === row.payment_id}
                          onClick={() => {
                            retry.mutate(row.payment_id);
                          }}
                        >
                          Try again
                        </Button>
                        <Button
                          size="small"
                          onClick={() => {
                            toWallet.reset();
                            setAsked(row);
                          }}
                        >
                          To the wallet
                        </Button>
                      </span>
                    )}
                    {row.failure && <span className="text-sm text-soft">{row.failure}</span>}
                  </span>
                ),
              },
              { name: '', cell: (row) => historyLink('payment', row.payment_id, 'History') },
            ]}
          />
        )}
      </Answer>
      <More of={refunds} />
      {asked && (
        <Sure
          title="Refund to the wallet?"
          verb="To the wallet"
          act={{
            ...toWallet,
            mutate: () => {
              toWallet.mutate(asked.payment_id);
            },
          }}
          onClose={() => {
            setAsked(null);
          }}
        >
          {money(asked.amount)} will go to the wallet of {asked.customer?.name ?? 'the customer'}, and not back the way
          it was paid.
        </Sure>
      )}
    </Card>
  );
}

function Sums({ title, sums }: { title: string; sums: readonly Summed[] }) {
  return (
    <div>
      <h3 className="mb-1 font-semibold">{title}</h3>
      {sums.length === 0 ? (
        <p className="text-soft">Nothing</p>
      ) : (
        <ul className="divide-y divide-line">
          {sums.map((one) => (
            <li key={`${one.of} ${one.amount.currency}`} className="flex justify-between gap-4 py-1.5">
              <span className="capitalize">
                {one.of.replaceAll('_', ' ')}{' '}
                <span className="text-sm text-soft">{one.count.toLocaleString('en-IN')}</span>
              </span>
              <span className="numbers font-semibold">{money(one.amount)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Reconciled() {
  const answer = useQuery({ ...reading<Reconciliation>('/admin/reconciliation'), retry: 1 });
  return (
    <Card title="Reconciliation">
      <Answer of={answer}>
        {(one) => (
          <div className="grid gap-6">
            {one.unmatched.length === 0 ? (
              <Note tone="good">Everything adds up, as of {when(one.settled_before, 'full')}.</Note>
            ) : (
              <Note tone="bad">
                {count(one.unmatched.length, 'thing')} {one.unmatched.length === 1 ? 'does' : 'do'} not add up.
              </Note>
            )}
            {one.unmatched.length > 0 && (
              <Table
                label="Unmatched"
                rows={one.unmatched}
                keyOf={(row) => `${row.kind} ${row.payment_id ?? ''} ${row.provider_id ?? ''}`}
                columns={[
                  { name: 'What', cell: (row) => row.kind.replaceAll('_', ' ') },
                  { name: 'Expected', right: true, cell: (row) => (row.expected ? money(row.expected) : '–') },
                  { name: 'Found', right: true, cell: (row) => (row.found ? money(row.found) : '–') },
                  { name: 'Since', cell: (row) => (row.since ? when(row.since, 'full') : '–') },
                  { name: '', cell: (row) => row.payment_id && historyLink('payment', row.payment_id, 'History') },
                ]}
              />
            )}
            <div className="grid gap-x-10 gap-y-6 sm:grid-cols-2 lg:grid-cols-3">
              <Sums title="Taken" sums={one.captured} />
              <Sums title="Given back" sums={one.refunded} />
              <Sums title="On its way back" sums={one.refunding} />
              <Sums title="Waits for a decision" sums={one.in_review} />
              <Sums title="Movements of wallets" sums={one.wallet_movements} />
              <Sums title="In wallets" sums={one.wallet_balance} />
              {one.provider && <Sums title="By the provider's word" sums={one.provider} />}
            </div>
          </div>
        )}
      </Answer>
    </Card>
  );
}
