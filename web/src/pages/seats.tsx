import { useMutation, useQuery } from '@tanstack/react-query';
import { ChevronLeft, Sparkles, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { SignInForm } from '../account/sign-in-form';
import { command, newKey } from '../api/client';
import { listed, Problem } from '../api/problem';
import { outdated, reading } from '../api/queries';
import type { Screening, SeatMap } from '../api/types';
import { useUser } from '../api/use-session';
import { Button, ButtonLink, IconButton } from '../design/button';
import { Dialog } from '../design/dialog';
import { count, money, moneySpoken, sum, when, zoneNote } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Bone, Failed, Loading, Note } from '../design/notices';
import { say } from '../design/toast';
import { SEATS_MAX, keepChoice, useChoice } from '../seats/choice';
import { useSeatMap } from '../seats/live';
import { bestSeats, drawPlan, type Plan } from '../seats/plan';
import { SeatMapView } from '../seats/seat-map-view';

export default function SeatsPage() {
  const { id = '' } = useParams();
  const screening = useQuery(reading(`/screenings/${id}`));
  const map = useSeatMap(id);
  useTitle(screening.data && `Seats for ${screening.data.show_title}`);
  const error = screening.error ?? map.error;
  if (error && !(screening.data && map.data)) {
    return (
      <div className="page py-10">
        <Failed
          error={error}
          retry={() => {
            void screening.refetch();
            void map.refetch();
          }}
        />
      </div>
    );
  }
  return (
    <div className="flex h-[calc(100dvh-4rem-1px)] min-h-[30rem] flex-col">
      <Head screening={screening.data} />
      {screening.data && map.data ? (
        <Room key={id} screening={screening.data} map={map.data} />
      ) : (
        <Loading label="Loading the seats">
          <div className="page py-6">
            <Bone className="h-[60dvh]" />
          </div>
        </Loading>
      )}
    </div>
  );
}

function Head({ screening }: { screening: Screening | undefined }) {
  const note = screening && zoneNote(screening.starts_at, screening.timezone, screening.city);
  return (
    <div className="border-b border-line">
      <div className="page flex items-center gap-2 py-2">
        <Link
          to={
            screening
              ? `/shows/${screening.show_id}?city=${encodeURIComponent(screening.city)}&day=${screening.starts_at.slice(0, 10)}`
              : '/shows'
          }
          aria-label="Back to the show"
          className="-ml-2 grid size-11 shrink-0 place-items-center rounded-full hover:bg-sunk"
        >
          <ChevronLeft size={24} aria-hidden />
        </Link>
        <div className="min-w-0">
          <h1 className="truncate text-xl sm:text-2xl">{screening?.show_title ?? '\u00a0'}</h1>
          <p className="line-clamp-2 text-sm leading-snug text-soft">
            {screening &&
              `${when(screening.starts_at, 'full', screening.timezone)}${note ? ` (${note})` : ''} · ${screening.venue_name}, ${screening.screen_name}`}
          </p>
        </div>
      </div>
    </div>
  );
}

/** Names of the seats whose `pick` holds. */
function seatsWhere(map: SeatMap, pick: (seat: SeatMap['rows'][number]['seats'][number]) => boolean): string[] {
  return map.rows.flatMap((row) => row.seats.filter(pick).map((seat) => seat.seat));
}

function useRoom(map: SeatMap): Plan {
  // Changes of status keep the rows' labels and sizes, so the drawing stays.
  const shape = map.rows.map((row) => `${row.label} ${row.category} ${String(row.seats.length)}`).join('|');
  // eslint-disable-next-line react-hooks/exhaustive-deps -- the shape is what of the map decides the plan
  return useMemo(() => drawPlan(map), [shape]);
}

