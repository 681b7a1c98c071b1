import { useQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useState } from 'react';

import { reading } from '../../api/queries';
import type { Money } from '../../api/types';
import { download } from '../../booking/tickets/download';
import { Button } from '../../design/button';
import { SelectField } from '../../design/field';
import { calendarDay, dayAfter, dayName, money, number } from '../../design/format';
import { useNow } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Figure, Table } from '../parts';
import { useVenues } from '../use-venues';
import { Bars } from './bars';
import { MorningMail } from './morning-mail';
import { PeriodDays, PeriodPresets, VenueField, venueFor } from './period-fields';
import { daysOf, groupName, growth, type Period, type SalesRow } from './periods';
import { salesCsv, totals } from './sales';

/** Groups with more bars than this are a table only. */
const BARS_MAX = 100;

export function SalesList() {
  const today = calendarDay(useNow(60_000));
  const [period, setPeriod] = useState<Period>({ from: dayAfter(today, -29), to: today });
  const [group, setGroup] = useState('day');
  const venues = useVenues();
  const [asked, setVenue] = useState('');
  const venue = venueFor(venues, asked);
  const { from, to } = period;
  const query = { from, to, group_by: group, compare: 'previous', venue_id: venue };
  const sales = useQuery({ ...reading('/admin/sales', query), retry: 1 });
  const items: SalesRow[] | undefined = sales.data?.items;
  const sums = items && (totalsWithBefore(items) as SalesRow[]);
  return (
    <>
      <PeriodPresets period={period} onPeriod={setPeriod} today={today} />
      <div className="mb-5 grid grid-cols-1 gap-3 sm:grid-cols-2 lg:grid-cols-4">
        <PeriodDays period={period} onPeriod={setPeriod} />
        <SelectField
          label={w.sales.by}
          value={group}
          onChange={({ target }) => {
            setGroup(target.value);
          }}
        >
          {Object.entries(w.sales.groups).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </SelectField>
        <VenueField venues={venues} venue={venue} onVenue={setVenue} />
      </div>
      {sums?.map((sum) => (
        <div key={sum.net.currency} className="mb-5 grid grid-cols-1 gap-4 sm:grid-cols-2 lg:grid-cols-4">
          <Figure label={w.sales.net} hint={sum.previous && against(sum.net, sum.previous.net)}>
            {money(sum.net)}
          </Figure>
          <Figure label={w.sales.sold}>{money(sum.sold)}</Figure>
          <Figure label={w.sales.refunded}>{money(sum.refunded)}</Figure>
          <Figure label={w.sales.seats} hint={sum.previous && w.sales.seatsBefore(number(sum.previous.seats))}>
            {number(sum.seats)}
          </Figure>
        </div>
      ))}
      <Card
        title={w.sales.title}
        actions={
          <Button
            disabled={!items}
            onClick={() => {
              download(new Blob([salesCsv(items ?? [])], { type: 'text/csv' }), w.sales.file(from, to));
            }}
          >
            <Download size={17} aria-hidden /> CSV
          </Button>
        }
      >
        <Answer of={sales}>
          {() => (
            <>
              <Chart rows={items ?? []} group={group} period={period} />
              <Table
                label={w.sales.title}
                rows={(items ?? []).length > 1 ? [...(items ?? []), ...(sums ?? [])] : (items ?? [])}
                keyOf={(row) => `${groupName(row)} ${row.show_id ?? ''} ${row.venue_id ?? ''} ${row.net.currency}`}
                empty={w.sales.nothing}
                columns={[
                  {
                    name: (w.sales.groups as Record<string, string>)[group] ?? w.sales.group,
                    cell: (row) => <span className="font-semibold">{groupName(row)}</span>,
                  },
                  { name: w.sales.bookings, right: true, cell: (row) => row.bookings },
                  { name: w.sales.seats, right: true, cell: (row) => row.seats },
                  { name: w.sales.sold, right: true, cell: (row) => money(row.sold) },
                  { name: w.sales.refunded, right: true, cell: (row) => money(row.refunded) },
                  { name: w.sales.net, right: true, cell: (row) => <strong>{money(row.net)}</strong> },
                  {
                    name: w.sales.before,
                    right: true,
                    cell: (row) =>
                      row.previous && (
                        <span className="text-soft">
                          {money(row.previous.net)} {growth(row.net, row.previous.net)}
                        </span>
                      ),
                  },
                ]}
              />
            </>
          )}
        </Answer>
      </Card>
      <MorningMail />
    </>
  );
}

/** `₹1,200 before, +12 %`. */
function against(now: Money, before: Money): string {
  const change = growth(now, before);
  return w.sales.against(money(before), change ?? '');
}

/** Totals of the rows, with those of the period before. */
function totalsWithBefore(rows: readonly SalesRow[]): SalesRow[] {
  const before = totals(rows.flatMap(({ previous }) => (previous ? [{ ...EMPTY, ...previous }] : [])));
  return totals(rows).map((sum) => ({
    ...sum,
    previous: before.find(({ net }) => net.currency === sum.net.currency) ?? null,
  }));
}

const EMPTY = { bookings_refunded: 0, seats_refunded: 0 };

function Chart({ rows, group, period }: { rows: readonly SalesRow[]; group: string; period: Period }) {
  // Amounts of several currencies have no common scale.
  const [first] = rows;
  if (!first || rows.some(({ net }) => net.currency !== first.net.currency)) return null;
  const format = (amount_minor: number) => money({ ...first.net, amount_minor });
  const bar = (name: string, row: SalesRow | undefined) => ({
    name,
    value: row?.net.amount_minor ?? 0,
    before: row?.previous?.net.amount_minor ?? null,
  });
  const bars =
    group === 'day'
      ? daysOf(period, BARS_MAX + 1).map((day) =>
          bar(
            dayName(day, 'short-day'),
            rows.find((row) => row.day === day),
          ),
        )
      : group === 'hour'
        ? Array.from({ length: 24 }, (_, hour) =>
            bar(
              `${String(hour)}:00`,
              rows.find((row) => row.hour === hour),
            ),
          )
        : [...rows]
            .sort((a, b) => b.net.amount_minor - a.net.amount_minor)
            .slice(0, 12)
            .map((row) => bar(groupName(row), row));
  if (bars.length < 2 || bars.length > BARS_MAX) return null;
  if (group !== 'day' && group !== 'hour') return <Ranking bars={bars} format={format} />;
  return <Bars label={w.sales.chart} bars={bars} format={format} />;
}

/** Sums with long names, the largest first. */
function Ranking({
  bars,
  format,
}: {
  bars: readonly { name: string; value: number }[];
  format: (value: number) => string;
}) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return (
    <ul aria-hidden className="mb-6 grid grid-cols-1 gap-2">
      {bars.map(({ name, value }) => (
        <li key={name} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 leading-tight">
          <span className="truncate font-semibold">{name}</span>
          <span className="numbers">{format(value)}</span>
          <span className="col-span-2 mt-1 h-2 overflow-hidden rounded-full bg-sunk">
            <span
              className="block h-full rounded-full bg-gold forced-color-adjust-none"
              style={{ width: `${String((Math.max(0, value) / most) * 100)}%` }}
            />
          </span>
        </li>
      ))}
    </ul>
  );
}
