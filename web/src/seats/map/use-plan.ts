import { useMemo } from 'react';

import type { SeatMap } from '../../api/types';
import { drawPlan, type Plan } from './plan';

/** The drawing of a seat map. */
export function usePlan(map: SeatMap): Plan {
  // Changes of status keep the labels and sizes of the rows, so the drawing stays.
  const shape = map.rows.map((row) => `${row.label} ${row.category} ${String(row.seats.length)}`).join('|');
  // eslint-disable-next-line react-hooks/exhaustive-deps -- only the shape of the map decides the plan
  return useMemo(() => drawPlan(map), [shape]);
}
