/** Good seats for a party, and remarks on a choice. Pure. */

import type { SeatMap, SeatRow } from '../../api/types';
import type { PlacedRow, PlacedSeat, Plan } from '../map/plan';
import { breaksOf } from '../map/row-shape';
import { freePlaces } from './standing';

type Seat = SeatRow['seats'][number];

/** What a party asks for. */
export interface Wish {
  count: number;
  /** Categories to choose from; all if null. */
  categories: ReadonlySet<string> | null;
  /** Seats that are not free, but the reader's to choose again. */
  own?: readonly string[];
}

interface Spot {
  x: number;
  y: number;
}

/** Seats found, and how far they are from where they should be, in seats. */
interface Found {
  seats: string[];
  cost: number;
}

/** A seat left over between taken ones is as bad as sitting this many seats further away. */
const LONELY = 1.5;
/** A row further to the front or back is as bad as this many seats to the side. */
const ROW = 1.2;
/** An aisle between friends is as bad as this many seats between them. */
const ACROSS_AISLE = 2;
/** One person apart from all others is as bad as sitting this many seats further away. */
const APART = 6;
/** A standing area is worse than any seat: customers who want to stand choose it themselves. */
const STANDING = 1_000;

/** Seats next to each other, split at unavailable seats and, unless `acrossAisles`, at aisles and gaps. */
function runs(row: SeatRow, fits: (seat: Seat) => boolean, acrossAisles: boolean): number[][] {
  const breaks = acrossAisles ? new Set<number>() : breaksOf(row);
  const found: number[][] = [];
  let run: number[] = [];
  const close = () => {
    if (run.length > 0) found.push(run);
    run = [];
  };
  row.seats.forEach((seat, index) => {
    if (fits(seat)) run.push(index);
    else close();
    if (breaks.has(index)) close();
  });
  close();
  return found;
}

/** Finds seats for a wish, without those in `used`. */
class Search {
  private readonly own: ReadonlySet<string>;

  constructor(
    private readonly map: SeatMap,
    private readonly plan: Plan,
    private readonly wish: Wish,
  ) {
    this.own = new Set(wish.own);
  }

  /** `count` seats of one row, as close to the spot as possible, avoiding single seats left over. */
  private block(count: number, spot: Spot, used: ReadonlySet<string>, acrossAisles: boolean): Found | null {
    const { categories } = this.wish;
    // Accessible seats and those of companions are kept for customers who need them.
    const fits = (seat: Seat) =>
      (seat.status === 'free' || this.own.has(seat.seat)) &&
      !seat.accessible &&
      !seat.companion &&
      !used.has(seat.seat);
    let best: Found | null = null;
    for (const [rowIndex, row] of this.map.rows.entries()) {
      const placed = this.plan.rows[rowIndex];
      if (!placed || (categories && !categories.has(row.category))) continue;
      if (row.standing) {
        const found = this.standing(row, placed, count, spot, used);
        if (found && (!best || found.cost < best.cost)) best = found;
        continue;
      }
      for (const run of runs(row, fits, acrossAisles)) {
        for (let start = 0; start + count <= run.length; start += 1) {
          const chosen = run.slice(start, start + count);
          const centre = chosen.reduce((total, index) => total + (placed.seats[index]?.x ?? 0) + 0.5, 0) / count;
          const lonely = (start === 1 ? 1 : 0) + (run.length - start - count === 1 ? 1 : 0);
          const cost = Math.abs(centre - spot.x) + ROW * Math.abs(placed.y - spot.y) + LONELY * lonely;
          if (!best || cost < best.cost) best = { cost, seats: chosen.map((index) => row.seats[index]?.seat ?? '') };
        }
      }
    }
    return best;
  }

  /** Any free places of a standing area. */
  private standing(
    row: SeatRow,
    placed: PlacedRow,
    count: number,
    spot: Spot,
    used: ReadonlySet<string>,
  ): Found | null {
    const seats = freePlaces(row, count, used);
    return seats.length === count ? { seats, cost: STANDING + Math.abs(placed.y - spot.y) } : null;
  }

