import { Link } from 'react-router';

import type { CategoryPrice, Money, Screening } from '../api/types';
import { screenName } from './names';
import { money, when } from '../design/format';
import { t } from '../i18n/texts';
import { USUAL } from '../seats/choice/ticket-types';

/** Share of free seats below which the chip shows their number. */
const FEW = 0.15;

/** A category has one price, or one for each ticket type. */
export function pricesOf(price: CategoryPrice): Money[] {
  return isMoney(price) ? [price] : Object.values(price);
}

export function isMoney(price: CategoryPrice): price is Money {
  return typeof price.amount_minor === 'number';
}

/** Types of people who show something at the door: an age, a card, or a wheelchair beside them. */
const CONDITIONAL: readonly string[] = ['child', 'senior', 'student', 'companion', 'member', 'group'];

/** The prices of a category that anybody can pay alone. */
function openPrices(price: CategoryPrice, limits: Screening['ticket_types']): Money[] {
  if (isMoney(price)) return [price];
  const types = Object.entries(price);
  const alone = types.filter(([type]) => {
    const limit = limits[type];
    return limit === undefined || (!limit.needs_accessible && limit.needs_type == null);
  });
  const usual = alone.filter(([type]) => USUAL.includes(type));
  const other = alone.filter(([type]) => !CONDITIONAL.includes(type));
  const open = [usual, other, alone].find((some) => some.length > 0) ?? types;
  return open.map(([, amount]) => amount);
}

/** The lowest price for a customer without a condition. Free tickets do not count, unless all are free. */
export function cheapest({ prices, ticket_types: limits }: Screening): Money | null {
  const open = Object.values(prices).flatMap((price) => openPrices(price, limits));
  const paid = open.filter(({ amount_minor }) => amount_minor > 0);
  const counted = paid.length > 0 ? paid : open;
  return counted.reduce<Money | null>(
    (least, price) => (least && least.amount_minor <= price.amount_minor ? least : price),
    null,
  );
}

/** Link to the seats of a screening, with its local time, lowest price and occupancy. */
export function TimeChip({ screening }: { screening: Screening }) {
  const from = cheapest(screening);
  const full = screening.available_seats === 0;
  const few = !full && screening.available_seats < screening.capacity * FEW;
  const filled = 1 - screening.available_seats / Math.max(1, screening.capacity);
  const time = when(screening.starts_at, 'time', screening.timezone);
  const state = full
    ? t.shows.full
    : few
      ? t.shows.left(screening.available_seats)
      : from
        ? t.shows.from(money(from))
        : '';
  return (
    <Link
      to={`/screenings/${screening.screening_id}`}
      className={[
        'relative block min-w-[6.6rem] overflow-hidden rounded-2xl border px-3.5 pb-3',
        'pt-2 text-center transition-colors',
        full ? 'border-line bg-sunk text-soft' : 'border-line-strong bg-card hover:border-ink',
      ].join(' ')}
    >
      <span className="numbers block text-lg font-bold leading-tight">{time}</span>
      <span className={`text-sm ${few ? 'font-semibold text-bad' : 'text-soft'}`}>{state}</span>
      <span className="sr-only">
        {`, ${screenName(screening.screen_name)}`}
        {full ? '' : `, ${t.shows.seatsFree(screening.available_seats)}`}
      </span>
      <span className="absolute inset-x-0 bottom-0 h-1 bg-line" aria-hidden>
        <span
          className={`block h-full ${few ? 'bg-bad' : 'bg-line-strong'}`}
          style={{ width: `${String(Math.round(filled * 100))}%` }}
        />
      </span>
    </Link>
  );
}

/** Screenings grouped by screen. */
export function Times({ screenings }: { screenings: readonly Screening[] }) {
  const screens = groups(screenings);
  return (
    <div className="grid gap-3">
      {screens.map(([screen, list]) => (
        <div key={screen} className="grid items-center gap-x-4 gap-y-1.5 sm:grid-cols-[7rem_1fr]">
          <p className="text-sm font-medium text-soft">{screenName(screen)}</p>
          <div className="flex flex-wrap gap-2">
            {list.map((screening) => (
              <TimeChip key={screening.screening_id} screening={screening} />
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}

function groups(screenings: readonly Screening[]): [string, Screening[]][] {
  const found = new Map<string, Screening[]>();
  for (const screening of screenings)
    found.set(screening.screen_name, [...(found.get(screening.screen_name) ?? []), screening]);
  return [...found];
}