function Room({ screening, map }: { screening: Screening; map: SeatMap }) {
  const id = screening.screening_id;
  const plan = useRoom(map);
  const user = useUser();
  const navigate = useNavigate();
  const now = useNow(15_000);
  const show = useQuery({ ...reading(`/shows/${screening.show_id}`), staleTime: 5 * 60_000 });
  const [seats, choose] = useChoice(id);
  const [asked, setAsked] = useState(false);
  const [lost, setLost] = useState<string[]>([]);
  const [news, setNews] = useState('');
  const chosen = useMemo(() => new Set(seats), [seats]);
  const closed =
    screening.status !== 'active'
      ? 'This screening was cancelled.'
      : Date.parse(screening.starts_at) <= now
        ? 'Booking has closed: the screening has started.'
        : null;

  // One key an intent: the same seats sent again are the same wish, other seats are another one.
  const key = useMemo(() => ({ seats, text: newKey() }), [seats]);
  const reserve = useMutation({
    mutationFn: () => command('POST', '/bookings', { body: { screening_id: id, seats }, key: key.text }),
    onSuccess: (held) => {
      keepChoice(id, []);
      void outdated('/bookings', `/screenings/${id}`, '/screenings');
      void navigate(`/checkout/${held.booking_id}`);
    },
    onError: (error) => {
      if (!(error instanceof Problem) || error.slug !== 'seat-taken') return;
      const taken = Array.isArray(error.members.seats) ? error.members.seats.map(String) : [];
      setLost(taken);
      choose(seats.filter((seat) => !taken.includes(seat)));
      void outdated(`/screenings/${id}`);
    },
  });

  // Seats that somebody else got meanwhile, or that are not in this room, leave the choice.
  const { isPending: reserving, isSuccess: reserved } = reserve;
  useEffect(() => {
    const free = new Set(seatsWhere(map, (seat) => seat.status === 'free' || seat.held_by_me === true));
    const mine = new Set(seatsWhere(map, (seat) => seat.sold_to_me === true));
    const left = seats.filter((seat) => free.has(seat));
    const gone = seats.filter((seat) => !free.has(seat) && !mine.has(seat));
    if (left.length === seats.length || reserving || reserved) return;
    choose(left);
    if (gone.length === 0) return;
    // eslint-disable-next-line react-hooks/set-state-in-effect -- what changed is the house, not this page
    setLost(gone);
    say(
      gone.length === 1
        ? `Seat ${gone.join()} was taken a moment ago.`
        : `Seats ${listed(gone)} were taken a moment ago.`,
      'bad',
    );
  }, [map, seats, choose, reserving, reserved]);

  const prices = seats.flatMap((name) => {
    const at = plan.byName.get(name);
    const price = at && map.rows[at.row]?.seats[at.index]?.price;
    return price ? [price] : [];
  });

  const toggle = (name: string) => {
    if (closed) return;
    const at = plan.byName.get(name);
    const seat = at && map.rows[at.row]?.seats[at.index];
    if (!seat) return;
    reserve.reset();
    setLost([]);
    if (chosen.has(name)) {
      choose(seats.filter((one) => one !== name));
      setNews(`Seat ${name} is no longer chosen.`);
    } else if (seat.status !== 'free') {
      setNews(seat.held_by_me || seat.sold_to_me ? `Seat ${name} is yours already.` : `Seat ${name} is taken.`);
    } else if (seats.length >= SEATS_MAX) {
      say(`One booking has at most ${String(SEATS_MAX)} seats.`);
    } else {
      choose([...seats, name]);
      setNews(
        `Seat ${name} chosen, ${count(seats.length + 1, 'seat')}, ${moneySpoken(sum([...prices, seat.price], 'INR'))}.`,
      );
    }
  };
  // What was pressed for the best seats is gone then: the next step is to go on with them.
  const aside = useRef<HTMLElement>(null);
  const foundBest = useRef(false);
  useEffect(() => {
    if (foundBest.current) aside.current?.querySelector<HTMLElement>('[data-go]')?.focus();
    foundBest.current = false;
  }, [seats]);
  const best = (wanted: number, category: string | null) => {
    reserve.reset();
    setLost([]);
    const found = bestSeats(map, plan, wanted, category);
    choose(found);
    foundBest.current = found.length > 0;
    setNews(found.length > 0 ? `${listed(found)} chosen.` : 'There are not that many side by side.');
    if (found.length === 0)
      say(`There are no ${String(wanted)} free seats side by side${category ? ` in ${category}` : ''}.`);
  };
  const go = () => {
    if (user) reserve.mutate();
    else setAsked(true);
  };
  const total = prices.length > 0 ? money(sum(prices, 'INR')) : null;
  const isStage = show.data?.genres.some((genre) => genre.toLowerCase() === 'play') ?? false;

  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <div className="relative min-h-0 flex-1 bg-sunk/60 lg:pb-10">
        <SeatMapView
          map={map}
          plan={plan}
          chosen={chosen}
          onToggle={toggle}
          front={isStage ? 'Stage' : 'Screen'}
          label={`Seats. Arrow keys move, space chooses. ${count(seatsWhere(map, (seat) => seat.status === 'free').length, 'seat')} free.`}
        />
        <Legend />
      </div>
      <aside
        ref={aside}
        aria-label="Your choice"
        className="sheet z-10 flex max-h-[46dvh] flex-col gap-3 overflow-y-auto border-t border-line bg-card p-4 pb-[max(1rem,env(safe-area-inset-bottom))] shadow-lift quiet-scroll lg:max-h-none lg:w-96 lg:border-l lg:border-t-0 lg:p-6 lg:shadow-none"
      >
        <OwnHolds screening={id} any={map.rows.some((row) => row.seats.some((seat) => seat.held_by_me))} />
        {closed ? (
          <Note tone="warn">{closed}</Note>
        ) : (
          <>
            {seats.length === 0 && <Best plan={plan} map={map} onBest={best} />}
            {seats.length > 0 && <Chosen seats={seats} plan={plan} map={map} onRemove={toggle} />}
            {lost.length > 0 && (
              <div className="shake">
                <Note tone="bad">
                  {lost.length === 1 ? `Seat ${lost.join()} is taken.` : `Seats ${listed(lost)} are taken.`}{' '}
                  <button
                    type="button"
                    className="link"
                    onClick={() => {
                      best(Math.min(SEATS_MAX, lost.length + seats.length), null);
                    }}
                  >
                    Take the best{' '}
                    {lost.length + seats.length === 1
                      ? 'free seat'
                      : `${String(lost.length + seats.length)} free seats`}{' '}
                    instead
                  </button>
                </Note>
              </div>
            )}
            {reserve.error && lost.length === 0 && <Note tone="bad">{reserve.error.message}</Note>}
            <div className="mt-auto flex items-center justify-between gap-4">
              <p className="leading-tight">
                {total ? (
                  <>
                    <span className="block text-sm text-soft">{count(seats.length, 'seat')}</span>
                    <span className="numbers marquee text-2xl">{total}</span>
                  </>
                ) : (
                  <>
                    <span className="block font-semibold">No seat chosen</span>
                    <span className="block text-sm text-soft">Pick on the plan, or take the best.</span>
                  </>
                )}
              </p>
              <Button
                data-go
                look="gold"
                size="large"
                className="shrink-0 whitespace-nowrap"
                disabled={seats.length === 0 || reserving}
                busy={reserving}
                onClick={go}
              >
                {user ? 'Hold and pay' : 'Continue'}
              </Button>
            </div>
          </>
        )}
        <p role="status" className="sr-only">
          {news}
        </p>
      </aside>
      {asked && (
        <Dialog
          title="Almost yours"
          onClose={() => {
            setAsked(false);
          }}
        >
          <p className="-mt-2 mb-4 text-soft">
            Sign in, and {seats.length === 1 ? `seat ${seats.join()} is` : `seats ${listed(seats)} are`} held for you.
          </p>
          <SignInForm
            onDone={() => {
              setAsked(false);
              reserve.mutate();
            }}
          />
        </Dialog>
      )}
    </div>
  );
}

