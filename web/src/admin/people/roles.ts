/** The roles of people. */

import type { Role } from '../../api/types';
import { t } from '../../i18n/texts';

/** Each role, and whether it is for some venues or for all. */
export const ROLES: Record<Role, { hasVenues: boolean }> = {
  customer: { hasVenues: false },
  door: { hasVenues: true },
  box_office: { hasVenues: true },
  accountant: { hasVenues: true },
  manager: { hasVenues: true },
  staff: { hasVenues: false },
  admin: { hasVenues: false },
};

export function roleName(role: Role): string {
  return t.profile.roles[role];
}
