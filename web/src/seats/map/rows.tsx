import { memo } from 'react';

import type { Money, SeatRow } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { moneySpoken } from '../../design/format';
import { t } from '../../i18n/texts';
import type { Span } from './in-sight';
import { SEAT, type PlacedRow } from './plan';
import { stateOf, type SeatState } from './seat-state';

/** Opacity of what the reader did not ask for. */
export const PALE = 0.25;

function seatName(
  row: { label: string; category: string },
  place: { number: string; accessible: boolean; companion: boolean },
  price: Money | undefined,
  state: SeatState,
): string {
  return [
    t.seats.name(row.label, place.number),
    categoryName(row.category),
    price && moneySpoken(price),
    state !== 'missing' && t.seats.states[state],
    place.accessible && t.seats.accessible,
    place.companion && t.seats.companion,
  ]
    .filter(Boolean)
    .join(', ');
}

/** A room that is being drawn instead of sold. */
export interface Editing {
  /** Places where no seat is. */
  missing: ReadonlySet<string>;
  /** A place in words. */
  words: (place: string) => string;
  /** Rows that the next change concerns. */
  marked: ReadonlySet<number>;
  onArea: (label: string) => void;
}

interface RowProps {
  row: PlacedRow;
  index: number;
  seats: SeatRow;
  /** Names joined by spaces: a string, so that an unchanged row is not rendered again. */
  chosen: string;
  current: string | null;
  colour: number;
  house: boolean;
  pale: boolean;
  numbers: boolean;
  letters: boolean;
  editing: Editing | null;
}

export const Row = memo(function Row(props: RowProps & Span) {
  const { row, index, seats, chosen, current, colour, house, pale, numbers, from, to, letters, editing } = props;
  const mine = new Set(chosen.split(' '));
  const style = { '--cat': `var(--cat-${String(colour)})` } as React.CSSProperties;
  // The seat that the keyboard is at is always there.
  const drawn = row.seats.filter((place) => (place.index >= from && place.index < to) || place.name === current);
  return (
    <>
      {letters && (
        <g
          aria-hidden="true"
          fontSize={editing?.marked.has(index) ? 0.7 : 0.5}
          fill={editing?.marked.has(index) ? 'var(--ink)' : 'var(--soft)'}
          textAnchor="middle"
          style={{ fontWeight: 600 }}
        >
          <text x={row.left - 0.75} y={row.leftY + 0.68}>
            {row.label}
          </text>
          <text x={row.right + 0.55} y={row.rightY + 0.68}>
            {row.label}
          </text>
        </g>
      )}
      {drawn.length > 0 && (
        <g
          role="row"
          aria-label={t.seats.row(row.label)}
          aria-rowindex={index + 1}
          style={style}
          opacity={pale ? PALE : undefined}
        >
          {drawn.map((place) => {
            const seat = seats.seats[place.index];
            if (!seat) return null;
            const isMissing = editing?.missing.has(place.name) ?? false;
            const state = isMissing ? 'missing' : stateOf(seat, mine.has(place.name));
            return (
              <g
                key={place.name}
                role="gridcell"
                className="seat"
                data-seat={place.name}
                data-state={state}
                tabIndex={place.name === current ? 0 : -1}
                aria-colindex={place.index + 1}
                aria-selected={state === 'chosen'}
                aria-disabled={state === 'held' || state === 'sold' || (state === 'blocked' && !house) || undefined}
                aria-label={editing ? editing.words(place.name) : seatName(row, place, seat.price, state)}
                transform={`translate(${String(place.x)} ${String(place.y)})`}
              >
                {place.name === current && (
                  <rect className="ring" x={-0.07} y={-0.07} width={SEAT + 0.36} height={SEAT + 0.36} rx={0.3} />
                )}
                <rect className="body" x={0.11} y={0.11} width={SEAT} height={SEAT} rx={0.22} />
                <Face state={state} place={place} numbers={numbers} />
              </g>
            );
          })}
        </g>
      )}
    </>
  );
});

/** A row as one shape per state of its seats, for the eye only. */
export const Shapes = memo(function Shapes({
  row,
  seats,
  chosen,
  colour,
  pale,
}: Pick<RowProps, 'row' | 'seats' | 'chosen' | 'colour' | 'pale'>) {
  const mine = new Set(chosen.split(' '));
  const shapes = new Map<SeatState, string>();
  for (const place of row.seats) {
    const seat = seats.seats[place.index];
    if (!seat) continue;
    const state = stateOf(seat, mine.has(place.name));
    const square = `M${(place.x + 0.11).toFixed(2)} ${(place.y + 0.11).toFixed(2)}h${String(SEAT)}v${String(SEAT)}h-${String(SEAT)}z`;
    shapes.set(state, (shapes.get(state) ?? '') + square);
  }
  return (
    <g style={{ '--cat': `var(--cat-${String(colour)})` } as React.CSSProperties} opacity={pale ? PALE : undefined}>
      {[...shapes].map(([state, d]) => (
        <g key={state} className="seat shapes" data-state={state}>
          <path className="body" d={d} />
        </g>
      ))}
    </g>
  );
});

function Face({ state, place, numbers }: { state: SeatState; place: PlacedRow['seats'][number]; numbers: boolean }) {
  if (state === 'chosen')
    return (
      <path
        d="M0.310 0.520l0.130 0.130 0.250-0.270"
        fill="none"
        stroke="var(--on-gold)"
        strokeWidth={0.1}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    );
  if (place.accessible && state === 'free')
    return (
      <g fill="none" stroke="var(--cat)" strokeWidth={0.07} strokeLinecap="round" strokeLinejoin="round">
        <circle cx={0.45} cy={0.27} r={0.04} fill="var(--cat)" />
        <path d="M0.450 0.370v0.190h0.170l0.090 0.180M0.450 0.450h0.140M0.370 0.520a0.150 0.150 0 1 0 0.210 0.190" />
      </g>
    );
  if (place.companion && state === 'free')
    // A person, for whom the seat beside a wheelchair is meant.
    return (
      <g fill="none" stroke="var(--cat)" strokeWidth={0.07} strokeLinecap="round" strokeLinejoin="round">
        <circle cx={0.5} cy={0.34} r={0.1} />
        <path d="M0.310 0.730a0.190 0.190 0 0 1 0.380 0" />
      </g>
    );
  if (!numbers || state === 'missing') return null;
  return (
    <text x={0.5} y={0.635} textAnchor="middle" fontSize={0.36} style={{ fontWeight: 550 }} aria-hidden="true">
      {place.number}
    </text>
  );
}
