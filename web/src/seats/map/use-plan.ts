import { useMemo } from 'react';

import type { SeatMap, SeatRow } from '../../api/types';
import { drawPlan, type Plan } from './plan';

/** The facts that decide the drawing of a row, without the statuses of its seats. */
const shapes = new WeakMap<SeatRow, string>();

function shapeOf(row: SeatRow): string {
  const known = shapes.get(row);
  if (known !== undefined) return known;
  const { label, category, aisles_after, gaps, curve, level, standing, seats } = row;
  const places = seats.map(({ seat, accessible, companion }) => `${seat}${accessible ? 'w' : companion ? 'c' : ''}`);
  const shape = JSON.stringify([label, category, aisles_after, gaps, curve, level, standing, places.join()]);
  shapes.set(row, shape);
  return shape;
}

/** The drawing of a seat map. */
export function usePlan(map: SeatMap): Plan {
  // Changes of status keep everything that decides where a seat is, so the drawing stays.
  const shape = map.rows.map(shapeOf).join('|');
  // eslint-disable-next-line react-hooks/exhaustive-deps -- only the shape of the map decides the plan
  return useMemo(() => drawPlan(map), [shape]);
}
