/** Rows and sections of a room whose free seats are chosen at once. Pure. */

import type { SeatMap } from '../../api/types';

/** A row with the seats of it that can be chosen. */
export interface FreeRow {
  label: string;
  standing: boolean;
  free: string[];
}

/** Rows of one level, or rows of one category that belong to no level. */
export interface Section {
  /** Name of the level, or null. */
  level: string | null;
  category: string;
  rows: FreeRow[];
}

/** The sections of a room, front first. */
export function sectionsOf(map: SeatMap): Section[] {
  const sections: Section[] = [];
  for (const { label, level = null, category, standing = false, seats } of map.rows) {
    const free = seats.filter(({ status }) => status === 'free').map(({ seat }) => seat);
    const row = { label, standing, free };
    const open = sections.find((one) => one.level === level && (level !== null || one.category === category));
    if (open) open.rows.push(row);
    else sections.push({ level, category, rows: [row] });
  }
  return sections;
}

export function freeIn(rows: readonly FreeRow[]): string[] {
  return rows.flatMap(({ free }) => free);
}

/** True if all these seats are chosen; false if there are none. */
export function areChosen(seats: readonly string[], chosen: ReadonlySet<string>): boolean {
  return seats.length > 0 && seats.every((seat) => chosen.has(seat));
}

/** The choice with all these seats, or without them if it had all. */
export function withAll(chosen: readonly string[], seats: readonly string[]): string[] {
  const before = new Set(chosen);
  if (!areChosen(seats, before)) return [...chosen, ...seats.filter((seat) => !before.has(seat))];
  const gone = new Set(seats);
  return chosen.filter((seat) => !gone.has(seat));
}
