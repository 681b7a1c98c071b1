/** Coordinates of each seat of a room, computed from its layout. Pure. One unit is the distance between two seats. */

import type { SeatMap, SeatRow } from '../api/types';

/** Width of a seat, without the gap to the next. */
export const SEAT = 0.78;
const AISLE = 0.9;
const CATEGORY_GAP = 1.1;
/** Space for the row's letter on either side. */
export const LABEL = 1.5;
/** Space for the screen or stage. */
export const STAGE = 3.7;

export interface PlacedSeat {
  name: string;
  number: number;
  row: number;
  index: number;
  x: number;
  y: number;
  accessible: boolean;
}

export interface PlacedRow {
  label: string;
  category: string;
  y: number;
  left: number;
  right: number;
  seats: PlacedSeat[];
}

export interface Band {
  category: string;
  y: number;
}

export interface Plan {
  width: number;
  height: number;
  rows: PlacedRow[];
  bands: Band[];
  byName: ReadonlyMap<string, PlacedSeat>;
  categories: string[];
}

/** The part of a layout that determines the positions. */
export interface Room {
  rows: { label: string; category: string; aisles_after?: number[]; seats: { seat: string; accessible: boolean }[] }[];
}

function offsets(row: Room['rows'][number]): number[] {
  const aisles = new Set(row.aisles_after ?? []);
  const xs: number[] = [];
  let x = 0;
  row.seats.forEach((_, index) => {
    xs.push(x);
    x += 1 + (aisles.has(index + 1) && index + 1 < row.seats.length ? AISLE : 0);
  });
  return xs;
}

export function drawPlan(room: Room): Plan {
  const xs = room.rows.map(offsets);
  const widths = xs.map((row) => (row.at(-1) ?? 0) + 1);
  const inner = Math.max(6, ...widths);
  const byName = new Map<string, PlacedSeat>();
  const bands: Band[] = [];
  let y = STAGE;
  const rows = room.rows.map((row, rowIndex): PlacedRow => {
    const starts = room.rows[rowIndex - 1]?.category !== row.category;
    if (starts) {
      y += rowIndex === 0 ? 0.4 : CATEGORY_GAP - 0.4;
      bands.push({ category: row.category, y });
      y += 0.9;
    }
    const left = LABEL + (inner - (widths[rowIndex] ?? 0)) / 2;
    const seats = row.seats.map((seat, index): PlacedSeat => {
      const placed = {
        name: seat.seat,
        number: index + 1,
        row: rowIndex,
        index,
        x: left + (xs[rowIndex]?.[index] ?? 0),
        y,
        accessible: seat.accessible,
      };
      byName.set(seat.seat, placed);
      return placed;
    });
    const placed = { label: row.label, category: row.category, y, left, right: left + (widths[rowIndex] ?? 0), seats };
    y += 1.08;
    return placed;
  });
  const categories = [...new Set(room.rows.map((row) => row.category))];
  return { width: inner + 2 * LABEL, height: y + 1.1, rows, bands, byName, categories };
}

/** Next seat for an arrow key: along the row, or the nearest seat of the row before or after. */
export function neighbour(plan: Plan, name: string, key: string): string | null {
  const at = plan.byName.get(name);
  if (!at) return null;
  const row = plan.rows[at.row];
  if (!row) return null;
  const nearest = (index: number): string | null => {
    const other = plan.rows[index];
    if (!other) return null;
    const best = other.seats.reduce<PlacedSeat | null>(
      (found, seat) => (found && Math.abs(found.x - at.x) <= Math.abs(seat.x - at.x) ? found : seat),
      null,
    );
    return best?.name ?? null;
  };
  switch (key) {
    case 'ArrowLeft':
      return row.seats[at.index - 1]?.name ?? null;
    case 'ArrowRight':
      return row.seats[at.index + 1]?.name ?? null;
    case 'ArrowUp':
      return nearest(at.row - 1);
    case 'ArrowDown':
      return nearest(at.row + 1);
    case 'Home':
      return row.seats[0]?.name ?? null;
    case 'End':
      return row.seats.at(-1)?.name ?? null;
    case 'PageUp':
      return nearest(0);
    case 'PageDown':
      return nearest(plan.rows.length - 1);
    default:
      return null;
  }
}

/** Seats next to each other, split at unavailable seats and, unless `acrossAisles`, at aisles. */
function runs(row: SeatRow, fits: (seat: SeatRow['seats'][number]) => boolean, acrossAisles: boolean): number[][] {
  const aisles = new Set(acrossAisles ? [] : row.aisles_after);
  const found: number[][] = [];
  let run: number[] = [];
  const close = () => {
    if (run.length > 0) found.push(run);
    run = [];
  };
  row.seats.forEach((seat, index) => {
    if (fits(seat)) run.push(index);
    else close();
    if (aisles.has(index + 1)) close();
  });
  close();
  return found;
}

