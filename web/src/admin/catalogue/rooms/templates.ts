/** Rooms to begin with. */

import type { WorkTexts } from '../../../i18n/work/texts';
import { PLAIN } from './numbering';
import { freeLabel, newRowKey, plainPlaces, type EditedRow, type Kind } from './rows';

interface Part {
  category: string;
  rows: number;
  seats: number;
  aisles?: number[];
  /** Places of the first of these rows. */
  kinds?: Record<number, Kind>;
  curve?: number;
  level?: string;
  standing?: boolean;
  label?: string;
}

export interface Template {
  id: keyof WorkTexts['programme']['room']['templates'];
  parts: Part[];
}

/** Part of the layout, which every reader shares. */
// eslint-disable-next-line no-restricted-syntax
const LEVELS = { stalls: 'Stalls', balcony: 'Balcony', floor: 'Floor' };

export const TEMPLATES: Template[] = [
  {
    id: 'cinema',
    parts: [
      { category: 'front', rows: 2, seats: 16, aisles: [4, 12], kinds: { 1: 'wheelchair', 2: 'companion' } },
      { category: 'classic', rows: 6, seats: 18, aisles: [5, 13] },
      { category: 'prime', rows: 3, seats: 18, aisles: [5, 13] },
    ],
  },
  {
    id: 'smallCinema',
    parts: [
      { category: 'classic', rows: 5, seats: 12, aisles: [6], kinds: { 1: 'wheelchair', 2: 'companion' } },
      { category: 'prime', rows: 3, seats: 12, aisles: [6] },
    ],
  },
  {
    id: 'theatre',
    parts: [
      {
        ...{ category: 'stalls', rows: 12, seats: 22, aisles: [11], curve: 2, level: LEVELS.stalls },
        kinds: { 1: 'wheelchair', 2: 'companion', 21: 'companion', 22: 'wheelchair' },
      },
      { category: 'circle', rows: 5, seats: 24, aisles: [8, 16], curve: 5, level: LEVELS.balcony, label: 'BA' },
    ],
  },
  {
    id: 'studio',
    parts: [
      { category: 'benches', rows: 4, seats: 10, aisles: [5], kinds: { 1: 'wheelchair', 2: 'companion' } },
      { category: 'chairs', rows: 3, seats: 10, aisles: [5] },
    ],
  },
  {
    id: 'musicHall',
    parts: [
      { category: 'standing', rows: 1, seats: 300, standing: true, level: LEVELS.floor, label: 'PIT' },
      { category: 'balcony', rows: 4, seats: 20, aisles: [10], curve: 4, level: LEVELS.balcony, label: 'BA' },
    ],
  },
];

/** The rows of a template, front first. */
export function rowsOf({ parts }: Template): EditedRow[] {
  const rows: EditedRow[] = [];
  for (const part of parts) {
    for (let at = 0; at < part.rows; at += 1) {
      const places = part.standing ? [] : plainPlaces(part.seats, part.aisles);
      if (at === 0)
        for (const [number, kind] of Object.entries(part.kinds ?? {})) {
          const place = places[Number(number) - 1];
          if (place) place.kind = kind;
        }
      rows.push({
        key: newRowKey(),
        label: freeLabel(part.label ?? 'A', rows),
        category: part.category,
        level: part.level ?? '',
        curve: part.curve ?? 0,
        places,
        numbering: PLAIN,
        standing: part.standing ? part.seats : null,
      });
    }
  }
  return rows;
}
