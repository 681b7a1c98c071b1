import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Pause, Play } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useParams } from 'react-router';

import { get } from '../../api/client';
import { Problem } from '../../api/problem';
import { reading } from '../../api/queries';
import type { History, PastEvent, SeatMap } from '../../api/types';
import { ButtonLink, IconButton } from '../../design/button';
import { when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { drawPlan } from '../../seats/map/plan';
import { SeatMapView } from '../../seats/map/seat-map-view';
import { inSeatOrder } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { happened } from './happened';
import { emptied, seatsOf } from './past-seats';
import { Answer, Card, Title } from '../parts';

/** Between two events while it plays, in milliseconds. */
const STEP_MS = 350;
/** Pages of events that are read: a stadium's evening. */
const PAGES_MAX = 100;
const NONE: ReadonlySet<string> = new Set();

/** The seat map of a screening with a slider through its history. */
export default function TimeTravel() {
  const { id = '' } = useParams();
  const screening = useQuery(reading(`/screenings/${id}`));
  const map = useQuery({ ...reading(`/screenings/${id}/seats`), staleTime: Infinity });
  const past = useQuery<PastEvent[], Problem>({
    queryKey: [`/admin/history/screening/${id}`, 'whole'],
    queryFn: async ({ signal }) => {
      const events: PastEvent[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < PAGES_MAX; page += 1) {
        const answer: History = await get(`/admin/history/screening/${id}`, {
          query: { cursor, limit: 100, state: false },
          signal,
        });
        events.push(...answer.events);
        cursor = answer.next_cursor ?? null;
        if (cursor === null) break;
      }
      return events;
    },
  });
  useTitle(w.past.title);
  return (
    <>
      <Title actions={<ButtonLink to={`/admin/history?aggregate=screening&id=${id}`}>{w.past.events}</ButtonLink>}>
        {screening.data?.show_title ?? w.past.title}
      </Title>
      {screening.data && (
        <p className="-mt-4 mb-5 text-soft">
          {when(screening.data.starts_at, 'full', screening.data.timezone)}, {screening.data.venue_name},{' '}
          {screening.data.screen_name}
        </p>
      )}
      <Answer of={map}>
        {(now) => <Answer of={past}>{(events) => <Machine id={id} map={now} events={events} />}</Answer>}
      </Answer>
    </>
  );
}

function Machine({ id, map, events }: { id: string; map: SeatMap; events: PastEvent[] }) {
  const [at, setAt] = useState(events.length);
  const [playing, setPlaying] = useState(false);
  const plan = useMemo(() => drawPlan(map), [map]);
  const event = events[at - 1];
  const past = useQuery({
    ...reading(`/admin/screenings/${id}/seats`, { at: String(event?.position ?? 0) }),
    enabled: event !== undefined,
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const empty = useMemo(() => emptied(map), [map]);
  const then = event && past.data ? past.data : empty;
  const touched = useMemo(() => new Set(event ? seatsOf(event) : []), [event]);
  const named = inSeatOrder([...touched]).slice(0, 12);
  const people = new Set(
    (event && past.data ? past.data.rows : [])
      .flatMap((row) => row.seats)
      .flatMap(({ seat, customer }) => (touched.has(seat) && customer ? [customer.name ?? customer.email ?? ''] : [])),
  );
  const arrived = !past.isFetching;
  useEffect(() => {
    if (!playing || !arrived) return;
    const timer = setInterval(() => {
      setAt((before) => {
        if (before >= events.length) {
          setPlaying(false);
          return before;
        }
        return before + 1;
      });
    }, STEP_MS);
    return () => {
      clearInterval(timer);
    };
  }, [playing, arrived, events.length]);
  const count = (status: string) =>
    then.rows.reduce((total, row) => total + row.seats.filter((seat) => seat.status === status).length, 0);
  return (
    <Card>
      <div className="mb-4 flex items-center gap-3">
        <IconButton
          label={playing ? w.past.pause : w.past.play}
          onClick={() => {
            if (!playing && at >= events.length) setAt(0);
            setPlaying(!playing);
          }}
        >
          {playing ? <Pause size={22} aria-hidden /> : <Play size={22} aria-hidden />}
        </IconButton>
        <input
          type="range"
          aria-label={w.past.moment}
          aria-valuetext={event ? `${when(event.time, 'stamp')}, ${happened('screening', event.type)}` : w.past.before}
          min={0}
          max={events.length}
          value={at}
          onChange={(change) => {
            setPlaying(false);
            setAt(Number(change.target.value));
          }}
          className="h-11 w-full accent-gold"
        />
      </div>
      <div className="mb-4 grid gap-x-8 gap-y-1 sm:grid-cols-[minmax(0,1fr)_auto]">
        <p>
          <span className="numbers font-semibold">{event ? when(event.time, 'stamp') : w.past.before}</span>
          {event && (
            <span className="text-soft">
              {' '}
              · {happened('screening', event.type)}
              {touched.size > 0 && `: ${named.join(', ')}${touched.size > 12 ? ' …' : ''}`}
              {people.size > 0 && ` · ${[...people].join(', ')}`}
            </span>
          )}
        </p>
        <p className="numbers text-soft">
          {w.past.at(at, events.length)} · {w.past.seats(count('free'), count('held'), count('sold'))}
        </p>
      </div>
      <div className="h-[60dvh] overflow-hidden rounded-2xl bg-sunk/60">
        <SeatMapView
          map={then}
          plan={plan}
          chosen={NONE}
          onToggle={() => undefined}
          label={w.past.map}
          front={w.past.front}
          fixed
        />
      </div>
    </Card>
  );
}
