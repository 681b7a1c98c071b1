import { Sparkles, X } from 'lucide-react';
import { useState } from 'react';

import { usePolicy } from '../../api/policy';
import { categoryName } from '../../catalogue/names';
import { Button } from '../../design/button';
import { money } from '../../design/format';
import { rich } from '../../i18n/rich';
import { t } from '../../i18n/texts';
import { budgets, type Filter, type Offer } from '../choice/prices';
import { Stepper } from './stepper';

/** How many seats, at which price, and the button that finds the best of them. */
export function Finder({
  offers,
  filter,
  onFilter,
  onBest,
}: {
  offers: readonly Offer[];
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onBest: (count: number) => void;
}) {
  const { booking_seats_max: seatsMax } = usePolicy();
  const [wanted, setWanted] = useState(2);
  return (
    <form
      className="flex flex-wrap items-center gap-2 max-xs:gap-1.5"
      onSubmit={(event) => {
        event.preventDefault();
        onBest(wanted);
      }}
    >
      <Stepper value={wanted} max={seatsMax} onChange={setWanted} />
      {offers.length > 1 && (
        <label className="min-w-24 flex-1 side:min-w-36">
          <span className="sr-only">{t.seats.filter}</span>
          <select
            className={[
              'h-11 w-full truncate rounded-full border border-line-strong bg-card ps-3.5 font-semibold',
              'hover:border-ink max-xs:text-sm',
            ].join(' ')}
            value={JSON.stringify(filter)}
            onChange={({ target }) => {
              onFilter(JSON.parse(target.value) as Filter);
            }}
          >
            <option value="null">{t.seats.anyPrice}</option>
            {offers.map(({ category, price }) => (
              <option key={category} value={JSON.stringify({ category })}>
                {categoryName(category) + (price ? `, ${money(price)}` : '')}
              </option>
            ))}
            {budgets(offers).map((limit) => (
              <option key={limit.amount_minor} value={JSON.stringify({ upTo: limit.amount_minor })}>
                {t.seats.upTo(money(limit))}
              </option>
            ))}
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

/** The filter in force, on the map, with the way to see all again. */
export function FilterChip({
  filter,
  offers,
  isLower,
  onClear,
}: {
  filter: Filter;
  offers: readonly Offer[];
  /** Below the names of the levels. */
  isLower: boolean;
  onClear: () => void;
}) {
  if (!filter) return null;
  const limit = 'upTo' in filter && offers.find(({ price }) => price?.amount_minor === filter.upTo)?.price;
  return (
    <button
      type="button"
      onClick={onClear}
      className={[
        isLower ? 'top-15' : 'top-3',
        'fade absolute left-3 flex min-h-11 max-w-[60%] items-center gap-1.5 rounded-full bg-ink px-4',
        'font-semibold text-ground shadow-card',
      ].join(' ')}
    >
      <span className="truncate">
        {'category' in filter ? categoryName(filter.category) : limit ? t.seats.upTo(money(limit)) : ''}
      </span>
      <X size={16} className="shrink-0" aria-hidden />
      <span className="sr-only">{t.seats.showAll}</span>
    </button>
  );
}
