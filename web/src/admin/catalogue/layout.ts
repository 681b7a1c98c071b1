/** The drawing of a layout. Pure. */

import type { Layout, LayoutRow } from '../../api/types';
import type { Room } from '../../seats/map/plan';

/** Numbers of the seats of a row from left to right. */
export function numbersIn({ numbers = [], seats }: Pick<LayoutRow, 'numbers' | 'seats'>): number[] {
  return numbers.length > 0 ? numbers : Array.from({ length: seats }, (_, index) => index + 1);
}

/** The drawing of a layout. */
export function roomOf(layout: Layout): Room {
  return {
    rows: layout.rows.map((row) => ({
      label: row.label,
      category: row.category,
      aisles_after: row.aisles_after ?? [],
      gaps: row.gaps ?? [],
      curve: row.curve ?? 0,
      level: row.level ?? null,
      standing: row.standing ?? false,
      seats: numbersIn(row).map((number) => ({
        seat: `${row.label}-${String(number)}`,
        accessible: row.accessible?.includes(number) ?? false,
        companion: row.companions?.includes(number) ?? false,
      })),
    })),
  };
}
