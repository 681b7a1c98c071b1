import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Download, ReceiptText } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';

import { getFile } from '../../api/client';
import { listing } from '../../api/queries';
import { useUser } from '../../api/session/use-session';
import type { Invoice } from '../../api/types';
import { download } from '../../booking/tickets/download';
import { Button } from '../../design/button';
import { calendarDay, dayAfter, dayName, money } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { DESK, isAllowed } from '../access';
import { Answer, Card, More, Table } from '../parts';
import { useVenues } from '../use-venues';
import { PeriodDays, PeriodPresets, VenueField, venueFor } from './period-fields';
import type { Period } from './periods';

/** Invoices and credit notes of a period, in the order of their numbers. */
export function InvoiceList() {
  const today = calendarDay(useNow(60_000));
  const [period, setPeriod] = useState<Period>({ from: dayAfter(today, -29), to: today });
  const venues = useVenues();
  const [asked, setVenue] = useState('');
  const venue = venueFor(venues, asked);
  const query = { ...period, venue_id: venue };
  const invoices = useInfiniteQuery({ ...listing('/admin/invoices', query), retry: 1 });
  const atDesk = isAllowed(useUser()?.role, DESK);
  return (
    <>
      <PeriodPresets period={period} onPeriod={setPeriod} today={today} />
      <div className="mb-5 grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-4">
        <PeriodDays period={period} onPeriod={setPeriod} />
        <VenueField venues={venues} venue={venue} onVenue={setVenue} />
      </div>
      {venues.error && (
        <div className="mb-5">
          <Refused error={venues.error} />
        </div>
      )}
      <Card title={w.money.lists.invoices} actions={<InvoiceExport query={query} />}>
        <Answer of={invoices}>
          {({ items }) => (
            <Table
              label={w.money.lists.invoices}
              rows={items}
              keyOf={(row) => row.number}
              empty={w.invoices.none}
              columns={[
                {
                  name: w.invoices.number,
                  cell: (row) => (
                    <span className="block min-w-36">
                      <span className="numbers font-semibold">{row.number}</span>
                      <span className="block text-sm text-soft">{w.invoices.kinds[row.kind]}</span>
                    </span>
                  ),
                },
                { name: w.invoices.day, cell: (row) => dayName(row.day, 'date') },
                {
                  name: w.invoices.booking,
                  cell: (row) =>
                    atDesk ? (
                      <Link className="link numbers" to={`/admin/desk/${row.booking_id}`}>
                        {row.reference}
                      </Link>
                    ) : (
                      <span className="numbers">{row.reference}</span>
                    ),
                },
                {
                  name: w.money.columns.show,
                  cell: (row) => (
                    <span className="block min-w-36">
                      {row.show}
                      <span className="block text-sm text-soft">{row.venue}</span>
                    </span>
                  ),
                },
                { name: w.money.columns.amount, right: true, cell: (row) => <strong>{signed(row)}</strong> },
                { name: w.invoices.tax, right: true, cell: (row) => taxOf(row) },
                { name: w.invoices.document, right: true, cell: (row) => <InvoicePdf invoice={row} /> },
              ]}
            />
          )}
        </Answer>
        <More of={invoices} />
      </Card>
    </>
  );
}

/** The amount; that of a credit note is negative. */
function signed({ kind, amount }: Invoice): string {
  return money(kind === 'credit_note' ? { ...amount, amount_minor: -amount.amount_minor } : amount);
}

/** The tax that the amount includes. */
function taxOf({ kind, tax, amount }: Invoice): string {
  if (tax.length === 0) return '–';
  const sum = tax.reduce((total, one) => total + one.amount.amount_minor, 0);
  return money({ ...amount, amount_minor: kind === 'credit_note' ? -sum : sum });
}

/** Downloads the invoice of a booking with its credit notes. */
function InvoicePdf({ invoice: { booking_id, number, reference } }: { invoice: Invoice }) {
  const file = useMutation({
    mutationFn: () => getFile(`/bookings/${booking_id}/invoice.pdf`, 'application/pdf'),
    onSuccess: (pdf) => {
      download(pdf, w.invoices.file(reference));
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <Button
      size="small"
      aria-label={w.invoices.open(number)}
      busy={file.isPending}
      onClick={() => {
        file.mutate();
      }}
    >
      <ReceiptText size={17} aria-hidden /> {w.invoices.pdf}
    </Button>
  );
}

/** Downloads the invoices and credit notes of a period for spreadsheets. */
function InvoiceExport({ query }: { query: Period & { venue_id: string } }) {
  const file = useMutation({
    mutationFn: () => getFile('/admin/invoices', 'text/csv', { ...query }),
    onSuccess: (csv) => {
      download(csv, w.invoices.csvFile(query.from, query.to));
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <Button
      busy={file.isPending}
      onClick={() => {
        file.mutate();
      }}
    >
      <Download size={17} aria-hidden /> {w.invoices.csv}
    </Button>
  );
}
