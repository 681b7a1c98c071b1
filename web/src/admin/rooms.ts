/** The rooms of the house: the menu of the administration, and the room that each of its pages belongs to. Pure. */

import {
  Banknote,
  BookOpenText,
  CalendarDays,
  Clapperboard,
  History,
  LayoutDashboard,
  Mail,
  ScanLine,
  ScrollText,
  ServerCog,
  Tag,
  Theater,
  Ticket,
  Users,
  XCircle,
  type LucideIcon,
} from 'lucide-react';

import type { WorkTexts } from '../i18n/work/texts';
import { ADMIN, COUNTER, DESK, DOOR, HOUSE, isAllowed, MONEY, type WorkRole } from './access';

type RoomName = keyof WorkTexts['house']['house']['rooms'];

interface Room {
  to: string;
  room: RoomName;
  icon: LucideIcon;
  roles: readonly WorkRole[];
  /** Beginnings of the addresses of its pages that do not begin like its own. */
  within?: readonly string[];
}

interface Group {
  group: keyof WorkTexts['house']['house']['groups'];
  rooms: readonly Room[];
}

const GROUPS: readonly Group[] = [
  {
    group: 'today',
    rooms: [
      { to: '/admin', room: 'today', icon: LayoutDashboard, roles: ADMIN },
      { to: '/admin/box-office', room: 'boxOffice', icon: Ticket, roles: COUNTER, within: ['/admin/screenings'] },
      { to: '/admin/desk', room: 'bookings', icon: BookOpenText, roles: DESK, within: ['/admin/people'] },
      { to: '/check-in', room: 'door', icon: ScanLine, roles: DOOR },
    ],
  },
  {
    group: 'programme',
    rooms: [
      { to: '/admin/schedule', room: 'schedule', icon: CalendarDays, roles: HOUSE, within: ['/admin/screenings'] },
      { to: '/admin/shows', room: 'shows', icon: Clapperboard, roles: HOUSE },
      { to: '/admin/venues', room: 'venues', icon: Theater, roles: HOUSE, within: ['/admin/screens'] },
    ],
  },
  {
    group: 'sales',
    rooms: [
      { to: '/admin/money', room: 'money', icon: Banknote, roles: MONEY },
      { to: '/admin/promotions', room: 'promotions', icon: Tag, roles: HOUSE },
      { to: '/admin/cascades', room: 'cancellations', icon: XCircle, roles: ADMIN },
      { to: '/admin/mails', room: 'mails', icon: Mail, roles: DESK },
    ],
  },
  {
    group: 'people',
    rooms: [
      { to: '/admin/people', room: 'people', icon: Users, roles: ADMIN },
      { to: '/admin/audit', room: 'security', icon: ScrollText, roles: ADMIN },
    ],
  },
  {
    group: 'system',
    rooms: [
      { to: '/admin/system', room: 'system', icon: ServerCog, roles: ADMIN },
      { to: '/admin/history', room: 'history', icon: History, roles: ADMIN, within: ['/admin/time-travel'] },
    ],
  },
];

/** Roles of pages that more people may open than the room they belong to. */
const OTHERS: Record<string, readonly WorkRole[]> = {
  '/admin/screens/': HOUSE,
  '/admin/screenings/': COUNTER,
  '/admin/people/': DESK,
};

const isBelow = (pathname: string, start: string) => pathname === start || pathname.startsWith(`${start}/`);

/** The rooms that somebody of a role may enter, by group. */
export function groupsFor(role: string | undefined): Group[] {
  return GROUPS.map(({ group, rooms }) => ({
    group,
    rooms: rooms.filter(({ roles }) => isAllowed(role, roles)),
  })).filter(({ rooms }) => rooms.length > 0);
}

/** The room of a page in the menu of a role. A page about a screening belongs to the schedule of those who have one. */
export function roomOf(pathname: string, role: string | undefined): RoomName | null {
  const open = groupsFor(role).flatMap(({ rooms }) => rooms);
  const own = open.find(({ to }) => (to === '/admin' ? pathname === to : isBelow(pathname, to)));
  // The last one wins: the programme comes after the counter.
  const other = open.findLast(({ within = [] }) => within.some((start) => isBelow(pathname, start)));
  return (own ?? other)?.room ?? null;
}

/** Roles that may open the page at `pathname`. */
export function rolesOf(pathname: string): readonly WorkRole[] {
  const other = Object.entries(OTHERS).find(([start]) => pathname.startsWith(start));
  if (other) return other[1];
  const rooms = GROUPS.flatMap(({ rooms: all }) => all).filter(({ to }) => to !== '/admin');
  return rooms.find(({ to }) => isBelow(pathname, to))?.roles ?? ADMIN;
}
