import { describe, expect, it } from 'vitest';

import type { Layout } from '../../../api/types';
import { roomOf } from '../layout';
import { listOf, numberingOf, numbersFor, PATTERNS, PLAIN, type Pattern } from './numbering';
import {
  flawsOf,
  freeLabel,
  labelAfter,
  layoutFrom,
  mapOf,
  newRowKey,
  numbersOfPlaces,
  plainPlaces,
  pressed,
  resized,
  rowsFrom,
  type EditedRow,
} from './rows';
import { rowsOf, TEMPLATES } from './templates';

const edited = (label: string, count: number, more: Partial<EditedRow> = {}): EditedRow => ({
  key: newRowKey(),
  label,
  category: 'gold',
  level: '',
  curve: 0,
  places: plainPlaces(count),
  numbering: PLAIN,
  standing: null,
  ...more,
});
const only = (row: EditedRow) => layoutFrom([row]).rows[0];

describe('numbers', () => {
  const whole = [false, false, false, false, false];
  const of = (pattern: Pattern, first = 1) => numbersFor({ pattern, first, counted: false, own: '' }, whole);

  it('begin at either side or in the middle, all, odd or even', () => {
    expect(of('left')).toEqual([1, 2, 3, 4, 5]);
    expect(of('right', 3)).toEqual([7, 6, 5, 4, 3]);
    expect(of('odd')).toEqual([1, 3, 5, 7, 9]);
    expect(of('odd-right', 2)).toEqual([11, 9, 7, 5, 3]);
    expect(of('even')).toEqual([2, 4, 6, 8, 10]);
    expect(of('even-right', 2)).toEqual([10, 8, 6, 4, 2]);
    expect(of('middle')).toEqual([5, 3, 1, 2, 4]);
  });

  it('skip missing seats, or count them', () => {
    const missing = [true, false, false, true, false];
    expect(numbersFor({ ...PLAIN }, missing)).toEqual([1, 2, 3]);
    expect(numbersFor({ ...PLAIN, counted: true }, missing)).toEqual([2, 3, 5]);
  });

  it('are recognised again', () => {
    for (const pattern of PATTERNS)
      for (const first of [1, 7])
        for (const counted of [false, true])
          for (const missing of [whole, [false, true, false, false, true], [true, true, false, false, false]]) {
            const numbers = numbersFor({ pattern, first, counted, own: '9, 4, 12, 1, 3' }, missing);
            const again = numberingOf(numbers, missing);
            const name = JSON.stringify([pattern, first, counted, missing]);
            expect(numbersFor(again, missing), name).toEqual(numbers);
            if (pattern !== 'own') expect(again.pattern, name).not.toBe('own');
          }
    expect(numberingOf([9, 4, 12], [false, false, false])).toEqual({ ...PLAIN, pattern: 'own', own: '9, 4, 12' });
    expect(listOf('4, 2 4;99, x, 0')).toEqual([4, 2, 4, 99]);
  });
});

describe('a label', () => {
  it('follows another one', () => {
    expect(['A', 'Z', 'AZ', 'BA', 'ZZ', 'R9', '12'].map(labelAfter)).toEqual([
      'B',
      'AA',
      'BA',
      'BB',
      'AAA',
      'R10',
      '13',
    ]);
  });

  it('is new', () => {
    expect(freeLabel('A', [edited('A', 1), edited('B', 1)])).toBe('C');
  });
});

