import { useMemo } from 'react';

import type { SeatMap } from '../../api/types';
import type { Plan } from '../../seats/map/plan';
import { SeatMapView } from '../../seats/map/seat-map-view';
import { w } from '../../i18n/work/texts';

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
          front={w.counter.front}
          house
          label={w.counter.map}
        />
      </div>
      <ul aria-hidden className="house flex flex-wrap gap-x-3 px-4 py-2 text-sm text-soft">
        {(['free', 'blocked', 'held', 'sold', 'chosen'] as const).map((state) => (
          <li key={state} className="flex items-center gap-1.5">
            <svg viewBox="0 0 1 1" className="size-4" style={{ '--cat': 'var(--cat-0)' } as React.CSSProperties}>
              <g className="seat" data-state={state}>
                <rect className="body" x={0.1} y={0.1} width={0.8} height={0.8} rx={0.22} />
              </g>
            </svg>
            {w.counter.legend[state]}
          </li>
        ))}
      </ul>
    </div>
  );
}