function Legend() {
  const entries = [
    ['free', 'Free', ''],
    ['chosen', 'Chosen', 'max-lg:hidden'],
    ['held', 'Held', ''],
    ['sold', 'Taken', ''],
    ['mine', 'Yours', 'max-lg:hidden'],
  ] as const;
  return (
    <ul
      aria-hidden
      className="pointer-events-none absolute bottom-2 left-3 flex flex-wrap gap-x-4 gap-y-1 rounded-full bg-card/85 px-3 py-1 text-sm text-soft backdrop-blur-sm max-lg:bottom-5 max-[22rem]:hidden max-lg:gap-x-2.5 max-lg:px-2.5 max-lg:text-xs"
    >
      {entries.map(([state, text, where]) => (
        <li key={state} className={`flex items-center gap-1.5 max-lg:gap-1 ${where}`}>
          <svg viewBox="0 0 1 1" className="size-4" style={{ '--cat': 'var(--cat-0)' } as React.CSSProperties}>
            <g className="seat" data-state={state}>
              <rect className="body" x={0.1} y={0.1} width={0.8} height={0.8} rx={0.22} />
            </g>
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}

/** So many side by side, without looking for them. */
function Best({
  plan,
  map,
  onBest,
}: {
  plan: Plan;
  map: SeatMap;
  onBest: (count: number, category: string | null) => void;
}) {
  const [wanted, setWanted] = useState(2);
  const [category, setCategory] = useState('');
  const box =
    'h-11 rounded-full border border-line-strong bg-card px-3.5 font-semibold max-xs:text-sm hover:border-ink';
  return (
    <form
      className="grid gap-2.5"
      onSubmit={(event) => {
        event.preventDefault();
        onBest(wanted, category || null);
      }}
    >
      <div className="flex flex-wrap items-center gap-2 max-sm:min-[24rem]:flex-nowrap max-xs:gap-1.5">
        <label>
          <span className="sr-only">How many</span>
          <select
            className={box}
            value={wanted}
            onChange={(event) => {
              setWanted(Number(event.target.value));
            }}
          >
            {Array.from({ length: SEATS_MAX }, (_, index) => (
              <option key={index} value={index + 1}>
                {count(index + 1, 'seat')}
              </option>
            ))}
          </select>
        </label>
        {plan.categories.length > 1 && (
          <label className="min-w-0 max-sm:min-[24rem]:flex-1">
            <span className="sr-only">Category</span>
            <select
              className={`${box} max-w-full truncate max-sm:min-[24rem]:w-full`}
              value={category}
              onChange={(event) => {
                setCategory(event.target.value);
              }}
            >
              <option value="">Any price</option>
              {plan.categories.map((one) => {
                const price = map.rows.find((row) => row.category === one)?.seats[0]?.price;
                return (
                  <option
                    key={one}
                    value={one}
                  >{`${one.charAt(0).toUpperCase()}${one.slice(1)}${price ? `, ${money(price)}` : ''}`}</option>
                );
              })}
            </select>
          </label>
        )}
        <Button type="submit" className="shrink-0 max-xs:!px-3.5">
          <Sparkles size={17} aria-hidden />{' '}
          <span>
            Best<span className="max-sm:sr-only"> available</span>
          </span>
        </Button>
      </div>
    </form>
  );
}

function Chosen({
  seats,
  plan,
  map,
  onRemove,
}: {
  seats: readonly string[];
  plan: Plan;
  map: SeatMap;
  onRemove: (seat: string) => void;
}) {
  const list = useRef<HTMLUListElement>(null);
  const remove = (name: string) => {
    // The focus goes on to the next seat of the list, or back to the plan: the button it is on goes away.
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = seats.indexOf(name);
    (buttons[at + 1] ?? buttons[at - 1] ?? document.querySelector<SVGGElement>('[data-seat][tabindex="0"]'))?.focus();
    onRemove(name);
  };
  return (
    <ul ref={list} aria-label="Chosen seats" className="flex flex-wrap gap-2 lg:grid">
      {seats.map((name) => {
        const at = plan.byName.get(name);
        const row = at && map.rows[at.row];
        const seat = at && row?.seats[at.index];
        if (!row || !seat) return null;
        return (
          <li key={name} className="fade flex items-center gap-2 rounded-full bg-sunk pl-4 lg:rounded-2xl lg:py-0.5">
            <span className="marquee text-lg">{name}</span>
            <span className="hidden capitalize text-soft lg:inline">{row.category}</span>
            <span className="numbers ml-auto text-sm lg:text-base">{money(seat.price)}</span>
            <IconButton
              label={`Remove seat ${name}`}
              className="!size-10"
              onClick={() => {
                remove(name);
              }}
            >
              <X size={17} aria-hidden />
            </IconButton>
          </li>
        );
      })}
    </ul>
  );
}

/** The way back to seats held before: another tab, another device, a reload at the wrong moment. */
function OwnHolds({ screening, any }: { screening: string; any: boolean }) {
  const held = useQuery({ ...reading('/bookings', { status: 'held', limit: 50 }), enabled: any });
  const booking = held.data?.items.find((one) => one.screening.screening_id === screening);
  if (!any || !booking) return null;
  return (
    <Note tone="note">
      <div className="flex items-center justify-between gap-3">
        <span>You hold {listed(booking.seats)} already.</span>
        <ButtonLink to={`/checkout/${booking.booking_id}`} size="small">
          Pay
        </ButtonLink>
      </div>
    </Note>
  );
}
