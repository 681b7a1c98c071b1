import { describe, expect, it } from 'vitest';

import type { WaitingPlace } from '../../api/types';
import { wishOf } from './place';
import { inOrderOfNeed, offersIn } from './places';

function place(id: string, over: Partial<WaitingPlace>): WaitingPlace {
  return {
    place_id: id,
    screening_id: 's',
    show_title: 'Dune',
    venue_name: 'Rex',
    city: 'Pune',
    starts_at: '2026-12-01T18:00:00+05:30',
    status: 'waiting',
    seats: 2,
    categories: [],
    wheelchair: false,
    created_at: '2026-11-30T10:00:00Z',
    ...over,
  };
}

describe('places on waiting lists', () => {
  const late = place('late', { starts_at: '2026-12-03T18:00:00+05:30' });
  const soon = place('soon', {});
  const offered = (id: string, until: string) =>
    place(id, { status: 'offered', held_until: until, booking_id: `b-${id}`, starts_at: '2026-12-09T18:00:00+05:30' });

  it('begin with the offer that ends first', () => {
    const places = [late, soon, offered('second', '2026-11-30T10:15:00Z'), offered('first', '2026-11-30T10:05:00Z')];
    expect(inOrderOfNeed(places).map(({ place_id: id }) => id)).toEqual(['first', 'second', 'soon', 'late']);
  });

  it('know the bookings that hold what is offered', () => {
    expect(offersIn([soon, offered('one', '2026-11-30T10:15:00Z')])).toEqual(['b-one']);
  });

  it('say for what they are', () => {
    expect(wishOf(soon)).toBe('2 seats');
    expect(wishOf(place('x', { seats: 1, categories: ['gold', 'silver'] }))).toBe('1 seat in Gold and Silver');
    expect(wishOf(place('x', { wheelchair: true }))).toBe('2 seats with a wheelchair place');
  });
});
