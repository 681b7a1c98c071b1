import { expect, it } from 'vitest';

import type { Screening } from '../../api/types';
import { otherTimes } from './other-times';
import { freeIn } from '../choice/prices';

it('other times have seats enough and have not begun; the nearest comes first', () => {
  const screening = (id: string, hour: number, available_seats: number, status: 'active' | 'cancelled' = 'active') =>
    ({
      screening_id: id,
      starts_at: `2026-12-01T${String(hour).padStart(2, '0')}:00:00Z`,
      available_seats,
      status,
    }) as Screening;
  const full = screening('full', 18, 0);
  const all = [
    screening('begun', 8, 50),
    screening('one left', 19, 1),
    screening('cancelled', 17, 50, 'cancelled'),
    screening('morning', 11, 50),
    screening('evening', 21, 2),
    full,
  ];
  const found = otherTimes(all, full, 2, Date.parse('2026-12-01T09:00:00Z'));
  expect(found.map(({ screening_id: id }) => id)).toEqual(['evening', 'morning']);
});

it('free seats are counted in the categories that are wanted', () => {
  const offers = [
    { category: 'gold', price: undefined, free: 1 },
    { category: 'silver', price: undefined, free: 4 },
  ];
  expect([freeIn(offers, null), freeIn(offers, new Set(['gold'])), freeIn([], null)]).toEqual([5, 1, 0]);
});
