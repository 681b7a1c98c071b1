import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';

import { SignInForm } from '../../account/sign-in-form';
import { serverNow } from '../../api/clock';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { listed } from '../../i18n/language';
import { seatsListed } from '../seat-names';
import { t } from '../../i18n/texts';
import { reading } from '../../api/queries';
import type { Screening, SeatMap } from '../../api/types';
import { useUser } from '../../api/session/use-session';
import { holdToChange, newestBookings, useNewestBookings } from '../../booking/holds/holds';
import { termsOf } from '../../booking/types';
import { WaitForSeats } from '../../booking/waiting/wait-form';
import { Button, ButtonLink } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { duration, money, sum } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { brokenInWords, ChosenSeats, Courtesy, OwnHold, Prices } from './basket';
import { areTogether, bestSeats, leftAlone } from '../choice/best';
import { FilterChip, Finder } from './finder';
import { frontOf } from './front';
import { Standing } from './standing';
import { WheelchairAsk } from './wheelchair-ask';
import { ASIDE, FOOT } from './panel';
import { OtherTimes } from './other-times';
import { wheelchairPlaces } from '../choice/companions';
import { categoriesOf, freeIn, offersOf, type Filter, type Offer } from '../choice/prices';
import { SeatMapView } from '../map/seat-map-view';
import { usePlan } from '../map/use-plan';
import { feeFor, isHeldAs } from '../choice/ticket-types';
import { withOtherPlaces } from '../choice/standing';
import { useReservation } from '../choice/use-reservation';
import { useTypes } from '../choice/use-types';
import { hasPlace, isUnasked, keptAmong, keptUntil } from '../choice/wheelchairs';
import { isOverLimit, seatsWhere, takenFrom, useSelection, withOwn } from '../choice/use-selection';

const LEGEND = [
  'pointer-events-none absolute bottom-2 left-3 flex flex-wrap gap-x-4 gap-y-1 rounded-full bg-card/85 px-3 py-1',
  'text-sm text-soft backdrop-blur-sm max-[22rem]:hidden not-side:gap-x-2.5 not-side:px-2.5 not-side:text-xs',
  // Two columns on phones, so that it stays clear of the zoom buttons.
  'max-sm:grid max-sm:grid-cols-2 max-sm:rounded-2xl',
].join(' ');

const NONE: readonly string[] = [];

