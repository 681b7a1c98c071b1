import { useMemo } from 'react';

import type { SeatMap } from '../../api/types';
import type { Plan } from '../../seats/map/plan';
import { SeatMapView } from '../../seats/map/seat-map-view';

/** The map of a screening for staff: seats that the house keeps back are marked, and can be chosen. */
export function StaffMap({
  map,
  plan,
  seats,
  onSeat,
}: {
  map: SeatMap;
  plan: Plan;
  seats: readonly string[];
  onSeat: (seat: string) => void;
}) {
  const chosen = useMemo(() => new Set(seats), [seats]);
  return (
    <div className="flex h-full flex-col">
      <div className="relative min-h-0 flex-1">
        <SeatMapView
          map={map}
          plan={plan}
          chosen={chosen}
          onToggle={onSeat}
          front="Front"
          house
          label="Seats. Arrow keys move, space chooses."
        />
      </div>
      <ul aria-hidden className="house flex flex-wrap gap-x-3 px-4 py-2 text-sm text-soft">
        {(
          [
            ['free', 'Free'],
            ['blocked', 'House'],
            ['held', 'Held'],
            ['sold', 'Sold'],
            ['chosen', 'Chosen'],
          ] as const
        ).map(([state, text]) => (
          <li key={state} className="flex items-center gap-1.5">
            <svg viewBox="0 0 1 1" className="size-4" style={{ '--cat': 'var(--cat-0)' } as React.CSSProperties}>
              <g className="seat" data-state={state}>
                <rect className="body" x={0.1} y={0.1} width={0.8} height={0.8} rx={0.22} />
              </g>
            </svg>
            {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
