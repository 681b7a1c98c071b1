/** Coordinates of each seat of a room, computed from its layout. Pure. One unit is the distance between two seats. */

import { numberOf, type Gap } from './row-shape';

/** Width of a seat, without the gap to the next. */
export const SEAT = 0.78;
const AISLE = 0.9;
/** Distance of two rows. */
const ROW = 1.08;
/** Space for the name of a category, and above it. */
const BAND = 0.9;
const CATEGORY_GAP = 0.7;
const FIRST_GAP = 0.4;
/** Space for the name of a level, and above it. */
const LEVEL = 1.1;
const LEVEL_GAP = 0.9;
/** Half of what the name of a category or a level is wide. */
const HEADING_HALF = 2.6;
/** Space for the row's letter on either side. */
export const LABEL = 1.5;
/** Space for the screen or stage. */
export const STAGE = 3.7;
/** Height of a standing area, and its smallest width. */
const AREA_HEIGHT = 3;
const AREA_WIDTH = 7;
/** Parts of a unit for which the lower edge of what is drawn is kept. */
const EDGE_PARTS = 2;

export interface PlacedSeat {
  name: string;
  number: string;
  row: number;
  index: number;
  x: number;
  y: number;
  accessible: boolean;
  companion: boolean;
}

/** A standing area. Its name is the label of its row: its places have names, but no positions. */
export interface Area {
  name: string;
  row: number;
  index: 0;
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedRow {
  label: string;
  category: string;
  /** Height of its lowest seats. The ends of a curved row are higher, up to `top`. */
  y: number;
  top: number;
  left: number;
  right: number;
  /** Positions of its first and its last seat. */
  leftY: number;
  rightY: number;
  /** None in a standing area. */
  seats: PlacedSeat[];
  area: Area | null;
}

export interface Band {
  category: string;
  y: number;
}

/** A named level, from its heading down to the end of its last row. */
export interface Level {
  name: string;
  y: number;
  bottom: number;
}

export interface Plan {
  width: number;
  height: number;
  rows: PlacedRow[];
  bands: Band[];
  levels: Level[];
  /** Seats, and places of standing areas, which are where their area is. */
  byName: ReadonlyMap<string, PlacedSeat>;
  /** Standing areas by the labels of their rows. */
  areas: ReadonlyMap<string, Area>;
  /** Number of seats that have a position. */
  drawn: number;
  categories: string[];
}

/** The part of a layout that determines the positions. */
export interface RoomRow {
  label: string;
  category: string;
  aisles_after?: readonly number[];
  gaps?: readonly Gap[];
  curve?: number;
  level?: string | null;
  standing?: boolean;
  /** `number` is the text on the seat, if it is not the number in its name. */
  seats: readonly { seat: string; accessible: boolean; companion?: boolean; number?: string }[];
}

export interface Room {
  rows: readonly RoomRow[];
}

/** Distances of the seats from the left end of a row, and the width of the row. */
function offsets(row: RoomRow): { xs: number[]; width: number } {
  const aisles = new Set(row.aisles_after ?? []);
  const gaps = new Map((row.gaps ?? []).map(({ after, width }) => [after, width]));
  const xs: number[] = [];
  let x = gaps.get(0) ?? 0;
  row.seats.forEach(({ seat }, index) => {
    const number = numberOf(seat);
    xs.push(x);
    x += 1 + (gaps.get(number) ?? 0) + (aisles.has(number) && index + 1 < row.seats.length ? AISLE : 0);
  });
  return { xs, width: x };
}

function areaWidth(row: RoomRow, inner: number): number {
  return Math.min(inner, Math.max(AREA_WIDTH, Math.sqrt(row.seats.length) * 1.2));
}

/** The lower edge of what is drawn already, along the width of the room. */
class Edge {
  private readonly edge: number[];

  constructor(width: number, y: number) {
    this.edge = new Array<number>(Math.ceil(width * EDGE_PARTS) + 1).fill(y);
  }

  private parts(x: number, width: number): number[] {
    const first = Math.floor(x * EDGE_PARTS);
    const last = Math.ceil((x + width) * EDGE_PARTS - 1e-9);
    return Array.from({ length: last - first }, (_, at) => first + at);
  }

  at(x: number, width: number): number {
    return Math.max(...this.parts(x, width).map((part) => this.edge[part] ?? 0));
  }

  lower(x: number, width: number, y: number): void {
    for (const part of this.parts(x, width)) this.edge[part] = Math.max(this.edge[part] ?? 0, y);
  }

