import { expect, it } from 'vitest';

import { roomMap } from './room-map';

it('a room is drawn with its own numbers, and blocked seats are not for sale', () => {
  const row = {
    label: 'A',
    category: 'gold',
    seats: 3,
    numbers: [5, 3, 1],
    accessible: [5],
    companions: [3],
    curve: 2,
  };
  const [drawn] = roomMap({ rows: [row] }, new Set(['A-3'])).rows;
  expect(drawn?.seats.map(({ seat, status }) => [seat, status])).toEqual([
    ['A-5', 'free'],
    ['A-3', 'blocked'],
    ['A-1', 'free'],
  ]);
  expect(drawn?.seats.map(({ accessible, companion }) => [accessible, companion])).toEqual([
    [true, false],
    [false, true],
    [false, false],
  ]);
  expect(drawn).toMatchObject({ label: 'A', curve: 2, aisles_after: [] });
});
