/** Coordinates of each seat of a room, computed from its layout. Pure. One unit is the distance between two seats. */

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