  level(y: number): void {
    this.edge.fill(y);
  }
}

export function drawPlan(room: Room): Plan {
  const placed = room.rows.map((row) => (row.standing ? { xs: [], width: 0 } : offsets(row)));
  const inner = Math.max(6, ...placed.map(({ width }) => width), ...room.rows.map((row) => (row.standing ? 9 : 0)));
  const byName = new Map<string, PlacedSeat>();
  const areas = new Map<string, Area>();
  const bands: Band[] = [];
  const levels: Level[] = [];
  const edge = new Edge(inner + 2 * LABEL, STAGE + FIRST_GAP);
  const middle = LABEL + inner / 2;
  /** Height at which the next row may begin. */
  let floor = STAGE;
  const rows = room.rows.map((row, rowIndex): PlacedRow => {
    const before = room.rows[rowIndex - 1];
    const newLevel = before?.level !== row.level && (row.level ?? before?.level) != null;
    const newBand = newLevel || before?.category !== row.category;
    if (newLevel) {
      floor += rowIndex === 0 ? FIRST_GAP : LEVEL_GAP;
      edge.level(floor);
      if (row.level != null) floor += LEVEL;
    }
    if (newBand) floor += (newLevel ? 0 : rowIndex === 0 ? FIRST_GAP : CATEGORY_GAP) + BAND;
    const curve = row.curve ?? 0;
    const bend = (x: number) => curve * ((x + 0.5 - middle) / (inner / 2)) ** 2;
    const { xs, width } = placed[rowIndex] ?? { xs: [], width: 0 };
    const left = LABEL + (inner - width) / 2;
    const fits = curve > 0 ? xs.map((x) => edge.at(left + x, 1) + bend(left + x)) : [];
    // The heading is above the seats beside it, which are higher than those below it.
    const lift = newBand ? bend(middle - 0.5 + Math.min(HEADING_HALF, inner / 2)) : 0;
    const y = Math.max(floor + lift, ...fits);
    if (newLevel && row.level != null) levels.push({ name: row.level, y: y - lift - BAND - LEVEL, bottom: y });
    if (newBand) bands.push({ category: row.category, y: y - lift - BAND });
    const common = { label: row.label, category: row.category, y };
    const level = levels.at(-1);
    if (row.standing) {
      const size = { width: areaWidth(row, inner), height: AREA_HEIGHT };
      const area: Area = { name: row.label, row: rowIndex, index: 0, x: middle - size.width / 2, y, ...size };
      areas.set(row.label, area);
      const at = { row: rowIndex, x: middle - 0.5, y: y + AREA_HEIGHT / 2 - 0.5, accessible: false, companion: false };
      row.seats.forEach(({ seat }, index) => {
        byName.set(seat, { ...at, name: seat, number: String(numberOf(seat)), index });
      });
      floor = y + AREA_HEIGHT + 0.3;
      edge.lower(area.x, area.width, floor);
      if (level && row.level != null) level.bottom = floor;
      return { ...common, top: y, left: area.x, right: area.x + area.width, leftY: y, rightY: y, seats: [], area };
    }
    const seats = row.seats.map((seat, index): PlacedSeat => {
      const x = left + (xs[index] ?? 0);
      const one: PlacedSeat = {
        name: seat.seat,
        number: seat.number ?? String(numberOf(seat.seat)),
        row: rowIndex,
        index,
        x,
        y: y - bend(x),
        accessible: seat.accessible,
        companion: seat.companion ?? false,
      };
      byName.set(seat.seat, one);
      edge.lower(x, 1, one.y + ROW);
      return one;
    });
    const [first, last] = [seats[0], seats.at(-1)];
    floor = y + ROW;
    if (level && row.level != null) level.bottom = floor;
    return {
      ...common,
      top: Math.min(y, ...seats.map((seat) => seat.y)),
      left: first?.x ?? left,
      right: (last?.x ?? left) + 1,
      leftY: first?.y ?? y,
      rightY: last?.y ?? y,
      seats,
      area: null,
    };
  });
  const categories = [...new Set(room.rows.map((row) => row.category))];
  const drawn = rows.reduce((sum, { seats }) => sum + seats.length, 0);
  return { width: inner + 2 * LABEL, height: floor + 1.1, rows, bands, levels, byName, areas, drawn, categories };
}

/** Stops of the keyboard in a row: each seat, or the area. */
function stopsOf(row: PlacedRow): { name: string; x: number }[] {
  return row.area ? [{ name: row.area.name, x: row.area.x + row.area.width / 2 - 0.5 }] : row.seats;
}

/** The stop of the keyboard for a seat: the seat itself, or the standing area of a place. */
export function stopOf(plan: Plan, name: string): string | null {
  if (plan.areas.has(name)) return name;
  const at = plan.byName.get(name);
  return at ? (plan.rows[at.row]?.area?.name ?? name) : null;
}

/** Next stop for an arrow key: along the row, or the nearest one of the row before or after. */
export function neighbour(plan: Plan, name: string, key: string): string | null {
  const at = plan.areas.get(name) ?? plan.byName.get(name);
  if (!at) return null;
  const row = plan.rows[at.row];
  if (!row) return null;
  const x = row.area ? row.area.x + row.area.width / 2 - 0.5 : at.x;
  const nearest = (index: number): string | null => {
    const other = plan.rows[index];
    if (!other) return null;
    const best = stopsOf(other).reduce<{ name: string; x: number } | null>(
      (found, stop) => (found && Math.abs(found.x - x) <= Math.abs(stop.x - x) ? found : stop),
      null,
    );
    return best?.name ?? null;
  };
  const stops = stopsOf(row);
  switch (key) {
    case 'ArrowLeft':
      return stops[at.index - 1]?.name ?? null;
    case 'ArrowRight':
      return stops[at.index + 1]?.name ?? null;
    case 'ArrowUp':
      return nearest(at.row - 1);
    case 'ArrowDown':
      return nearest(at.row + 1);
    case 'Home':
      return stops[0]?.name ?? null;
    case 'End':
      return stops.at(-1)?.name ?? null;
    case 'PageUp':
      return nearest(0);
    case 'PageDown':
      return nearest(plan.rows.length - 1);
    default:
      return null;
  }
}
