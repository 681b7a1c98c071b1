import { describe, expect, it } from 'vitest';

import type { SeatMap } from '../../api/types';
import { areTogether, bestSeats, leftAlone, type Wish } from './best';
import { room } from '../for-tests';
import { drawPlan } from '../map/plan';
import { budgets, categoriesOf, offersOf } from './prices';

const best = (map: SeatMap, count: number, wish: Partial<Wish> = {}) =>
  bestSeats(map, drawPlan(map), { count, categories: null, ...wish });
const rowsOf = (seats: string[]) => [...new Set(seats.map((seat) => seat.charAt(0)))].sort().join('');

describe('the best seats', () => {
  it('are in the middle, two thirds of the way back', () => {
    const rows = ['A', 'B', 'C', 'D', 'E', 'F'].map((label) => `${label} gold .......`);
    expect(best(room(...rows), 1)).toEqual(['D-4']);
    expect(best(room(...rows), 3)).toEqual(['D-3', 'D-4', 'D-5']);
  });

  it('are side by side, never across a taken seat', () => {
    expect(best(room('A gold .x...x.'), 3)).toEqual(['A-3', 'A-4', 'A-5']);
  });

  it('stay in the requested categories', () => {
    const map = room('A gold ...', 'B silver ...', 'C bronze ...');
    expect(rowsOf(best(map, 2, { categories: new Set(['gold']) }))).toBe('A');
    expect(rowsOf(best(map, 2, { categories: new Set(['gold', 'silver']) }))).toBe('B');
    expect(best(map, 7, { categories: new Set(['gold', 'silver']) })).toEqual([]);
  });

  it('leave accessible seats to those who need them', () => {
    expect(best(room('A gold ww.'), 1)).toEqual(['A-3']);
  });

  it('avoid leaving a single seat over', () => {
    // A-2 is as central as A-3, but would leave A-1 with no neighbour.
    expect(best(room('A gold ....'), 2)).not.toEqual(['A-2', 'A-3']);
  });

  it('may be those that the reader holds already', () => {
    const map = room('A gold xoox');
    expect(best(map, 2)).toEqual([]);
    expect(best(map, 2, { own: ['A-2', 'A-3'] })).toEqual(['A-2', 'A-3']);
  });
});

describe('the best seats of a party wider than any block', () => {
  it('go across an aisle in one row', () => {
    const map = room('A gold ..|..');
    expect(best(map, 3)).toHaveLength(3);
    expect(areTogether(map, drawPlan(map), best(map, 3))).toBe(false);
    const hall = room('A gold .....|.....', 'B gold xxxxx|xxxxx', 'C gold xxxxx|xxxxx');
    expect(rowsOf(best(hall, 10))).toBe('A');
  });

  it('are in two rows, one behind the other, rather than in one row on both sides of strangers', () => {
    const map = room('A gold .....xxxxxxxxxx.....', 'B gold .....xxxxxxxxxx.....');
    const ten = best(map, 10);
    expect(rowsOf(ten)).toBe('AB');
    const columns = ten.map((seat) => Number(seat.slice(2)));
    expect(Math.max(...columns) - Math.min(...columns)).toBe(4);
  });

  it('use all sizes of parts, not only halves', () => {
    // Halves of four would have to sit far apart; six and two are one behind the other.
    const map = room('A gold ......xxxxxxxxxxxxxx', 'B gold xx..xxxxxxxxxxxxxxxx', 'C gold xxxxxxxxxxxxxxxxxxx.');
    expect(rowsOf(best(map, 8))).toBe('AB');
  });

  it('leave nobody alone if that can be avoided', () => {
    const map = room('A gold ....xxx', 'B gold x...xxx');
    const five = best(map, 5);
    expect(five).toHaveLength(5);
    const perRow = ['A', 'B'].map((row) => five.filter((seat) => seat.startsWith(row)).length);
    expect(Math.min(...perRow)).toBeGreaterThan(1);
  });

  it('are as many as asked for, however scattered, or none', () => {
    expect(best(room('A gold .o.'), 2)).toEqual(expect.arrayContaining(['A-1', 'A-3']));
    expect(best(room('A gold .o.'), 3)).toEqual([]);
    const scattered = room('A gold .x.x.', 'B gold .x.x.');
    expect(new Set(best(scattered, 6)).size).toBe(6);
  });
});

