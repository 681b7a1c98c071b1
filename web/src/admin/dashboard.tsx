import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { reading, wholeList } from '../api/queries';
import { cityName, screenName } from '../catalogue/names';
import { calendarDay, daysAt, money, when, number } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { t } from '../i18n/texts';
import { w } from '../i18n/work/texts';
import { Attention } from './attention';
import { FirstSteps } from './first-steps';
import { ofToday, sumByCurrency } from './money/sales';
import { Answer, Card, Figure, Table, Title } from './parts';
import { usePolling } from './polling';

/** Between two looks, in milliseconds. */
const EVERY = 15_000;
/** Screenings of today that are listed. */
const NEXT_MAX = 8;

export default function Dashboard() {
  useTitle(w.dashboard.page);
  const every = usePolling();
  const now = useNow(30_000);
  const venues = useQuery({ ...wholeList('/venues', { status: 'active' }), staleTime: 10 * 60_000 });
  const zones = new Map(venues.data?.map(({ venue_id, timezone }) => [venue_id, timezone]));
  const days = daysAt(now, [...zones.values()]);
  const [first, last] = [days[0] ?? calendarDay(now), days.at(-1) ?? calendarDay(now)];
  const sales = useQuery({
    ...reading('/admin/sales', { from: first, to: last, group_by: 'day,venue' }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const today = sales.data && ofToday(sales.data.items, zones, now);
  const screenings = useToday(days, now);
  const open = screenings.data ?? [];
  const capacity = open.reduce((total, screening) => total + screening.capacity, 0);
  const taken = capacity - open.reduce((total, screening) => total + screening.available_seats, 0);
  const unfinished = open.filter((screening) => Date.parse(screening.ends_at) > now);
  const next = unfinished.slice(0, NEXT_MAX);
  const severalZones = new Set(next.map(({ timezone }) => timezone)).size > 1;
  const sold = today && sumByCurrency(today, 'sold');
  const refunded =
    today &&
    sumByCurrency(today, 'refunded')
      .filter(({ amount_minor }) => amount_minor > 0)
      .map((amount) => money(amount))
      .join(' + ');
  return (
    <>
      <Title>{w.dashboard.title}</Title>
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
        <Figure label={w.dashboard.sold} hint={refunded && w.dashboard.refunded(refunded)}>
          {sold ? (sold.length > 0 ? sold.map((amount) => money(amount)).join(' + ') : '–') : sales.isError ? '–' : '…'}
        </Figure>
        <Figure label={w.dashboard.tickets}>
          {today ? number(today.reduce((total, row) => total + row.seats, 0)) : sales.isError ? '–' : '…'}
        </Figure>
        <Figure label={w.dashboard.screenings} hint={screenings.data && w.dashboard.toCome(unfinished.length)}>
          {screenings.data ? open.length : screenings.isError ? '–' : '…'}
        </Figure>
        <Figure label={w.dashboard.taken} hint={capacity > 0 && w.dashboard.takenOf(number(taken), number(capacity))}>
          {capacity > 0 ? `${String(Math.round((taken / capacity) * 100))} %` : screenings.isPending ? '…' : '–'}
        </Figure>
      </div>
      <div className="mt-6 grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_24rem]">
        <Card title={w.dashboard.next}>
          <Answer of={screenings}>
            {() => (
              <Table
                label={w.dashboard.next}
                rows={next}
                keyOf={(row) => row.screening_id}
                empty={w.dashboard.nothingMore}
                columns={[
                  {
                    name: w.dashboard.columns.time,
                    cell: (row) => (
                      <span className="numbers whitespace-nowrap">
                        {when(row.starts_at, 'time', row.timezone)}
                        {severalZones && (
                          <span className="block text-sm text-soft">{t.when.zone(cityName(row.city))}</span>
                        )}
                      </span>
                    ),
                  },
                  {
                    name: w.dashboard.columns.show,
                    cell: (row) => (
                      <Link className="font-semibold hover:underline" to={`/admin/screenings/${row.screening_id}`}>
                        {row.show_title}
                      </Link>
                    ),
                  },
                  {
                    name: w.dashboard.columns.where,
                    cell: (row) => (
                      <span className="text-soft">
                        {row.venue_name}, {screenName(row.screen_name)} ({cityName(row.city)})
                      </span>
                    ),
                  },
                  {
                    name: w.dashboard.columns.taken,
                    right: true,
                    cell: (row) => `${String(row.capacity - row.available_seats)} / ${String(row.capacity)}`,
                  },
                ]}
              />
            )}
          </Answer>
        </Card>
        <div className="grid gap-6">
          <FirstSteps />
          <Attention />
        </div>
      </div>
    </>
  );
}

/** Screenings of today: of the day that it is at each venue, which is not the same day everywhere. */
function useToday(days: readonly string[], now: number) {
  const every = usePolling();
  return useQueries({
    queries: days.map((date) => ({
      ...wholeList('/screenings', { date, status: 'active' }),
      refetchInterval: every(60_000),
    })),
    combine: (answers) => ({
      data: answers.every(({ data }) => data !== undefined)
        ? answers
            .flatMap(({ data }) => data ?? [])
            .filter((one) => calendarDay(one.starts_at, one.timezone) === calendarDay(now, one.timezone))
            .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at))
        : undefined,
      error: answers.find(({ error }) => error !== null)?.error ?? null,
      isError: answers.some(({ isError }) => isError),
      isPending: answers.some(({ isPending }) => isPending),
      refetch: () => answers.map(({ refetch }) => void refetch()),
    }),
  });
}
