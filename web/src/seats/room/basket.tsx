import { X } from 'lucide-react';
import { useRef } from 'react';

import { seatsListed } from '../seat-names';
import { t } from '../../i18n/texts';
import { ticketType } from '../../i18n/ticket-type';
import type { Booking, SeatMap } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { IconButton } from '../../design/button';
import { money, number } from '../../design/format';
import { Note } from '../../design/notices';
import { companionsFor, withoutWheelchair } from '../choice/companions';
import type { Plan } from '../map/plan';
import type { Filter, Offer } from '../choice/prices';
import { typesOf, type Broken } from '../choice/ticket-types';
import type { TypedSeats } from '../choice/use-types';

/** Categories with their price and how many of their seats are free. A press shows only one of them on the map. */
export function Prices({
  offers,
  filter,
  onFilter,
}: {
  offers: readonly Offer[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
}) {
  return (
    <ul aria-label={t.seats.prices} className="grid gap-0.5">
      {offers.map(({ category, price, free }, index) => {
        const isOn = filter !== null && 'category' in filter && filter.category === category;
        return (
          <li key={category}>
            <button
              type="button"
              aria-pressed={isOn}
              className="-mx-3 flex w-[calc(100%+1.5rem)] items-baseline gap-2.5 rounded-xl px-3 py-1.5 text-start hover:bg-sunk aria-pressed:bg-sunk"
              onClick={() => {
                onFilter(isOn ? null : { category });
              }}
            >
              <span
                aria-hidden
                className="size-3 shrink-0 self-center rounded-full"
                style={{ backgroundColor: `var(--cat-${String(index % 6)})` }}
              />
              <span className="min-w-0">
                <span className="font-semibold [overflow-wrap:anywhere]">{categoryName(category)}</span>{' '}
                <span className="text-sm text-soft">{free === 0 ? t.seats.noneFree : t.seats.free(number(free))}</span>
              </span>
              <span className="numbers ms-auto font-semibold">{price && money(price)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

/** Remarks on a choice that others would suffer from. Only `refused`, seats left single, forbid it. */
export function Courtesy({
  seats,
  plan,
  map,
  onAdd,
  alone,
  refused,
}: {
  seats: readonly string[];
  plan: Plan;
  map: SeatMap;
  onAdd: (seat: string) => void;
  alone: readonly string[];
  refused: readonly string[];
}) {
  const wheelchair = seats.filter((name) => plan.byName.get(name)?.accessible);
  const companions = companionsFor(map, plan, seats);
  const kept = withoutWheelchair(map, plan, seats);
  return (
    <>
      {wheelchair.length > 0 && (
        <Note tone="note" className="!py-2 text-sm">
          {t.seats.wheelchair(wheelchair.length, seatsListed(wheelchair))}
          {companions.map((name) => (
            <button
              key={name}
              type="button"
              className="link ms-1.5"
              onClick={() => {
                onAdd(name);
              }}
            >
              {t.seats.addCompanion(name)}
            </button>
          ))}
        </Note>
      )}
      {kept.length > 0 && (
        <Note tone="note" className="!py-2 text-sm">
          {t.seats.keptForCompanions(kept.length, seatsListed(kept))}
        </Note>
      )}
      {refused.length > 0 ? (
        <Note tone="warn" className="!py-2 text-sm">
          {t.seats.aloneRefused(refused.length, seatsListed(refused))}
        </Note>
      ) : (
        alone.length > 0 && (
          <Note tone="note" className="!py-2 text-sm">
            {t.seats.leftAlone(alone.length, seatsListed(alone))}
          </Note>
        )
      )}
    </>
  );
}

export function ChosenSeats({
  seats,
  plan,
  map,
  types,
  onRemove,
}: {
  seats: readonly string[];
  plan: Plan;
  map: SeatMap;
  types: TypedSeats;
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
            <span className="marquee text-lg whitespace-nowrap">{name}</span>
            <span className="hidden text-soft lg:inline">{categoryName(row.category)}</span>
            <TypeOf seat={name} types={types} />
            {!types.pricesOf(name) && <span className="numbers ms-auto text-sm lg:text-base">{money(seat.price)}</span>}
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

/** The type of a ticket, with its price, where a seat has several. */
function TypeOf({ seat, types }: { seat: string; types: TypedSeats }) {
  const prices = types.pricesOf(seat);
  if (!prices) return null;
  return (
    <label className="ms-auto min-w-0">
      <span className="sr-only">{t.seats.typeOf(seat)}</span>
      <select
        className="h-10 w-full min-w-0 truncate rounded-full bg-transparent font-semibold hover:bg-card"
        value={types.typeOf(seat) ?? ''}
        onChange={({ target }) => {
          types.choose(seat, target.value);
        }}
      >
        {typesOf(prices).map((type) => (
          <option key={type} value={type}>
            {ticketType(type)}, {money(prices[type] ?? { amount_minor: 0, currency: '' })}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Says which tickets a choice lacks, or has too many of. */
export function brokenInWords(broken: Broken): string {
  const type = ticketType(broken.type);
  switch (broken.limit) {
    case 'max':
      return t.seats.typeMax(type, broken.max);
    case 'needs':
      return t.seats.typeNeeds(type, ticketType(broken.other));
    case 'accessible':
      return t.seats.typeAccessible(type);
  }
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
          {t.hold.insteadOf(n, seatsListed(hold.seats))}{' '}
          <button type="button" className="link whitespace-nowrap" onClick={onKeep}>
            {t.hold.keep(n)}
          </button>
        </>
      )}
      {hold.status === 'paying' && ` ${t.hold.endsPayment}`}
    </Note>
  );
}
