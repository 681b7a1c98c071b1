import { Minus, Plus, Sparkles, X } from 'lucide-react';
import { useRef, useState } from 'react';

import { usePolicy } from '../api/policy';
import { listed } from '../i18n/language';
import { rich } from '../i18n/rich';
import { t } from '../i18n/texts';
import type { Booking, Money, SeatMap } from '../api/types';
import { Button, IconButton } from '../design/button';
import { money, number } from '../design/format';
import { Note } from '../design/notices';
import { leftAlone, type Plan } from './plan';

export function BestSeats({
  plan,
  map,
  onBest,
}: {
  plan: Plan;
  map: SeatMap;
  onBest: (count: number, category: string | null) => void;
}) {
  const { booking_seats_max: seatsMax } = usePolicy();
  const [wanted, setWanted] = useState(2);
  const [category, setCategory] = useState('');
  const step = (by: number) => {
    setWanted((before) => Math.min(Math.max(before + by, 1), seatsMax));
  };
  return (
    <form
      className="flex items-center gap-2 max-xs:gap-1.5 side:flex-wrap"
      onSubmit={(event) => {
        event.preventDefault();
        onBest(wanted, category || null);
      }}
    >
      <div role="group" aria-label={t.seats.howMany} className="flex h-11 shrink-0 items-center rounded-full bg-sunk">
        <IconButton
          label={t.seats.fewer}
          disabled={wanted <= 1}
          onClick={() => {
            step(-1);
          }}
        >
          <Minus size={18} aria-hidden />
        </IconButton>
        <output className="numbers w-6 text-center text-lg font-bold" aria-live="polite">
          {wanted}
          <span className="sr-only"> {t.seats.unit(wanted)}</span>
        </output>
        <IconButton
          label={t.seats.more}
          disabled={wanted >= seatsMax}
          onClick={() => {
            step(1);
          }}
        >
          <Plus size={18} aria-hidden />
        </IconButton>
      </div>
      {plan.categories.length > 1 && (
        <label className="min-w-0 flex-1 side:min-w-36">
          <span className="sr-only">{t.seats.category}</span>
          <select
            className={[
              'h-11 w-full truncate rounded-full border border-line-strong bg-card ps-3.5 font-semibold',
              'hover:border-ink max-xs:text-sm',
            ].join(' ')}
            value={category}
            onChange={(event) => {
              setCategory(event.target.value);
            }}
          >
            <option value="">{t.seats.anyPrice}</option>
            {plan.categories.map((one) => {
              const price = priceOf(one, map);
              return (
                <option key={one} value={one}>
                  {one.charAt(0).toUpperCase() + one.slice(1) + (price ? `, ${money(price)}` : '')}
                </option>
              );
            })}
          </select>
        </label>
      )}
      <Button type="submit" className="shrink-0 max-xs:!px-3.5 side:w-full">
        <Sparkles size={17} aria-hidden />{' '}
        <span>{rich(t.seats.best, { rest: (words) => <span className="not-side:sr-only">{words}</span> })}</span>
      </Button>
    </form>
  );
}

function priceOf(category: string, map: SeatMap): Money | undefined {
  return map.rows.find((row) => row.category === category)?.seats[0]?.price;
}

/** Categories with their price and how many of their seats are free. */
export function Prices({ plan, map }: { plan: Plan; map: SeatMap }) {
  return (
    <ul aria-label={t.seats.prices} className="grid gap-2.5">
      {plan.categories.map((category, index) => {
        const rows = map.rows.filter((row) => row.category === category);
        const free = rows.flatMap((row) => row.seats).filter((seat) => seat.status === 'free').length;
        const price = priceOf(category, map);
        return (
          <li key={category} className="flex items-baseline gap-2.5">
            <span
              aria-hidden
              className="size-3 shrink-0 self-center rounded-full"
              style={{ backgroundColor: `var(--cat-${String(index % 6)})` }}
            />
            <span className="min-w-0">
              <span className="font-semibold capitalize [overflow-wrap:anywhere]">{category}</span>{' '}
              <span className="text-sm text-soft">{free === 0 ? t.seats.noneFree : t.seats.free(number(free))}</span>
            </span>
            <span className="numbers ms-auto font-semibold">{price && money(price)}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** Remarks on a choice that others would suffer from. They forbid nothing. */
export function Courtesy({ seats, plan, map }: { seats: readonly string[]; plan: Plan; map: SeatMap }) {
  const alone = leftAlone(map, plan, seats);
  const wheelchair = seats.filter((name) => plan.byName.get(name)?.accessible);
  return (
    <>
      {wheelchair.length > 0 && (
        <Note tone="note" className="!py-2 text-sm">
          {t.seats.wheelchair(wheelchair.length, listed(wheelchair))}
        </Note>
      )}
      {alone.length > 0 && (
        <Note tone="note" className="!py-2 text-sm">
          {t.seats.leftAlone(alone.length, listed(alone))}
        </Note>
      )}
    </>
  );
}

export function ChosenSeats({
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
    // This button disappears, so the focus moves to the next seat of the list, or back to the plan.
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = seats.indexOf(name);
    (buttons[at + 1] ?? buttons[at - 1] ?? document.querySelector<SVGGElement>('[data-seat][tabindex="0"]'))?.focus();
    onRemove(name);
  };
  return (
    <ul ref={list} aria-label={t.seats.chosenSeats} className="flex flex-wrap gap-2 side:grid">
      {seats.map((name) => {
        const at = plan.byName.get(name);
        const row = at && map.rows[at.row];
        const seat = at && row?.seats[at.index];
        if (!row || !seat) return null;
        return (
          <li key={name} className="fade flex items-center gap-2 rounded-full bg-sunk ps-4 side:rounded-2xl lg:py-0.5">
            <span className="marquee text-lg">{name}</span>
            <span className="hidden capitalize text-soft lg:inline">{row.category}</span>
            <span className="numbers ms-auto text-sm lg:text-base">{money(seat.price)}</span>
            <IconButton
              label={t.seats.remove(name)}
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

/** Says that the choice replaces the seats that are held already. */
export function OwnHold({ hold, isSame, onKeep }: { hold: Booking; isSame: boolean; onKeep: () => void }) {
  const n = hold.seats.length;
  return (
    <Note tone="note" className="!py-2 text-sm">
      {isSame ? (
        t.hold.yours(n)
      ) : (
        <>
          {t.hold.insteadOf(n, listed(hold.seats))}{' '}
          <button type="button" className="link whitespace-nowrap" onClick={onKeep}>
            {t.hold.keep(n)}
          </button>
        </>
      )}
      {hold.status === 'paying' && ` ${t.hold.endsPayment}`}
    </Note>
  );
}