/** The seat map of a screening with the basket beside it. */
export function Room({ screening, map: seen }: { screening: Screening; map: SeatMap }) {
  const id = screening.screening_id;
  const plan = usePlan(seen);
  const user = useUser();
  const now = useNow(15_000);
  const bookings = useNewestBookings();
  // Other seats replace those held, so that nobody blocks two sets of seats by changing their mind.
  const hold = useMemo(() => holdToChange(bookings, id, now), [bookings, id, now]);
  const own = hold?.seats ?? NONE;
  const map = useMemo(() => withOwn(seen, own), [seen, own]);
  const { booking_seats_max: seatsMax, hold_seconds: holdSeconds, currency } = usePolicy();
  const show = useQuery({ ...reading(`/shows/${screening.show_id}`), staleTime: 5 * 60_000 });
  const [{ seats, lost, news }, dispatch] = useSelection(id);
  const [asked, setAsked] = useState(false);
  const chosen = useMemo(() => new Set(seats), [seats]);
  const closed =
    screening.status !== 'active'
      ? t.seats.screeningCancelled
      : Date.parse(screening.starts_at) <= now
        ? t.seats.bookingClosed
        : null;

  useEffect(() => {
    dispatch({ type: 'hold-found', seats: own });
  }, [own, dispatch]);
  const types = useTypes(screening, map, plan, seats, hold);
  const isSame = hold !== null && isHeldAs(hold, seats, types.typeOf);
  // Who holds such a place has asked for it before.
  const [ticked, setTicked] = useState<boolean | null>(null);
  const asks = ticked ?? hasPlace(plan, own);
  const until = keptUntil(screening);
  const kept = until !== null && now < until ? keptAmong(plan, seats) : NONE;
  const unasked = isUnasked(plan, kept, asks);
  const reserve = useReservation(id, seats, seats.map(types.typeOf), dispatch, kept);

  // Seats that another customer got in the meantime, or that this room does not have, leave the selection.
  const { isPending: reserving } = reserve;
  const reserved = reserve.data?.outcome === 'changed';
  // The seats may be the reader's own by now: pressing again finds out.
  const isUnsure = reserve.error instanceof Problem && reserve.error.isUnsure;
  useEffect(() => {
    if (reserving || reserved || isUnsure) return;
    const gone = takenFrom(seats, map);
    // One place of a standing area is as good as another.
    const others = withOtherPlaces(seats, gone, map);
    if (others !== seats) {
      dispatch({ type: 'places-changed', seats: others });
      return;
    }
    dispatch({ type: 'map-changed', map });
    if (gone.length > 0) say(t.seats.wasTaken(gone.length, seatsListed(gone)), 'bad');
  }, [map, seats, dispatch, reserving, reserved, isUnsure]);

  const toggle = (name: string) => {
    if (closed || !plan.byName.has(name)) return;
    reserve.reset();
    dispatch({ type: 'toggled', name, map, plan, own, seatsMax, currency: currency.code });
    if (isOverLimit(seats, name, map, plan, own, seatsMax)) say(t.seats.atMost(seatsMax));
  };
  // The form for the best seats disappears once they are found, so the focus moves on to the button that reserves them.
  const aside = useRef<HTMLElement>(null);
  const foundBest = useRef(false);
  useEffect(() => {
    if (foundBest.current) aside.current?.querySelector<HTMLElement>('[data-go]')?.focus();
    foundBest.current = false;
  }, [seats]);
  const [filter, setFilter] = useState<Filter>(null);
  const offers = useMemo(() => offersOf(plan, map), [plan, map]);
  const categories = useMemo(() => categoriesOf(filter, offers), [filter, offers]);
  const free = freeIn(offers, categories);
  // More seats than are free were asked for.
  const [short, setShort] = useState<number | null>(null);
  const best = (wanted: number) => {
    reserve.reset();
    setShort(free < wanted ? wanted : null);
    const found = bestSeats(map, plan, { count: wanted, categories, own });
    dispatch({ type: 'best-found', found });
    foundBest.current = found.length > 0;
    if (found.length === 0)
      say(categories ? t.seats.noneLeftIn(wanted, listed([...categories])) : t.seats.noneLeft(wanted));
    else if (!areTogether(map, plan, found)) say(t.seats.apart);
  };
  const left = screening.single_seats === 'allow' ? [] : leftAlone(map, plan, seats, own);
  const alone = left.map(({ seat }) => seat);
  const isRefused = ({ isAvoidable }: (typeof left)[number]) => isAvoidable && screening.single_seats === 'refuse';
  const refused = left.filter(isRefused).map(({ seat }) => seat);
  const go = () => {
    if (user) reserve.mutate(hold);
    else setAsked(true);
  };
  const fee = feeFor(seats.length, screening);
  const total =
    types.amounts.length > 0 ? money(sum(fee ? [...types.amounts, fee] : types.amounts, currency.code)) : null;
  const freeSeats = useMemo(() => seatsWhere(map, (seat) => seat.status === 'free').length, [map]);
  // A lapsed hold of the reader's own may still be chosen here.
  const places = wheelchairPlaces(map);
  const soldOut = freeSeats === 0 && seats.length === 0 && lost.length === 0;

  return (
    <div className="flex min-h-0 flex-1 flex-col side:flex-row">
      <div className="relative min-h-0 min-w-0 flex-1 bg-sunk/60 side:pb-10">
        <SeatMapView
          map={map}
          plan={plan}
          chosen={chosen}
          onToggle={toggle}
          shown={categories}
          front={frontOf(show.data)}
          label={t.seats.plan(freeSeats)}
        />
        <FilterChip
          filter={filter}
          offers={offers}
          isLower={plan.levels.length > 1}
          onClear={() => {
            setFilter(null);
          }}
        />
        <Legend own={map.rows.some((row) => row.seats.some((seat) => seat.held_by_me ?? seat.sold_to_me))} />
      </div>
      <aside ref={aside} aria-label={t.seats.yourChoice} className={ASIDE}>
        {hold && !closed && (
          <OwnHold
            hold={hold}
            isSame={isSame}
            onKeep={() => {
              reserve.reset();
              dispatch({ type: 'hold-kept', seats: own });
            }}
          />
        )}
        {closed ? (
          <Note tone="warn" className="mb-4">
            {closed}
          </Note>
        ) : soldOut ? (
          <Shortage
            title={t.seats.soldOut}
            screening={screening}
            offers={offers}
            wanted={2}
            only={null}
            wheelchair={places.all > 0 ? 'possible' : 'none'}
          />
        ) : (
          <>
            {seats.length === 0 && <Finder offers={offers} filter={filter} onFilter={setFilter} onBest={best} />}
            {seats.length === 0 && short !== null && free < short && (
              <Shortage
                title={t.waiting.tooFew(free)}
                screening={screening}
                offers={offers}
                wanted={short}
                only={categories}
                wheelchair={places.all > 0 ? 'possible' : 'none'}
              />
            )}
            {seats.length === 0 && short === null && places.all > 0 && places.free === 0 && (
              <details className="pb-4">
                <summary className="min-h-11 cursor-pointer py-2 font-semibold">{t.waiting.noPlace}</summary>
                <WaitForSeats screening={id} offers={offers} wanted={1} only={null} wheelchair="wanted" />
              </details>
            )}
            {seats.length === 0 && (
              <div className="hidden gap-5 border-t border-line pt-5 side:grid">
                <Prices offers={offers} filter={filter} onFilter={setFilter} />
                <p className="text-sm text-soft">
                  {termsOf(screening, now)} {t.seats.heldFor(duration(Math.round(holdSeconds / 60)))}
                </p>
              </div>
            )}
            <Standing
              map={map}
              plan={plan}
              chosen={chosen}
              isFull={seats.length >= seatsMax}
              onToggle={toggle}
              shown={categories}
            />
            {seats.length > 0 && <ChosenSeats seats={seats} plan={plan} map={map} types={types} onRemove={toggle} />}
            <Courtesy seats={seats} plan={plan} map={map} onAdd={toggle} alone={alone} refused={refused} />
            {until !== null && (
              <WheelchairAsk
                kept={kept}
                until={until}
                timezone={screening.timezone}
                asks={asks}
                onAsk={setTicked}
                isPlaceMissing={!hasPlace(plan, kept)}
              />
            )}
            {types.broken && (
              <Note tone="warn" className="!py-2 text-sm">
                {brokenInWords(types.broken)}
              </Note>
            )}
            {lost.length > 0 && (
              <div className="shake">
                <Note tone="bad">
                  {t.seats.taken(lost.length, seatsListed(lost))}{' '}
                  <button
                    type="button"
                    className="link"
                    onClick={() => {
                      best(Math.min(seatsMax, lost.length + seats.length));
                    }}
                  >
                    {t.seats.takeBest(lost.length + seats.length)}
                  </button>
                </Note>
              </div>
            )}
            {lost.length === 0 && <Refused error={reserve.error} />}
            <div className={FOOT}>
              <p className="leading-tight">
                {total ? (
                  <>
                    <span className="block text-sm text-soft">{t.count.seats(seats.length)}</span>
                    <span className="numbers marquee text-2xl">{total}</span>
                    {fee && <span className="block text-xs text-soft">{t.bill.feeIncluded(money(fee))}</span>}
                    <span className="block text-xs text-soft">{termsOf(screening, now)}</span>
                  </>
                ) : (
                  <>
                    <span className="block font-semibold">{t.seats.noneChosen}</span>
                    <span className="block text-sm text-soft">{t.seats.pick}</span>
                  </>
                )}
              </p>
              {isSame ? (
                <ButtonLink data-go look="gold" size="large" className="shrink-0" to={`/checkout/${hold.booking_id}`}>
                  {t.frame.pay}
                </ButtonLink>
              ) : (
                <Button
                  data-go
                  look="gold"
                  size="large"
                  className="shrink-0 whitespace-nowrap"
                  disabled={seats.length === 0 || types.broken !== null || refused.length > 0 || unasked || reserving}
                  busy={reserving}
                  onClick={go}
                >
                  {hold ? t.hold.change : t.seats.continue}
                </Button>
              )}
            </div>
          </>
        )}
        <p role="status" className="sr-only">
          {news}
        </p>
      </aside>
      {asked && (
        <Dialog
          title={t.seats.signIn}
          onClose={() => {
            setAsked(false);
          }}
        >
          <p className="-mt-2 mb-4 text-soft">{t.seats.signInFor(seats.length, seatsListed(seats))}</p>
          <SignInForm
            onDone={() => {
              setAsked(false);
              void newestBookings().then((mine) => {
                reserve.mutate(holdToChange(mine, id, serverNow()));
              });
            }}
          />
        </Dialog>
      )}
    </div>
  );
}

