/** Which roles use which rooms of the house. The API decides; pages follow it, so that nobody is led to a closed door. */

import type { Role } from '../api/types';

/** Roles of people who work for the house. `staff` is that of earlier versions: the door and the counter, everywhere. */
export type WorkRole = Exclude<Role, 'customer'>;

/** The manager and the administrator. */
export const HOUSE: readonly WorkRole[] = ['admin', 'manager'];
export const COUNTER: readonly WorkRole[] = [...HOUSE, 'box_office', 'staff'];
/** Bookings of customers, and the customers. */
export const DESK: readonly WorkRole[] = [...HOUSE, 'box_office'];
export const DOOR: readonly WorkRole[] = [...COUNTER, 'door'];
export const MONEY: readonly WorkRole[] = [...HOUSE, 'accountant'];
export const WORKERS: readonly WorkRole[] = [...DOOR, 'accountant'];
export const ADMIN: readonly WorkRole[] = ['admin'];

export function isAllowed(role: string | undefined, roles: readonly WorkRole[]): boolean {
  return roles.some((one) => one === role);
}

/** First page of the work of a role. */
export function homeOf(role: string): string {
  if (role === 'admin') return '/admin';
  if (isAllowed(role, COUNTER)) return '/admin/box-office';
  return isAllowed(role, DOOR) ? '/check-in' : '/admin/money';
}