interface Spot {
  x: number;
  y: number;
}

interface Wish {
  category: string | null;
  /** Seats that are spoken for already. */
  used: ReadonlySet<string>;
  ideal: Spot;
}

/** `count` free seats of one row, as close to the ideal spot as possible, avoiding single seats left over. */
function block(map: SeatMap, plan: Plan, count: number, wish: Wish, acrossAisles: boolean): string[] | null {
  let best: { cost: number; seats: string[] } | null = null;
  map.rows.forEach((row, rowIndex) => {
    const placed = plan.rows[rowIndex];
    if (!placed || (wish.category !== null && row.category !== wish.category)) return;
    // Accessible seats are kept for customers who need them.
    const fits = (seat: SeatRow['seats'][number]) =>
      seat.status === 'free' && !seat.accessible && !wish.used.has(seat.seat);
    for (const run of runs(row, fits, acrossAisles)) {
      for (let start = 0; start + count <= run.length; start += 1) {
        const chosen = run.slice(start, start + count);
        const centre = chosen.reduce((total, index) => total + (placed.seats[index]?.x ?? 0) + 0.5, 0) / count;
        const lonely = (start === 1 ? 1 : 0) + (run.length - start - count === 1 ? 1 : 0);
        const cost = Math.abs(centre - wish.ideal.x) + 1.2 * Math.abs(placed.y - wish.ideal.y) + 1.5 * lonely;
        if (!best || cost < best.cost) best = { cost, seats: chosen.map((index) => row.seats[index]?.seat ?? '') };
      }
    }
  });
  return (best as { seats: string[] } | null)?.seats ?? null;
}

/** One block if there is one, else one across an aisle, else two parts as close to each other as possible. */
function party(map: SeatMap, plan: Plan, count: number, wish: Wish): string[] | null {
  const together = block(map, plan, count, wish, false) ?? block(map, plan, count, wish, true);
  if (together || count === 1) return together;
  const first = party(map, plan, Math.ceil(count / 2), wish);
  if (!first) return null;
  const places = first.flatMap((name) => plan.byName.get(name) ?? []);
  const mean = (pick: (seat: PlacedSeat) => number) =>
    places.reduce((sum, seat) => sum + pick(seat), 0) / places.length;
  const second = party(map, plan, count - first.length, {
    ...wish,
    used: new Set([...wish.used, ...first]),
    ideal: { x: mean((seat) => seat.x + 0.5), y: mean((seat) => seat.y) },
  });
  return second && [...first, ...second];
}

/**
 * The best `count` free seats, in `category` if given: close to the middle of a row and two thirds of the way back, and
 * side by side if possible. Empty if there are not that many.
 */
export function bestSeats(map: SeatMap, plan: Plan, count: number, category: string | null): string[] {
  const first = plan.rows[0]?.y ?? 0;
  const ideal = { x: plan.width / 2, y: first + ((plan.rows.at(-1)?.y ?? first) - first) * 0.66 };
  return party(map, plan, count, { category, used: new Set(), ideal }) ?? [];
}

/** True if the seats are in one row, each next to another one of them. */
export function areTogether(map: SeatMap, plan: Plan, seats: readonly string[]): boolean {
  const places = seats.flatMap((name) => plan.byName.get(name) ?? []).sort((a, b) => a.index - b.index);
  const aisles = new Set(map.rows[places[0]?.row ?? 0]?.aisles_after);
  return places.every((seat, at) => {
    const before = places[at - 1];
    return !before || (before.row === seat.row && before.index + 1 === seat.index && !aisles.has(seat.index));
  });
}

/** Free seats that would be left alone between taken ones by choosing `chosen`, and were not before. */
export function leftAlone(map: SeatMap, plan: Plan, chosen: readonly string[]): string[] {
  const mine = new Set(chosen);
  return map.rows.flatMap((row, index) => {
    if (!plan.rows[index]?.seats.some(({ name }) => mine.has(name))) return [];
    const single = (fits: (seat: SeatRow['seats'][number]) => boolean) =>
      new Set(runs(row, fits, false).flatMap((run) => (run.length === 1 ? (row.seats[run[0] ?? 0]?.seat ?? []) : [])));
    const before = single((seat) => seat.status === 'free');
    const after = single((seat) => seat.status === 'free' && !mine.has(seat.seat));
    return [...after].filter((name) => !before.has(name));
  });
}
