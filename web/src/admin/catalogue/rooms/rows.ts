/** A room while it is drawn: rows of places, and how they become a layout. Pure. */

import type { Layout, LayoutRow, SeatMap } from '../../../api/types';
import { w } from '../../../i18n/work/texts';
import { numbersIn } from '../layout';
import { numberingOf, numbersFor, PLAIN, type Numbering } from './numbering';

export type Kind = 'seat' | 'wheelchair' | 'companion' | 'missing';

/** A place of a row, as wide as a seat. */
export interface Place {
  kind: Kind;
  /** An aisle runs to its right. */
  aisle: boolean;
}

export interface EditedRow {
  key: string;
  label: string;
  category: string;
  /** Empty without a name. */
  level: string;
  curve: number;
  places: Place[];
  numbering: Numbering;
  /** Number of places of a standing area; null for a row of seats. */
  standing: number | null;
}

/** Most seats of a row, and most places of a standing area. */
export const SEATS_MAX = 1_000;
export const STANDING_MAX = 9_999;
export const CURVE_MAX = 20;

let keys = 0;

/** A key that no other row has. */
export function newRowKey(): string {
  keys += 1;
  return `r${String(keys)}`;
}

export function plainPlaces(count: number, aisles: readonly number[] = []): Place[] {
  return Array.from({ length: count }, (_, at) => ({ kind: 'seat', aisle: aisles.includes(at + 1) }));
}

/** Seats of a row, without missing ones. */
export function seatsIn(row: EditedRow): number {
  return row.standing ?? row.places.filter(({ kind }) => kind !== 'missing').length;
}

function missingIn(row: EditedRow): boolean[] {
  return row.places.map(({ kind }) => kind === 'missing');
}

/** The number of each place from left to right; null where the seat is missing, or has none. */
export function numbersOfPlaces(row: EditedRow): (number | null)[] {
  const numbers = numbersFor(row.numbering, missingIn(row));
  let next = 0;
  return row.places.map(({ kind }) => (kind === 'missing' ? null : (numbers[next++] ?? null)));
}

/** `A` … `Z`, `AA`, `AB` …, and `R1`, `R2` …: the label behind another one. */
export function labelAfter(label: string): string {
  const digits = /\d+$/.exec(label)?.[0];
  if (digits) return label.slice(0, -digits.length) + String(Number(digits) + 1);
  const letters = [...label];
  for (let at = letters.length - 1; at >= 0; at -= 1) {
    if (letters[at] !== 'Z') {
      letters[at] = String.fromCharCode((letters[at] ?? 'A').charCodeAt(0) + 1);
      return letters.join('');
    }
    letters[at] = 'A';
  }
  return `A${letters.join('')}`;
}

/** The label behind `label` that no row has yet. */
export function freeLabel(label: string, rows: readonly EditedRow[]): string {
  let next = label;
  while (rows.some((row) => row.label === next)) next = labelAfter(next);
  return next;
}

function layoutRow(row: EditedRow): LayoutRow {
  const { label, level, curve, standing } = row;
  const category = row.category.trim().toLowerCase();
  const named = level.trim() ? { level: level.trim() } : {};
  if (standing !== null) return { label, category, seats: standing, standing: true, ...named };
  const numbers = numbersOfPlaces(row);
  const seats = seatsIn(row);
  const of = (kind: Kind) => row.places.flatMap((place, at) => (place.kind === kind ? (numbers[at] ?? []) : []));
  const gaps: { after: number; width: number }[] = [];
  const aisles: number[] = [];
  let after = 0;
  row.places.forEach((place, at) => {
    const number = numbers[at];
    if (place.kind === 'missing') {
      const gap = gaps.at(-1);
      if (gap?.after === after) gap.width += 1;
      else gaps.push({ after, width: 1 });
    } else if (number != null) {
      after = number;
      // An aisle at the end of the row leads nowhere.
      if (place.aisle && row.places.slice(at + 1).some(({ kind }) => kind !== 'missing')) aisles.push(number);
    }
  });
  const own = numbers.flatMap((number) => number ?? []);
  const companions = of('companion');
  return {
    label,
    category,
    seats,
    aisles_after: aisles,
    accessible: of('wheelchair'),
    ...(own.some((number, at) => number !== at + 1) && { numbers: own }),
    ...(gaps.length > 0 && { gaps }),
    ...(companions.length > 0 && { companions }),
    ...(curve > 0 && { curve }),
    ...named,
  };
}

export function layoutFrom(rows: readonly EditedRow[]): Layout {
  return { rows: rows.map(layoutRow) };
}