describe('a row', () => {
  it('without anything of its own is as plain as ever', () => {
    expect(only(edited('A', 3))).toEqual({
      label: 'A',
      category: 'gold',
      seats: 3,
      aisles_after: [],
      accessible: [],
    });
  });

  it('has gaps where seats are missing, and marks by the numbers of the seats', () => {
    let row = edited('A', 7, { numbering: { ...PLAIN, pattern: 'right' } });
    for (const at of [0, 3, 4]) row = pressed(row, at, 'missing');
    row = pressed(pressed(pressed(row, 1, 'wheelchair'), 2, 'companion'), 5, 'aisle');
    expect(numbersOfPlaces(row)).toEqual([null, 4, 3, null, null, 2, 1]);
    expect(only(row)).toEqual({
      label: 'A',
      category: 'gold',
      seats: 4,
      numbers: [4, 3, 2, 1],
      aisles_after: [2],
      accessible: [4],
      companions: [3],
      gaps: [
        { after: 0, width: 1 },
        { after: 3, width: 2 },
      ],
    });
    expect(flawsOf(row, [row])).toEqual([]);
    expect(pressed(pressed(row, 0, 'missing'), 0, 'missing')).toEqual(row);
  });

  it('leads nowhere with an aisle at its end, and grows at its right end', () => {
    const row = pressed(edited('A', 2), 1, 'aisle');
    expect(only(row)?.aisles_after).toEqual([]);
    expect(only(resized(row, 3))?.aisles_after).toEqual([2]);
    expect(only(resized(row, 1))?.seats).toBe(1);
  });

  it('says what is wrong with it', () => {
    const wrong = (row: EditedRow, ...others: EditedRow[]) => flawsOf(row, [...others, row]).length;
    expect(wrong(edited('A', 1))).toBe(0);
    expect(wrong(edited('a', 1))).toBe(1);
    expect(wrong(edited('A', 1), edited('A', 1))).toBe(1);
    expect(wrong(edited('A', 1, { category: ' ' }))).toBe(1);
    expect(wrong(edited('A', 1, { places: [{ kind: 'missing', aisle: false }] }))).toBe(1);
    expect(wrong(edited('A', 2, { numbering: { ...PLAIN, pattern: 'own', own: '1, 1' } }))).toBe(1);
    expect(wrong(edited('A', 2, { numbering: { ...PLAIN, pattern: 'own', own: '1' } }))).toBe(1);
    expect(wrong(pressed(edited('A', 3), 0, 'companion'))).toBe(1);
    const level = (label: string, name: string) => edited(label, 1, { level: name });
    expect(wrong(level('C', 'Stalls'), level('A', 'Stalls'), level('B', 'Balcony'))).toBe(1);
    expect(wrong(level('C', 'Balcony'), level('A', 'Stalls'), level('B', 'Balcony'))).toBe(0);
  });
});

describe('a room', () => {
  const theatre: Layout = {
    rows: [
      { label: 'PIT', category: 'standing', seats: 200, standing: true },
      { label: 'A', category: 'gold', seats: 5, aisles_after: [3], accessible: [] },
      {
        label: 'BA',
        category: 'gold',
        seats: 4,
        aisles_after: [],
        accessible: [7],
        numbers: [7, 5, 3, 1],
        gaps: [
          { after: 0, width: 2 },
          { after: 5, width: 1 },
          { after: 1, width: 3 },
        ],
        companions: [5],
        curve: 3,
        level: 'Balcony',
      },
    ],
  };

  it('is edited and saved without a change', () => {
    expect(layoutFrom(rowsFrom(theatre))).toEqual(theatre);
    for (const template of TEMPLATES) {
      const layout = layoutFrom(rowsOf(template));
      expect(layoutFrom(rowsFrom(layout)), template.id).toEqual(layout);
      const rows = rowsOf(template);
      expect(
        rows.flatMap((row) => flawsOf(row, rows)),
        template.id,
      ).toEqual([]);
    }
  });

  it('is drawn with the numbers of its seats, and edited with a place for each missing one', () => {
    const drawn = roomOf(theatre).rows[2];
    expect(drawn?.seats.map(({ seat }) => seat)).toEqual(['BA-7', 'BA-5', 'BA-3', 'BA-1']);
    expect(drawn?.seats.map(({ accessible, companion }) => [accessible, companion])).toEqual([
      [true, false],
      [false, true],
      [false, false],
      [false, false],
    ]);
    const rows = rowsFrom(theatre);
    const map = mapOf(rows);
    expect(map.rows.map((row) => row.seats.length)).toEqual([200, 5, 10]);
    expect(map.rows[2]).toMatchObject({ curve: 3, level: 'Balcony' });
    expect(map.rows[2]?.seats[2]).toMatchObject({ seat: `${rows[2]?.key ?? ''}-3`, accessible: true });
  });
});