  /** One block if there is one, else one across an aisle or two parts, whatever is closer together. */
  party(count: number, spot: Spot, used: ReadonlySet<string>): Found | null {
    const together = this.block(count, spot, used, false);
    // Who asks for seats stands only if there are none.
    if (count === 1 || (together && together.cost < STANDING)) return together;
    const across = this.block(count, spot, used, true);
    const ways = [across && { ...across, cost: across.cost + ACROSS_AISLE }];
    for (let first = Math.ceil(count / 2); first < count; first += 1)
      ways.push(this.twoParts(first, count, spot, used));
    const best = ways.reduce((least, way) => (way && (!least || way.cost < least.cost) ? way : least), null);
    // No party sits in part and stands in part.
    if (together && (!best || best.cost >= STANDING)) return together;
    if (best) return best;
    // More than two parts.
    const half = this.party(Math.ceil(count / 2), spot, used);
    return half && this.joined(half, this.party(count - half.seats.length, this.middle(half.seats), with_(used, half)));
  }

  /** A block of `first` seats, and the rest in another one as close to it as possible. */
  private twoParts(first: number, count: number, spot: Spot, used: ReadonlySet<string>): Found | null {
    const one = this.block(first, spot, used, false);
    if (!one) return null;
    const other = this.block(count - first, this.middle(one.seats), with_(used, one), false);
    const apart = count - first === 1 && count > 2 ? APART : 0;
    return this.joined({ ...one, cost: one.cost + apart }, other);
  }

  private joined(one: Found, other: Found | null): Found | null {
    return other && { seats: [...one.seats, ...other.seats], cost: one.cost + other.cost };
  }

  private middle(seats: readonly string[]): Spot {
    const places = seats.flatMap((name) => this.plan.byName.get(name) ?? []);
    const mean = (pick: (seat: PlacedSeat) => number) =>
      places.reduce((sum, seat) => sum + pick(seat), 0) / Math.max(1, places.length);
    return { x: mean((seat) => seat.x + 0.5), y: mean((seat) => seat.y) };
  }
}

function with_(used: ReadonlySet<string>, { seats }: Found): ReadonlySet<string> {
  return new Set([...used, ...seats]);
}

/**
 * The best free seats for a wish: close to the middle of a row and two thirds of the way back, and side by side if
 * possible, else in parts that are close to each other. Empty if there are not that many.
 */
export function bestSeats(map: SeatMap, plan: Plan, wish: Wish): string[] {
  const first = plan.rows[0]?.y ?? 0;
  const spot = { x: plan.width / 2, y: first + ((plan.rows.at(-1)?.y ?? first) - first) * 0.66 };
  return new Search(map, plan, wish).party(wish.count, spot, new Set())?.seats ?? [];
}

/** True if the seats are in one row, each next to another one of them, or in one standing area. */
export function areTogether(map: SeatMap, plan: Plan, seats: readonly string[]): boolean {
  const places = seats.flatMap((name) => plan.byName.get(name) ?? []).sort((a, b) => a.index - b.index);
  const row = map.rows[places[0]?.row ?? 0];
  const breaks = row ? breaksOf(row) : new Set<number>();
  return places.every((seat, at) => {
    const before = places[at - 1];
    if (!before) return true;
    const isBeside = before.index + 1 === seat.index && !breaks.has(before.index);
    return before.row === seat.row && (row?.standing === true || isBeside);
  });
}

/**
 * Free seats that would be left alone between taken ones by choosing `chosen`, and were not before. Seats in `own` are given up by
 * the choice. One is avoidable unless it is all that is left of its block: then it is left wherever the party sits.
 */
export function leftAlone(
  map: SeatMap,
  plan: Plan,
  chosen: readonly string[],
  own: readonly string[] = [],
): { seat: string; isAvoidable: boolean }[] {
  const open = (seat: Seat) => seat.status === 'free' || own.includes(seat.seat);
  const mine = new Set(chosen);
  const touched = new Set(chosen.map((name) => plan.byName.get(name)?.row));
  return map.rows.flatMap((row, index) => {
    if (!touched.has(index) || row.standing) return [];
    const nameOf = (at: number) => row.seats[at]?.seat ?? '';
    return runs(row, open, false).flatMap((block) => {
      const left = block.filter((at) => !mine.has(nameOf(at)));
      if (left.length === block.length) return [];
      const alone = left.filter((at) => !left.includes(at - 1) && !left.includes(at + 1));
      return alone.map((at) => ({ seat: nameOf(at), isAvoidable: left.length > 1 }));
    });
  });
}
