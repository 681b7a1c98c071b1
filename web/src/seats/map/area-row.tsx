import type { SeatRow } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { moneySpoken, number } from '../../design/format';
import { t } from '../../i18n/texts';
import { standingIn } from '../choice/standing';
import type { Area } from './plan';
import { PALE } from './rows';

/** Radius of the buttons for one place less and one more. */
const BUTTON = 0.62;

interface Props {
  area: Area;
  index: number;
  places: SeatRow;
  /** Names joined by spaces. */
  chosen: string;
  current: boolean;
  colour: number;
  pale: boolean;
  fixed: boolean;
  /** The room is being drawn: nothing is sold yet. */
  editing: boolean;
}

/** A standing area: one box, with the number of its free places and of those that are chosen. */
export function AreaRow({ area, index, places, chosen, current, colour, pale, fixed, editing }: Props) {
  const { free, chosen: mine } = standingIn(places, new Set(chosen.split(' ')));
  const count = mine.length;
  const price = places.seats[0]?.price;
  const middle = area.width / 2;
  const label = [
    t.seats.area(area.name),
    categoryName(places.category),
    !editing && price && moneySpoken(price),
    t.seats.areaFree(number(free), number(places.seats.length)),
    count > 0 && t.seats.areaChosen(count),
    !fixed && !editing && t.seats.areaKeys,
  ];
  return (
    <g role="row" aria-rowindex={index + 1} style={{ '--cat': `var(--cat-${String(colour)})` } as React.CSSProperties}>
      <g
        role="gridcell"
        className="seat area"
        data-seat={area.name}
        data-state={count > 0 ? 'chosen' : free > 0 ? 'free' : 'sold'}
        tabIndex={current ? 0 : -1}
        aria-colindex={1}
        aria-selected={count > 0}
        aria-disabled={(free === 0 && count === 0) || undefined}
        aria-label={label.filter(Boolean).join(', ')}
        transform={`translate(${String(area.x)} ${String(area.y)})`}
        opacity={pale ? PALE : undefined}
      >
        {current && (
          <rect className="ring" x={-0.18} y={-0.18} width={area.width + 0.36} height={area.height + 0.36} rx={0.5} />
        )}
        <rect className="body" width={area.width} height={area.height} rx={0.35} />
        {count > 0 && !fixed && (
          <>
            <Step x={middle - 1.9} y={2.18} by={-1} />
            <Step x={middle + 1.9} y={2.18} by={1} />
          </>
        )}
      </g>
      {/* Beside the cell, whose name says the same in another order. */}
      <g
        aria-hidden="true"
        pointerEvents="none"
        transform={`translate(${String(area.x)} ${String(area.y)})`}
        textAnchor="middle"
        fill={count > 0 ? 'var(--on-gold)' : free > 0 ? 'var(--ink)' : 'var(--soft)'}
        opacity={pale ? PALE : undefined}
      >
        <text x={middle} y={1} fontSize={0.72} style={{ fontWeight: 600 }}>
          {t.seats.area(area.name)}
        </text>
        <text x={middle} y={count > 0 ? 2.5 : 2.05} fontSize={count > 0 ? 0.9 : 0.6} style={{ fontWeight: 700 }}>
          {count > 0 ? number(count) : t.seats.areaFree(number(free), number(places.seats.length))}
        </text>
      </g>
    </g>
  );
}

/** A button for the eye and the finger; the keyboard has keys of its own. */
function Step({ x, y, by }: { x: number; y: number; by: 1 | -1 }) {
  const plus = by > 0 ? 'M0-0.26V0.26' : '';
  return (
    <g data-step={by} transform={`translate(${String(x)} ${String(y)})`}>
      <circle r={BUTTON} fill="var(--card)" stroke="var(--ink)" strokeWidth={0.06} />
      <path d={`M-0.26 0H0.26${plus}`} stroke="var(--ink)" strokeWidth={0.12} strokeLinecap="round" />
    </g>
  );
}
