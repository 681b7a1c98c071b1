/** Designing a room. Pure: what the editor does to rows, and how a layout becomes something to draw. */

import type { Layout, LayoutRow } from '../../api/types';
import type { Room } from '../../seats/map/plan';

/** `A` … `Z`, `AA`, `AB` …: never I or O mistaken for digits; rows read aloud stay clear. */
export function rowLabel(index: number): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  let text = '';
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) text = letters.charAt(rest % 26) + text;
  return text;
}

export interface Block {
  category: string;
  rows: number;
  seats: number;
  /** As typed: `4, 8`. */
  aisles: string;
  accessible: string;
}

/** The numbers of a list such as `1, 2, 11`, those of `1` to `most`, each once, in order. */
export function numbersOf(text: string, most: number): number[] {
  const found = text
    .split(/[\s,;]+/)
    .map(Number)
    .filter((number) => Number.isInteger(number) && number >= 1 && number <= most);
  return [...new Set(found)].sort((a, b) => a - b);
}

/** Entries of such a list that are not among those numbers. */
export function strangersOf(text: string, most: number): string[] {
  return text.split(/[\s,;]+/).filter((part) => part !== '' && numbersOf(part, most).length === 0);
}

/** Rows front to back, with new letters. */
export function layoutOf(blocks: readonly Block[]): Layout {
  const rows: LayoutRow[] = [];
  for (const block of blocks) {
    for (let row = 0; row < block.rows; row += 1) {
      rows.push({
        label: rowLabel(rows.length),
        category: block.category.trim().toLowerCase(),
        seats: block.seats,
        aisles_after: numbersOf(block.aisles, block.seats - 1),
        // Wheelchairs stand in the first row of a block, where it is level.
        accessible: row === 0 ? numbersOf(block.accessible, block.seats) : [],
      });
    }
  }
  return { rows };
}

/** Rows alike become one block again, so that a room can be changed as it was made. */
export function blocksOf(layout: Layout): Block[] {
  const blocks: Block[] = [];
  for (const row of layout.rows) {
    const aisles = (row.aisles_after ?? []).join(', ');
    const accessible = (row.accessible ?? []).join(', ');
    const last = blocks.at(-1);
    const alike =
      last?.category === row.category && last.seats === row.seats && last.aisles === aisles && accessible === '';
    if (last && alike) last.rows += 1;
    else blocks.push({ category: row.category, rows: 1, seats: row.seats, aisles, accessible });
  }
  return blocks;
}

/** The drawing of a layout. */
export function roomOf(layout: Layout): Room {
  return {
    rows: layout.rows.map((row) => ({
      label: row.label,
      category: row.category,
      aisles_after: row.aisles_after ?? [],
      seats: Array.from({ length: row.seats }, (_, index) => ({
        seat: `${row.label}-${String(index + 1)}`,
        accessible: row.accessible?.includes(index + 1) ?? false,
      })),
    })),
  };
}

/** A room to begin with. */
export interface Start {
  name: string;
  blocks: Block[];
}

export const STARTS: Start[] = [
  {
    name: 'Cinema',
    blocks: [
      { category: 'front', rows: 2, seats: 16, aisles: '4, 12', accessible: '1, 2' },
      { category: 'classic', rows: 6, seats: 18, aisles: '5, 13', accessible: '' },
      { category: 'prime', rows: 3, seats: 18, aisles: '5, 13', accessible: '' },
    ],
  },
  {
    name: 'Small cinema',
    blocks: [
      { category: 'classic', rows: 5, seats: 12, aisles: '6', accessible: '1' },
      { category: 'prime', rows: 3, seats: 12, aisles: '6', accessible: '' },
    ],
  },
  {
    name: 'Theatre',
    blocks: [
      { category: 'stalls', rows: 12, seats: 22, aisles: '11', accessible: '1, 22' },
      { category: 'circle', rows: 5, seats: 20, aisles: '10', accessible: '' },
      { category: 'gallery', rows: 3, seats: 18, aisles: '9', accessible: '' },
    ],
  },
  {
    name: 'Studio',
    blocks: [
      { category: 'benches', rows: 4, seats: 10, aisles: '5', accessible: '1' },
      { category: 'chairs', rows: 3, seats: 10, aisles: '5', accessible: '' },
    ],
  },
];
