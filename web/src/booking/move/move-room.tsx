import { useQuery } from '@tanstack/react-query';
import { Sparkles } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useNavigate } from 'react-router';

import { TopUp } from '../../account/top-up';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { reading } from '../../api/queries';
import type { Booking, Money, Screening, SeatMap } from '../../api/types';
import { takenSeats } from '../holds/change-hold';
import { Button } from '../../design/button';
import { money } from '../../design/format';
import { useNow } from '../../design/hooks';
import { NamedAmount } from '../../design/named-amount';
import { Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { seatList, seatsListed } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { areTogether, bestSeats } from '../../seats/choice/best';
import { frontOf } from '../../seats/room/front';
import { ASIDE, FOOT } from '../../seats/room/panel';
import { SeatMapView } from '../../seats/map/seat-map-view';
import { usePlan } from '../../seats/map/use-plan';
import { hasPlace, isUnasked, keptAmong, keptUntil } from '../../seats/choice/wheelchairs';
import { WheelchairAsk } from '../../seats/room/wheelchair-ask';
import { seatsWhere } from '../../seats/choice/use-selection';
import { useShowOf } from '../tickets/ticket-card';
import { whenOf } from '../types';
import { leaveToPay } from '../left';
import { choiceOfWay, differenceOf, hindranceOf, isUnchanged, mapFor, type Hindrance } from './choice';
import type { Wish } from './moving';
import { choiceOf, useChoice } from './use-choice';
import { useMove } from './use-move';

const NONE: readonly string[] = [];

/** The seat map of a screening that a booking may move to, and what the move costs. */
export function MoveRoom({ booking, screening, map: seen }: { booking: Booking; screening: Screening; map: SeatMap }) {
  const id = screening.screening_id;
  const navigate = useNavigate();
  const plan = usePlan(seen);
  const show = useShowOf(booking);
  const map = useMemo(() => mapFor(booking, id, seen), [booking, id, seen]);
  const wanted = booking.seats.length;
  const [fromWallet, setFromWallet] = useState(false);
  const move = useMove(booking.booking_id, ({ isOver, checkout }, { seats }) => {
    if (leaveToPay(checkout)) return;
    say(isOver ? t.move.done(seatsListed(seats)) : t.move.slow, isOver ? 'good' : 'plain');
    void navigate(`/bookings/${booking.booking_id}`, { replace: true });
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
  const chosen = useMemo(() => new Set(seats), [seats]);
  const isComplete = seats.length === wanted;
  const isSame = isComplete && isUnchanged(booking, id, seats);
  const now = useNow(15_000);
  const [asks, setAsks] = useState(false);
  const until = keptUntil(screening);
  const own = booking.screening.screening_id === id ? booking.seats : NONE;
  // Who has a wheelchair place here has asked before.
  const isKept = until !== null && now < until && !hasPlace(plan, own);
  const kept = isKept ? keptAmong(plan, seats).filter((seat) => !own.includes(seat)) : NONE;
  const unasked = isUnasked(plan, kept, asks);
  const difference = differenceOf(booking, screening, seats, map, plan);
  const more = difference?.amount_minor ?? 0;
  const hindrance = isComplete ? hindranceOf(booking, difference) : null;
  const { card_min: cardMin } = usePolicy();
  const way = choiceOfWay(booking, difference, cardMin);
  const isChoice = way === 'customer';
  const byCard = isChoice && !fromWallet;
  const wallet = useQuery({ ...reading('/wallet'), enabled: isComplete && more > 0 && !hindrance && !byCard });
  const missing = wallet.data && !byCard ? Math.max(0, more - wallet.data.balance.amount_minor) : 0;
  const free = useMemo(() => seatsWhere(seen, ({ status }) => status === 'free').length, [seen]);
  const best = () => {
    move.reset();
    const found = bestSeats(seen, plan, { count: wanted, categories: null });
    choose(found);
    if (found.length === 0) say(t.seats.noneLeft(wanted));
    else if (!areTogether(seen, plan, found)) say(t.seats.apart);
  };
  const go = () => {
    const wish: Wish = { screening_id: id, seats: [...seats], asked: kept, settle: more > 0 ? 'pay' : 'refund' };
    if (way) wish.method = byCard ? 'card' : 'wallet';
    move.mutate((isUnsure && move.variables) || wish);
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col side:flex-row">
      <div className="relative min-h-0 min-w-0 flex-1 bg-sunk/60">
        <SeatMapView
          map={map}
          plan={plan}
          chosen={chosen}
          onToggle={(seat) => {
            if (isUnderWay) return;
            move.reset();
            toggle(seat);
          }}
          front={frontOf(show)}
          label={t.seats.plan(free)}
        />
      </div>
      <aside aria-label={t.seats.yourChoice} className={ASIDE}>
        {/* Beside each other on phones, so that the sum below stays in sight. */}
        <div className="grid grid-cols-2 gap-3 side:grid-cols-1">
          <Place name={t.move.have} seats={booking.seats} time={whenOf(booking, booking.screening.starts_at)} />
          {seats.length > 0 && (
            <Place name={t.move.instead} seats={seats} time={whenOf(booking, screening.starts_at)} />
          )}
        </div>
        {until !== null && (
          <WheelchairAsk
            kept={kept}
            until={until}
            timezone={screening.timezone}
            asks={asks}
            onAsk={setAsks}
            isPlaceMissing={!hasPlace(plan, kept)}
          />
        )}
        {isComplete && !isSame && difference && <Sums booking={booking} difference={difference} byCard={byCard} />}
        {hindrance && <Hindered hindrance={hindrance} />}
        {isComplete && !hindrance && missing > 0 && wallet.data && (
          <Missing booking={booking} screening={id} balance={wallet.data.balance} missing={missing} />
        )}
        {/* Seats that were taken have left the choice, which says so. */}
        {!takenSeats(move.error) && <Refused error={move.error} />}
        <div className={FOOT}>
          {isComplete ? (
            <div className="grid w-full gap-1">
              {/* Here and not in the list above, which is cut off on phones. */}
              {isChoice && (
                <label className="flex min-h-11 items-center gap-3 text-sm leading-tight">
                  <input
                    type="checkbox"
                    className="size-5 shrink-0 accent-ink"
                    checked={fromWallet}
                    disabled={isUnderWay || isUnsure}
                    onChange={(event) => {
                      move.reset();
                      setFromWallet(event.target.checked);
                    }}
                  />
                  {t.move.fromWallet}
                </label>
              )}
              {way === 'too-small' && !isSame && (
                <p className="text-sm leading-tight text-soft">{t.move.tooSmall(money(cardMin))}</p>
              )}
              <Button
                look="gold"
                size="large"
                className="w-full"
                busy={move.isPending}
                disabled={(isSame && !isUnsure) || hindrance !== null || missing > 0 || unasked || isUnderWay}
                onClick={go}
              >
                {isSame ? (isUnsure ? t.move.go : t.move.same) : doing(difference)}
              </Button>
            </div>
          ) : (
            <>
              <p className="font-semibold">{t.move.choose(wanted - seats.length)}</p>
              <Button className="shrink-0" onClick={best}>
                <Sparkles size={17} aria-hidden /> {t.move.best(wanted)}
              </Button>
            </>
          )}
        </div>
        <p role="status" className="sr-only">
          {news}
        </p>
      </aside>
    </div>
  );
}

function Place({ name, seats, time }: { name: string; seats: readonly string[]; time: string }) {
  return (
    <p className="leading-snug">
      <span className="block text-sm text-soft">{name}</span>
      <span className="marquee block text-xl wrap-anywhere">{seatList(seats)}</span>
      {time}
    </p>
  );
}

/** An amount without its sign. */
function absolute(amount: Money): string {
  return money({ ...amount, amount_minor: Math.abs(amount.amount_minor) });
}

function doing(difference: Money | null): string {
  const more = difference?.amount_minor ?? 0;
  if (!difference || more === 0) return t.move.go;
  if (more > 0) return t.move.goPaying(absolute(difference));
  return t.move.goBack(absolute(difference));
}

function Sums({ booking, difference, byCard }: { booking: Booking; difference: Money; byCard: boolean }) {
  const { amount } = booking;
  const more = difference.amount_minor;
  const way = booking.payment?.method === 'card' ? t.move.toCard : t.move.toWallet;
  const lines: [string, string][] = [
    [t.move.newPrice, money({ ...amount, amount_minor: amount.amount_minor + more })],
    [t.move.paid, money(amount)],
    [
      more > 0 ? (byCard ? t.move.toPayByCard : t.move.toPay) : more < 0 ? way : t.move.difference,
      absolute(difference),
    ],
  ];
  return (
    <dl className="grid gap-1 border-t border-dashed border-line-strong/60 pt-3">
      {lines.map(([name, value], at) => (
        <NamedAmount key={name} name={name} amount={value} total={at === 2} />
      ))}
    </dl>
  );
}

const HINDRANCES: Record<Hindrance, () => string> = {
  counter: () => t.move.atCounter,
  type: () => t.move.noSuchTicket,
};

/** Says why these seats cannot be had for this booking, and what can. */
function Hindered({ hindrance }: { hindrance: Hindrance }) {
  return (
    <Note tone="warn" className="!py-2 text-sm">
      {HINDRANCES[hindrance]()}
    </Note>
  );
}

/** Says what is missing in the wallet, and adds it. The chosen seats are there again afterwards. */
function Missing({
  booking,
  screening,
  balance,
  missing,
}: {
  booking: Booking;
  screening: string;
  balance: Money;
  missing: number;
}) {
  const [adding, setAdding] = useState(false);
  const lack = { ...balance, amount_minor: missing };
  return (
    <div className="grid gap-3">
      <Note tone="warn" className="!py-2 text-sm">
        {t.move.missing(money(balance), money(lack))}{' '}
        {!adding && (
          <button
            type="button"
            className="link"
            onClick={() => {
              setAdding(true);
            }}
          >
            {t.checkout.addMoney}
          </button>
        )}
      </Note>
      {adding && <TopUp atLeast={lack} towards={{ booking: booking.booking_id, step: 'move', screening }} />}
    </div>
  );
}