function editedRow(row: LayoutRow): EditedRow {
  const { label, category, level, curve = 0, standing = false, gaps = [], aisles_after = [] } = row;
  const common = { key: newRowKey(), label, category, level: level ?? '', curve };
  if (standing) return { ...common, places: [], numbering: PLAIN, standing: row.seats };
  const missing = (after: number): Place[] =>
    Array.from({ length: gaps.find((gap) => gap.after === after)?.width ?? 0 }, () => ({
      kind: 'missing',
      aisle: false,
    }));
  const numbers = numbersIn(row);
  const kindOf = (number: number): Kind =>
    row.accessible?.includes(number) ? 'wheelchair' : row.companions?.includes(number) ? 'companion' : 'seat';
  const places = numbers.flatMap((number): Place[] => [
    { kind: kindOf(number), aisle: aisles_after.includes(number) },
    ...missing(number),
  ]);
  const all = [...missing(0), ...places];
  const numbering = numberingOf(
    numbers,
    all.map(({ kind }) => kind === 'missing'),
  );
  return { ...common, places: all, numbering, standing: null };
}

export function rowsFrom(layout: Layout): EditedRow[] {
  return layout.rows.map(editedRow);
}

/** Faults of a row, in words. */
export function flawsOf(row: EditedRow, rows: readonly EditedRow[]): string[] {
  const seats = seatsIn(row);
  const numbers = numbersFor(row.numbering, missingIn(row));
  const isBeside = (at: number) => [at - 1, at + 1].some((other) => seatBeside(row, at, other));
  const at = rows.indexOf(row);
  const level = row.level.trim();
  const isInterrupted =
    rows[at - 1]?.level.trim() !== level && rows.slice(0, at).some((one) => one.level.trim() === level);
  const checks: [boolean, string][] = [
    [!/^[A-Z0-9]{1,4}$/.test(row.label), w.rowFlaws.label],
    [rows.some((other) => other !== row && other.label === row.label), w.rowFlaws.twice],
    [row.category.trim() === '', w.rowFlaws.category],
    [seats === 0, w.rowFlaws.empty],
    [row.standing === null && (numbers.length !== seats || new Set(numbers).size !== seats), w.rowFlaws.numbers(seats)],
    [numbers.some((number) => number > STANDING_MAX), w.rowFlaws.tooHigh(STANDING_MAX)],
    [row.places.some(({ kind }, index) => kind === 'companion' && !isBeside(index)), w.rowFlaws.companion],
    [isInterrupted, w.rowFlaws.level],
  ];
  return checks.flatMap(([isWrong, words]) => (isWrong ? [words] : []));
}

/** True if the next seat in the direction of `other` is a wheelchair place: missing seats between them do not count. */
function seatBeside(row: EditedRow, at: number, other: number): boolean {
  const step = other - at;
  for (let next = other; row.places[next]; next += step)
    if (row.places[next]?.kind !== 'missing') return row.places[next]?.kind === 'wheelchair';
  return false;
}

/** Effect of a press on a place. */
export const TOOLS = ['missing', 'wheelchair', 'companion', 'aisle'] as const;
export type Tool = (typeof TOOLS)[number];

/** The row after a press on one of its places. A second press undoes the first. */
export function pressed(row: EditedRow, at: number, tool: Tool): EditedRow {
  const places = row.places.map((place, index): Place => {
    if (index !== at) return place;
    if (tool === 'aisle') return { ...place, aisle: !place.aisle };
    return { ...place, kind: place.kind === tool ? 'seat' : tool };
  });
  return { ...row, places };
}

/** The row with so many places: added or taken away at its right end. */
export function resized(row: EditedRow, count: number): EditedRow {
  return { ...row, places: [...row.places, ...plainPlaces(count)].slice(0, count) };
}

/** The rows as a seat map, with a place for each missing seat. Names of places are `<key of the row>-<index from 1>`. */
export function mapOf(rows: readonly EditedRow[]): SeatMap {
  const price = { amount_minor: 0, currency: '' };
  return {
    screening_id: '',
    position: 0,
    rows: rows.map((row) => ({
      label: row.label,
      category: row.category.trim().toLowerCase(),
      aisles_after: row.places.flatMap(({ aisle }, at) => (aisle ? [at + 1] : [])),
      curve: row.curve,
      ...(row.level.trim() && { level: row.level.trim() }),
      ...(row.standing !== null && { standing: true }),
      seats: Array.from({ length: row.standing ?? row.places.length }, (_, at) => ({
        seat: `${row.key}-${String(at + 1)}`,
        status: 'free',
        accessible: row.places[at]?.kind === 'wheelchair',
        companion: row.places[at]?.kind === 'companion',
        price,
      })),
    })),
  };
}
