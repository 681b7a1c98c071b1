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
import { useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { useUser } from '../api/session/use-session';
import { w, type WorkTexts } from '../i18n/work/texts';
import { ADMIN, COUNTER, DESK, DOOR, HOUSE, isAllowed, MONEY, type WorkRole } from './access';

interface Room {
  to: string;
  room: keyof WorkTexts['house']['house']['rooms'];
  icon: LucideIcon;
  roles: readonly WorkRole[];
  end?: boolean;
}

const GROUPS: { group: keyof WorkTexts['house']['house']['groups']; rooms: Room[] }[] = [
  {
    group: 'today',
    rooms: [
      { to: '/admin', room: 'today', icon: LayoutDashboard, end: true, roles: ADMIN },
      { to: '/admin/box-office', room: 'boxOffice', icon: Ticket, roles: COUNTER },
      { to: '/admin/desk', room: 'bookings', icon: BookOpenText, roles: DESK },
      { to: '/check-in', room: 'door', icon: ScanLine, roles: DOOR },
    ],
  },
  {
    group: 'programme',
    rooms: [
      { to: '/admin/schedule', room: 'schedule', icon: CalendarDays, roles: HOUSE },
      { to: '/admin/shows', room: 'shows', icon: Clapperboard, roles: HOUSE },
      { to: '/admin/venues', room: 'venues', icon: Theater, roles: HOUSE },
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
      { to: '/admin/history', room: 'history', icon: History, roles: ADMIN },
    ],
  },
];

/** Pages without a room of their own, by the start of their address. */
const OTHERS: Record<string, readonly WorkRole[]> = {
  '/admin/screens/': HOUSE,
  '/admin/screenings/': COUNTER,
  '/admin/people/': DESK,
};

/** Roles that may open the page at `pathname`. */
export function rolesOf(pathname: string): readonly WorkRole[] {
  const other = Object.entries(OTHERS).find(([start]) => pathname.startsWith(start));
  if (other) return other[1];
  const rooms = GROUPS.flatMap(({ rooms: all }) => all).filter(({ end }) => !end);
  return rooms.find(({ to }) => pathname === to || pathname.startsWith(`${to}/`))?.roles ?? ADMIN;
}

/** Frame around every page for people who work for the house. */
export default function AdminFrame() {
  const { pathname } = useLocation();
  return (
    <RequireAccount roles={rolesOf(pathname)}>
      <div className="lg:mx-auto lg:grid lg:max-w-[96rem] lg:grid-cols-[13rem_minmax(0,1fr)]">
        <div className="border-b border-line bg-card lg:border-b-0 lg:border-r lg:bg-transparent">
          <nav aria-label={w.house.nav} className="page lg:sticky lg:top-16 lg:px-4 lg:py-4">
            <Rooms />
          </nav>
        </div>
        <div className="page min-h-[calc(100dvh-4rem)] pt-6 sm:pt-8">
          <Outlet />
        </div>
      </div>
    </RequireAccount>
  );
}

function Rooms() {
  const { pathname } = useLocation();
  const role = useUser()?.role;
  const open = GROUPS.map(({ group, rooms }) => ({
    group,
    rooms: rooms.filter(({ roles }) => isAllowed(role, roles)),
  })).filter(({ rooms }) => rooms.length > 0);
  const rail = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On phones not all rooms fit: the one that is open is brought into sight.
    const current = rail.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (current && rail.current)
      rail.current.scrollLeft = current.offsetLeft + current.offsetWidth / 2 - rail.current.clientWidth / 2;
  }, [pathname]);
  return (
    <div ref={rail} className="rail relative justify-start gap-1 py-2 lg:grid-flow-row lg:gap-4">
      {open.map(({ group, rooms }) => (
        <div key={group}>
          <p aria-hidden className="mb-1 hidden px-3 text-sm text-soft lg:block">
            {w.house.groups[group]}
          </p>
          <ul aria-label={w.house.groups[group]} className="flex gap-1 lg:grid">
            {rooms.map(({ to, room, icon: Icon, end = false }) => (
              <li key={to}>
                <NavLink
                  to={to}
                  end={end}
                  className={({ isActive }) =>
                    [
                      'flex min-h-10 items-center gap-2.5 rounded-full px-4 font-semibold whitespace-nowrap lg:px-3',
                      'transition-colors lg:rounded-xl',
                      isActive ? 'bg-ink text-ground' : 'text-soft hover:bg-sunk hover:text-ink',
                    ].join(' ')
                  }
                >
                  <Icon size={18} aria-hidden className="max-lg:hidden" />
                  {w.house.rooms[room]}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
