import { describe, expect, it } from 'vitest';

import { room } from '../../seats/for-tests';
import { areChosen, freeIn, sectionsOf, withAll } from './sections';

describe('whole rows', () => {
  const map = room('A gold=300 .x.|o.', 'B gold=300 ..', 'C silver=200 ...');
  const [gold, silver] = sectionsOf(map);

  it('are those of a category in a room without levels, and have its free seats only', () => {
    expect(gold?.rows.map(({ label, free }) => [label, free])).toEqual([
      ['A', ['A-1', 'A-3', 'A-5']],
      ['B', ['B-1', 'B-2']],
    ]);
    expect(silver?.category).toBe('silver');
    expect(freeIn(silver?.rows ?? [])).toEqual(['C-1', 'C-2', 'C-3']);
  });

  it('are those of a level, whatever their categories', () => {
    const [stalls, stallsToo, balcony] = map.rows;
    if (!stalls || !stallsToo || !balcony) throw new Error('three rows');
    const rows = [
      { ...stalls, level: 'Stalls' },
      { ...stallsToo, category: 'silver', level: 'Stalls' },
      { ...balcony, level: 'Balcony' },
    ];
    const sections = sectionsOf({ ...map, rows });
    expect(sections.map((section) => [section.level, section.rows.length])).toEqual([
      ['Stalls', 2],
      ['Balcony', 1],
    ]);
  });

  it('are those of a category where some rows belong to no level', () => {
    const [gold, , silver] = map.rows;
    if (!gold || !silver) throw new Error('three rows');
    const rows = [gold, silver, { ...gold, label: 'D', level: 'Balcony' }];
    const sections = sectionsOf({ ...map, rows });
    expect(sections.map(({ level, category }) => level ?? category)).toEqual(['gold', 'silver', 'Balcony']);
  });

  it('are added to what is chosen, each seat once, and taken off by a second press', () => {
    const row = ['A-1', 'A-3', 'A-5'];
    const all = withAll(['C-1', 'A-3'], row);
    expect(all).toEqual(['C-1', 'A-3', 'A-1', 'A-5']);
    expect(areChosen(row, new Set(all))).toBe(true);
    expect(withAll(all, row)).toEqual(['C-1']);
  });

  it('without a free seat are never chosen', () => {
    expect(areChosen([], new Set(['A-1']))).toBe(false);
    expect(withAll(['C-1'], [])).toEqual(['C-1']);
  });
});
