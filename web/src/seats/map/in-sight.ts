/**
 * The part of a plan that is drawn seat by seat. Pure.
 *
 * A seat is an element with a name, for the keyboard and for screen readers. Thousands of them would make each touch on a
 * phone wait for seconds, so a large room has elements only for seats in sight, and while too many are in sight it is
 * drawn as a few shapes.
 */

import type { Camera, Size } from './camera';
import type { PlacedSeat, Plan } from './plan';

/**
 * Most seats that are drawn one by one. A phone four times slower than a desktop answers a tap within 200 ms at 400; all
 * common halls that are shown whole stay below.
 */
export const DRAWN_MAX = 400;
/** Seats are drawn in steps of this many units, so that a small movement of the plan redraws none. */
const STEP = 2;

/** Seats of a row that are drawn: from the first index to before the last. */
export interface Span {
  from: number;
  to: number;
}

/** True if the room is too large for all its seats to be elements at once. */
export function isLarge(plan: Plan): boolean {
  return plan.drawn > DRAWN_MAX;
}

const NOTHING: Span = { from: 0, to: 0 };

/** The seats of each row to draw one by one; null if too many are in sight. */
export function inSight(plan: Plan, camera: Camera, window: Size): Span[] | null {
  if (!isLarge(plan)) return plan.rows.map(({ seats }) => ({ from: 0, to: seats.length }));
  const [left, right] = stepped(camera.x, window.width / camera.scale);
  const [top, bottom] = stepped(camera.y, window.height / camera.scale);
  let total = 0;
  const spans = plan.rows.map(({ y, top: highest, seats }) => {
    if (y + 1 < top || highest > bottom) return NOTHING;
    const from = seats.findIndex(({ x }) => x + 1 > left);
    if (from < 0) return NOTHING;
    const after = seats.findIndex(({ x }) => x > right);
    const to = after < 0 ? seats.length : after;
    total += to - from;
    return { from, to };
  });
  return total > DRAWN_MAX ? null : spans;
}

/** Start and end of what is seen around `middle`, moved outwards to full steps. */
function stepped(middle: number, length: number): [number, number] {
  return [Math.floor((middle - length / 2) / STEP) * STEP, Math.ceil((middle + length / 2) / STEP) * STEP];
}

/** Name of the seat at a point of the plan. */
export function seatAtPoint(plan: Plan, x: number, y: number): string | null {
  const isThere = (seat: PlacedSeat) => x >= seat.x && x < seat.x + 1 && y >= seat.y && y < seat.y + 1.08;
  for (const row of plan.rows) {
    const found = y >= row.top && y < row.y + 1.08 ? row.seats.find(isThere) : undefined;
    if (found) return found.name;
  }
  return null;
}
