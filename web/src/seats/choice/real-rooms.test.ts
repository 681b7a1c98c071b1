import { describe, expect, it } from 'vitest';

import type { SeatMap } from '../../api/types';
import { room } from '../for-tests';
import { drawPlan } from '../map/plan';
import { areTogether, bestSeats, leftAlone } from './best';
import { companionsFor, wheelchairPlaces, withoutWheelchair } from './companions';
import { freePlaces, standingIn, withOtherPlaces } from './standing';

const best = (map: SeatMap, count: number, categories: ReadonlySet<string> | null = null) =>
  bestSeats(map, drawPlan(map), { count, categories });
const standing = (label: string, ...rows: string[]): SeatMap => {
  const map = room(...rows);
  return { ...map, rows: map.rows.map((row) => (row.label === label ? { ...row, standing: true } : row)) };
};

describe('seats on both sides of a gap', () => {
  it('are not side by side', () => {
    const map = room('A gold .._....');
    expect(best(map, 3)).toEqual(['A-3', 'A-4', 'A-5']);
    expect(areTogether(map, drawPlan(map), ['A-2', 'A-3'])).toBe(false);
    expect(areTogether(map, drawPlan(map), ['A-3', 'A-4'])).toBe(true);
    expect(leftAlone(map, drawPlan(map), ['A-2'])).toEqual([{ seat: 'A-1', isAvoidable: false }]);
  });

  it('are known by their own numbers', () => {
    const map = room('A gold .._..');
    const numbers = [4, 3, 2, 1];
    const rows = map.rows.map((row) => ({
      ...row,
      gaps: [{ after: 3, width: 1 }],
      seats: row.seats.map((seat, at) => ({ ...seat, seat: `A-${String(numbers[at])}` })),
    }));
    const own = { ...map, rows };
    expect(areTogether(own, drawPlan(own), ['A-3', 'A-2'])).toBe(false);
    expect(areTogether(own, drawPlan(own), ['A-4', 'A-3'])).toBe(true);
  });
});

describe('seats of companions', () => {
  it('are kept for them', () => {
    expect(best(room('A gold wc..'), 2)).toEqual(['A-3', 'A-4']);
    expect(best(room('A gold wc.'), 2)).toEqual([]);
  });

  it('are proposed with a wheelchair place, one for each', () => {
    const map = room('A gold cwc..wc', 'B gold wcw..cx');
    const proposed = (...seats: string[]) => companionsFor(map, drawPlan(map), seats);
    expect(proposed('A-2')).toEqual(['A-1']);
    expect(proposed('A-2', 'A-3')).toEqual([]);
    expect(proposed('A-2', 'A-6')).toEqual(['A-1', 'A-7']);
    expect(proposed('B-1', 'B-3'), 'one seat for two places').toEqual(['B-2']);
    expect(proposed('B-1', 'B-2', 'B-3'), 'it is chosen for the first').toEqual([]);
    expect(proposed('A-4')).toEqual([]);
    expect(withoutWheelchair(map, drawPlan(map), ['A-1', 'A-4'])).toEqual(['A-1']);
    expect(withoutWheelchair(map, drawPlan(map), ['A-1', 'A-2'])).toEqual([]);
  });

  it('are beside wheelchair places, which are counted', () => {
    const map = room('A gold wcw..', 'B gold ..');
    expect(wheelchairPlaces(map)).toEqual({ all: 2, free: 2 });
    const rows = map.rows.map((row) => ({
      ...row,
      seats: row.seats.map((seat) => (seat.seat === 'A-1' ? { ...seat, status: 'sold' as const } : seat)),
    }));
    expect(wheelchairPlaces({ ...map, rows })).toEqual({ all: 2, free: 1 });
  });

  it('are not proposed once they are taken', () => {
    const map = room('A gold wc.');
    const rows = map.rows.map((row) => ({
      ...row,
      seats: row.seats.map((seat) => (seat.companion ? { ...seat, status: 'sold' as const } : seat)),
    }));
    expect(companionsFor({ ...map, rows }, drawPlan(map), ['A-1'])).toEqual([]);
  });
});

describe('a standing area', () => {
  const map = standing('P', 'P pit ..x.', 'A gold ..');
  const pit = map.rows[0];
  if (!pit) throw new Error('a row');

  it('gives any free places, from a random one on', () => {
    expect(freePlaces(pit, 2, new Set(), () => 0)).toEqual(['P-1', 'P-2']);
    expect(freePlaces(pit, 2, new Set(), () => 0.99)).toEqual(['P-4', 'P-1']);
    expect(freePlaces(pit, 9, new Set(['P-1']), () => 0)).toEqual(['P-2', 'P-4']);
    expect(standingIn(pit, new Set(['P-2', 'A-1']))).toEqual({ free: 3, chosen: ['P-2'] });
  });

  it('is chosen for those who ask for it, or if there are no seats', () => {
    expect(best(map, 2)).toEqual(['A-1', 'A-2']);
    expect(best(map, 3, new Set(['pit'])).sort()).toEqual(['P-1', 'P-2', 'P-4']);
    expect(best(map, 3).filter((seat) => seat.startsWith('P'))).toHaveLength(3);
    expect(best(map, 6)).toEqual([]);
    expect(areTogether(map, drawPlan(map), ['P-1', 'P-4'])).toBe(true);
    expect(leftAlone(map, drawPlan(map), ['P-1'])).toEqual([]);
  });

  it('is not chosen while there are seats on both sides of an aisle', () => {
    const wide = standing('P', 'P pit ........', 'A gold .....|.....');
    expect(best(wide, 6).every((seat) => seat.startsWith('A'))).toBe(true);
    expect(best(wide, 6)).toHaveLength(6);
  });

  it('replaces places that another customer took, and no seats', () => {
    const other = (seats: string[], taken: string[]) => withOtherPlaces(seats, taken, map, () => 0);
    expect(other(['P-3', 'A-1'], ['P-3'])).toEqual(['P-1', 'A-1']);
    expect(other(['P-1', 'P-3'], ['P-3'])).toEqual(['P-1', 'P-2']);
    const seats = ['A-1'];
    expect(other(seats, ['A-1'])).toBe(seats);
    expect(other(['P-1', 'P-2', 'P-3', 'P-4'], ['P-3']), 'none is left').toEqual(['P-1', 'P-2', 'P-3', 'P-4']);
  });
});
