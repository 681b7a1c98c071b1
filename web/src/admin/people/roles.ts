/** The roles of people, in words. */

import type { Role } from '../../api/types';

export const ROLES: Record<Role, { name: string; may: string; hasVenues: boolean }> = {
  customer: { name: 'Customer', may: 'Books, and nothing else.', hasVenues: false },
  door: { name: 'Door', may: 'Guest lists and check-ins.', hasVenues: true },
  box_office: {
    name: 'Box office',
    may: 'Sells at the counter, looks after bookings, and works at the door.',
    hasVenues: true,
  },
  accountant: { name: 'Accountant', may: 'Sales, payments and reconciliation.', hasVenues: true },
  manager: { name: 'Manager', may: 'The programme, the counter, the door and the sales.', hasVenues: true },
  staff: { name: 'Staff', may: 'The role of earlier versions: door and counter, everywhere.', hasVenues: false },
  admin: {
    name: 'Administrator',
    may: 'Everything that you can: roles, wallets, cancellations of venues, the system.',
    hasVenues: false,
  },
};

export function roleName(role: Role): string {
  return ROLES[role].name;
}