/** What there is beside seats that are free: other times, and the waiting list. */
function Shortage({
  title,
  screening,
  offers,
  wanted,
  only,
  wheelchair,
}: {
  title: string;
  screening: Screening;
  offers: readonly Offer[];
  wanted: number;
  only: ReadonlySet<string> | null;
  wheelchair: 'none' | 'possible';
}) {
  return (
    <div className="grid gap-5 pb-4">
      <div>
        <p className="marquee text-2xl">{title}</p>
        <p className="text-soft">{t.seats.comeBack}</p>
      </div>
      <WaitForSeats
        screening={screening.screening_id}
        offers={offers}
        wanted={wanted}
        only={only}
        wheelchair={wheelchair}
      />
      <OtherTimes screening={screening} seats={wanted} />
    </div>
  );
}

/** Meaning of the colours; `own` if some seats are the reader's. */
function Legend({ own }: { own: boolean }) {
  const states = ['free', 'chosen', 'held', 'sold', ...(own ? (['mine'] as const) : [])] as const;
  return (
    <ul aria-hidden className={LEGEND}>
      {states.map((state) => (
        <li key={state} className="flex items-center gap-1.5 not-side:gap-1">
          <svg viewBox="0 0 1 1" className="size-4" style={{ '--cat': 'var(--cat-0)' } as React.CSSProperties}>
            <g className="seat" data-state={state}>
              <rect className="body" x={0.1} y={0.1} width={0.8} height={0.8} rx={0.22} />
            </g>
          </svg>
          {t.seats.legend[state]}
        </li>
      ))}
    </ul>
  );
}
