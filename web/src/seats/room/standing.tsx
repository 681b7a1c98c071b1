import type { SeatMap } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { money, number } from '../../design/format';
import { t } from '../../i18n/texts';
import { freePlaces, standingIn } from '../choice/standing';
import type { Plan } from '../map/plan';
import { Stepper } from './stepper';

interface Props {
  map: SeatMap;
  plan: Plan;
  chosen: ReadonlySet<string>;
  /** The party has as many seats as a booking can have. */
  isFull: boolean;
  onToggle: (place: string) => void;
  /** Categories that the reader asked for; all if null. */
  shown: ReadonlySet<string> | null;
}

/** The number of places in each standing area: which ones makes no difference. */
export function Standing({ map, plan, chosen, isFull, onToggle, shown }: Props) {
  const areas = map.rows.filter((row) => plan.areas.has(row.label) && (!shown || shown.has(row.category)));
  if (areas.length === 0) return null;
  return (
    <ul aria-label={t.seats.standing} className="grid gap-2">
      {areas.map((row) => {
        const { free, chosen: mine } = standingIn(row, chosen);
        const price = row.seats[0]?.price;
        const open = freePlaces(row, 1, chosen)[0];
        return (
          <li key={row.label} className="flex items-center justify-between gap-3">
            <span className="min-w-0 leading-tight">
              <span className="block font-semibold">{t.seats.area(row.label)}</span>
              <span className="block text-sm text-soft">
                {categoryName(row.category)}
                {price && `, ${money(price)}`} · {free === 0 ? t.seats.noneFree : t.seats.free(number(free))}
              </span>
            </span>
            <Stepper
              label={t.seats.howManyIn(row.label)}
              value={mine.length}
              min={0}
              max={isFull || open === undefined ? mine.length : mine.length + 1}
              onChange={(value) => {
                const place = value > mine.length ? open : mine.at(-1);
                if (place !== undefined) onToggle(place);
              }}
            />
          </li>
        );
      })}
    </ul>
  );
}