it('seats side by side are distinguished from seats apart', () => {
  const map = room('A gold ....', 'B gold ..|..');
  const together = (seats: string[]) => areTogether(map, drawPlan(map), seats);
  expect(together(['A-3', 'A-1', 'A-2'])).toBe(true);
  expect(together(['A-1', 'A-3'])).toBe(false);
  expect(together(['A-4', 'B-4'])).toBe(false);
  expect(together(['B-2', 'B-3'])).toBe(false);
});

describe('a single seat', () => {
  const alone = (row: string, ...chosen: string[]) => {
    const map = room(row);
    return leftAlone(map, drawPlan(map), chosen).map(({ seat }) => seat);
  };

  it('that a choice would leave between taken seats is named', () => {
    expect(alone('F gold ......', 'F-1', 'F-2', 'F-4')).toEqual(['F-3']);
    expect(alone('F gold .....x', 'F-1', 'F-2', 'F-3', 'F-4')).toEqual(['F-5']);
    expect(alone('F gold ...|...', 'F-1', 'F-2')).toEqual(['F-3']);
  });

  it('that was alone before is nobody’s fault, and a row without a choice is left out', () => {
    expect(alone('F gold x.x...', 'F-4')).toEqual([]);
    expect(alone('F gold ......')).toEqual([]);
    expect(alone('F gold ......', 'F-1', 'F-2')).toEqual([]);
  });
});

describe('a single seat that could be avoided', () => {
  const avoidable = (row: string, chosen: string[], own: string[] = []) => {
    const map = room(row);
    const left = leftAlone(map, drawPlan(map), chosen, own);
    return left.filter(({ isAvoidable }) => isAvoidable).map(({ seat }) => seat);
  };

  // The same cases as the server's, in domain/src/screening/single_seats.rs.
  it('is distinguished from one that is left wherever the party sits', () => {
    expect(avoidable('F gold ......', ['F-2', 'F-3'])).toEqual(['F-1']);
    expect(avoidable('F gold .....|...', ['F-2', 'F-4'])).toEqual(['F-1', 'F-3', 'F-5']);
    expect(avoidable('F gold ...xx', ['F-1', 'F-2'])).toEqual([]);
    expect(avoidable('F gold ....', ['F-1', 'F-2', 'F-3', 'F-4'])).toEqual([]);
  });

  it('counts seats that the choice gives up as free', () => {
    expect(avoidable('F gold oo...', ['F-4'], [])).toEqual(['F-3', 'F-5']);
    expect(avoidable('F gold oo...', ['F-4'], ['F-1', 'F-2'])).toEqual(['F-5']);
  });
});

describe('prices', () => {
  const map = room('A gold=300 ..', 'B silver=200 .x', 'C bronze=100 xx');
  const offers = offersOf(drawPlan(map), map);

  it('are listed by category, with what is free', () => {
    expect(offers.map(({ category, price, free }) => [category, price?.amount_minor, free])).toEqual([
      ['gold', 300, 2],
      ['silver', 200, 1],
      ['bronze', 100, 0],
    ]);
  });

  it('are limits where that says more than a category does', () => {
    expect(budgets(offers).map(({ amount_minor }) => amount_minor)).toEqual([200]);
    const two = room('A gold=300 ..', 'B silver=200 .x');
    expect(budgets(offersOf(drawPlan(two), two))).toEqual([]);
  });

  it('filter categories', () => {
    expect(categoriesOf(null, offers)).toBeNull();
    expect([...(categoriesOf({ category: 'gold' }, offers) ?? [])]).toEqual(['gold']);
    expect([...(categoriesOf({ upTo: 200 }, offers) ?? [])]).toEqual(['silver', 'bronze']);
  });
});
