import {
  Banknote,
  CalendarDays,
  Clapperboard,
  History,
  LayoutDashboard,
  Mail,
  ScanLine,
  ScrollText,
  ServerCog,
  Theater,
  Users,
  XCircle,
} from 'lucide-react';
import { useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';

import { RequireAccount } from '../account/require-account';

const GROUPS = [
  {
    name: 'House',
    rooms: [
      { to: '/admin', text: 'Today', icon: LayoutDashboard, end: true },
      { to: '/admin/schedule', text: 'Schedule', icon: CalendarDays },
      { to: '/check-in', text: 'Check-in', icon: ScanLine },
    ],
  },
  {
    name: 'Programme',
    rooms: [
      { to: '/admin/shows', text: 'Shows', icon: Clapperboard },
      { to: '/admin/venues', text: 'Venues', icon: Theater },
    ],
  },
  {
    name: 'Sales',
    rooms: [
      { to: '/admin/money', text: 'Money', icon: Banknote },
      { to: '/admin/cascades', text: 'Cancellations', icon: XCircle },
      { to: '/admin/mails', text: 'Mails', icon: Mail },
    ],
  },
  {
    name: 'People',
    rooms: [
      { to: '/admin/people', text: 'People', icon: Users },
      { to: '/admin/audit', text: 'Security log', icon: ScrollText },
    ],
  },
  {
    name: 'System',
    rooms: [
      { to: '/admin/system', text: 'System', icon: ServerCog },
      { to: '/admin/history', text: 'History', icon: History },
    ],
  },
];

/** Frame around every page for administrators. */
export default function AdminFrame() {
  return (
    <RequireAccount roles={['admin']}>
      <div className="lg:mx-auto lg:grid lg:max-w-[96rem] lg:grid-cols-[13rem_minmax(0,1fr)]">
        <div className="border-b border-line bg-card lg:border-b-0 lg:border-r lg:bg-transparent">
          <nav aria-label="Administration" className="page lg:sticky lg:top-16 lg:px-4 lg:py-4">
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
  const rail = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On phones not all rooms fit: the one that is open is brought into sight.
    const open = rail.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (open && rail.current)
      rail.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - rail.current.clientWidth / 2;
  }, [pathname]);
  return (
    <div ref={rail} className="rail relative justify-start gap-1 py-2 lg:grid-flow-row lg:gap-4">
      {GROUPS.map(({ name, rooms }) => (
        <div key={name}>
          <p aria-hidden className="mb-1 hidden px-3 text-sm text-soft lg:block">
            {name}
          </p>
          <ul aria-label={name} className="flex gap-1 lg:grid">
            {rooms.map(({ to, text, icon: Icon, ...room }) => (
              <li key={to}>
                <NavLink
                  to={to}
                  end={'end' in room}
                  className={({ isActive }) =>
                    [
                      'flex min-h-10 items-center gap-2.5 rounded-full px-4 font-semibold whitespace-nowrap lg:px-3',
                      'transition-colors lg:rounded-xl',
                      isActive ? 'bg-ink text-ground' : 'text-soft hover:bg-sunk hover:text-ink',
                    ].join(' ')
                  }
                >
                  <Icon size={18} aria-hidden className="max-lg:hidden" />
                  {text}
                </NavLink>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
