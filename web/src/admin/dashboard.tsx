import { useQueries, useQuery } from '@tanstack/react-query';
import { AlertTriangle, Check, CheckCircle2, X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Link } from 'react-router';

import { Problem } from '../api/problem';
import { reading, wholeList } from '../api/queries';
import { cityName, screenName } from '../catalogue/names';
import { calendarDay, daysAt, money, when, number } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Bone, Loading } from '../design/notices';
import { IconButton } from '../design/button';
import { t } from '../i18n/texts';
import { w } from '../i18n/work/texts';
import { sumByCurrency } from './money/sales';
import { Answer, Card, Figure, Table, Title } from './parts';
import { usePolling } from './polling';
import { rememberSeenMails, seenMails } from './seen-mails';

/** Between two looks, in milliseconds. */
const EVERY = 15_000;
/** Screenings of today that are listed. */
const NEXT_MAX = 8;

export default function Dashboard() {
  useTitle(w.dashboard.page);
  const every = usePolling();
  const now = useNow(30_000);
  const today = calendarDay(now);
  const sales = useQuery({
    ...reading('/admin/sales', { from: today, to: today, group_by: 'day' }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const screenings = useToday(now);
  const open = screenings.data ?? [];
  const capacity = open.reduce((total, screening) => total + screening.capacity, 0);
  const taken = capacity - open.reduce((total, screening) => total + screening.available_seats, 0);
  const unfinished = open.filter((screening) => Date.parse(screening.ends_at) > now);
  const next = unfinished.slice(0, NEXT_MAX);
  const severalZones = new Set(next.map(({ timezone }) => timezone)).size > 1;
  const sold = sales.data && sumByCurrency(sales.data.items, 'sold');
  const refunded =
    sales.data &&
    sumByCurrency(sales.data.items, 'refunded')
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
          {sales.data
            ? number(sales.data.items.reduce((total, row) => total + row.seats, 0))
            : sales.isError
              ? '–'
              : '…'}
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
                      <Link className="font-semibold hover:underline" to={`/admin/time-travel/${row.screening_id}`}>
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
function useToday(now: number) {
  const every = usePolling();
  const venues = useQuery({ ...wholeList('/venues', { status: 'active' }), staleTime: 10 * 60_000 });
  const days = daysAt(now, venues.data?.map(({ timezone }) => timezone) ?? []);
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

/** First steps of a new installation, in order; hidden once something is scheduled. */
function FirstSteps() {
  const venues = useQuery(reading('/venues', { limit: 1 }));
  const shows = useQuery(reading('/shows', { limit: 1 }));
  const screenings = useQuery(reading('/screenings', { limit: 1 }));
  if (!venues.data || !shows.data || !screenings.data || screenings.data.items.length > 0) return null;
  const [venue] = venues.data.items;
  const steps = [
    {
      to: venue ? `/admin/venues/${venue.venue_id}` : '/admin/venues',
      text: w.dashboard.steps.venue,
      done: venue !== undefined,
    },
    { to: '/admin/shows', text: w.dashboard.steps.show, done: shows.data.items.length > 0 },
    { to: '/admin/schedule', text: w.dashboard.steps.schedule, done: false },
  ];
  return (
    <Card title={w.dashboard.firstSteps}>
      <ol className="grid gap-2">
        {steps.map(({ to, text, done }, index) => (
          <li key={to}>
            <Link
              to={to}
              className="flex items-center gap-3 rounded-2xl bg-sunk px-4 py-3 font-semibold hover:underline"
            >
              <span
                className={[
                  'numbers grid size-7 shrink-0 place-items-center rounded-full text-sm',
                  done ? 'bg-good-wash text-good' : 'bg-gold text-on-gold',
                ].join(' ')}
              >
                {done ? <Check size={16} aria-label={w.dashboard.done} /> : index + 1}
              </span>
              {text}
            </Link>
          </li>
        ))}
      </ol>
    </Card>
  );
}

/** Open problems; a calm line if there are none. */
function Attention() {
  const [seen, setSeen] = useState(seenMails);
  const every = usePolling();
  const parked = useQuery({
    ...reading('/admin/parked', { limit: 100 }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const projections = useQuery({
    ...reading('/admin/projections'),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const review = useQuery({
    ...reading('/admin/payments', { status: 'review' }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const refunds = useQuery({
    ...reading('/admin/refunds', { status: 'review' }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const credits = useQuery({
    ...reading('/admin/credits', { status: 'pending' }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const mails = useQuery({
    ...reading('/admin/mails', { limit: 100 }),
    refetchInterval: every(EVERY),
    retry: false,
  });
  const cascades = useQuery({ ...reading('/admin/cascades'), refetchInterval: every(EVERY), retry: false });
  const streams = useQuery({ ...reading('/admin/streams'), refetchInterval: every(EVERY), retry: false });
  const reconciliation = useQuery({
    ...reading('/admin/reconciliation'),
    refetchInterval: every(60_000),
    retry: false,
  });
  const looks = [parked, projections, review, refunds, credits, mails, cascades, streams, reconciliation];
  const looking = looks.some((look) => look.isPending);
  const unseen = looks.some(({ error }) => error !== null && !(error instanceof Problem && error.notOffered));
  const notes: { to: string; text: ReactNode; seen?: string[] }[] = [];
  const waiting = parked.data?.items.length ?? 0;
  if (waiting > 0)
    notes.push({
      to: '/admin/system',
      text: w.attention.parked(waiting),
    });
  const halted = projections.data?.items.filter((one) => one.state === 'halted').length ?? 0;
  if (halted > 0)
    notes.push({
      to: '/admin/system',
      text: w.attention.halted(halted),
    });
  const undecided = review.data?.items.length ?? 0;
  if (undecided > 0)
    notes.push({
      to: '/admin/money?list=payments&status=review',
      text: w.attention.payments(undecided),
    });
  const stuck = refunds.data?.items.length ?? 0;
  if (stuck > 0)
    notes.push({
      to: '/admin/money?list=refunds&status=review',
      text: w.attention.refunds(stuck),
    });
  const proposed = credits.data?.items.length ?? 0;
  if (proposed > 0)
    notes.push({
      to: '/admin/money?list=credits&status=pending',
      text: w.attention.credits(proposed),
    });
  // Those in review are listed above.
  const late = reconciliation.data?.open_refunds.filter(({ status }) => status !== 'review').length ?? 0;
  if (late > 0)
    notes.push({
      to: '/admin/money?list=reconciliation',
      text: w.attention.lateRefunds(late),
    });
  const unmatched = reconciliation.data?.unmatched.length ?? 0;
  if (unmatched > 0)
    notes.push({
      to: '/admin/money?list=reconciliation',
      text: w.attention.unmatched(unmatched),
    });
  const failed = mails.data?.items.filter((mail) => mail.state === 'failed' && !seen.has(mail.mail_id)) ?? [];
  if (failed.length > 0)
    notes.push({
      to: '/admin/mails',
      text: w.attention.mails(failed.length),
      seen: failed.map(({ mail_id }) => mail_id),
    });
  const failing = cascades.data?.items.filter((one) => one.failed.length > 0).length ?? 0;
  if (failing > 0)
    notes.push({
      to: '/admin/cascades',
      text: w.attention.cascades(failing),
    });
  for (const stream of streams.data?.items ?? [])
    if (stream.nearly_full)
      notes.push({ to: '/admin/system', text: w.attention.storage(stream.name, String(stream.percent)) });
  return (
    <Card title={w.attention.title}>
      {notes.length === 0 && looking && (
        <Loading>
          <Bone className="h-7" />
        </Loading>
      )}
      {notes.length === 0 && !looking && !unseen && (
        <p className="flex items-center gap-2.5 text-good">
          <CheckCircle2 size={22} aria-hidden /> {w.attention.nothing}
        </p>
      )}
      {notes.length > 0 && (
        <ul className="grid gap-2">
          {notes.map((note, index) => (
            <li key={index} className="flex items-center rounded-2xl bg-warn-wash text-warn">
              <Link
                to={note.to}
                className="flex min-w-0 flex-1 items-center gap-2.5 px-4 py-3 font-semibold hover:underline"
              >
                <AlertTriangle size={20} className="shrink-0" aria-hidden /> {note.text}
              </Link>
              {note.seen && (
                <IconButton
                  label={w.attention.seen}
                  className="!text-warn"
                  onClick={() => {
                    setSeen(rememberSeenMails(note.seen ?? []));
                  }}
                >
                  <X size={18} aria-hidden />
                </IconButton>
              )}
            </li>
          ))}
        </ul>
      )}
      {unseen && (
        <p role="status" className={`text-soft ${notes.length > 0 ? 'mt-3' : ''}`}>
          {w.attention.notLoaded}
        </p>
      )}
    </Card>
  );
}
