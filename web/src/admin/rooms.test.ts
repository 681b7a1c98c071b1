import { describe, expect, it } from 'vitest';

import { ADMIN, COUNTER, DESK, HOUSE } from './access';
import { groupsFor, roomOf, rolesOf } from './rooms';

const ID = '01990c2e-0000-7000-8000-000000000000';

describe('the menu of the administration', () => {
  it('marks the room of every page, also of one with an address of its own', () => {
    const pages = {
      '/admin': 'today',
      '/admin/venues': 'venues',
      [`/admin/venues/${ID}/screens/new`]: 'venues',
      [`/admin/screens/${ID}`]: 'venues',
      [`/admin/screenings/${ID}`]: 'schedule',
      [`/admin/desk/${ID}/move`]: 'bookings',
      [`/admin/people/${ID}`]: 'people',
      [`/admin/time-travel/${ID}`]: 'history',
      [`/admin/cascades/${ID}`]: 'cancellations',
    };
    for (const [page, room] of Object.entries(pages)) expect(roomOf(page, 'admin'), page).toBe(room);
    expect(roomOf('/admin/nowhere', 'admin')).toBeNull();
  });

  it('marks a room that the reader has', () => {
    expect(roomOf(`/admin/screenings/${ID}`, 'box_office')).toBe('boxOffice');
    expect(roomOf(`/admin/people/${ID}`, 'manager')).toBe('bookings');
    expect(roomOf(`/admin/screens/${ID}`, 'accountant')).toBeNull();
  });

  it('has the rooms of a role, and no empty groups', () => {
    expect(groupsFor('accountant').flatMap(({ rooms }) => rooms.map(({ room }) => room))).toEqual(['money']);
    expect(groupsFor('customer')).toEqual([]);
  });

  it('and the doors of the pages follow', () => {
    expect(rolesOf(`/admin/screens/${ID}`)).toBe(HOUSE);
    expect(rolesOf(`/admin/screenings/${ID}`)).toBe(COUNTER);
    expect(rolesOf(`/admin/people/${ID}`)).toBe(DESK);
    for (const page of ['/admin', '/admin/people', `/admin/time-travel/${ID}`, '/admin/history', '/admin/nowhere'])
      expect(rolesOf(page), page).toBe(ADMIN);
  });
});
