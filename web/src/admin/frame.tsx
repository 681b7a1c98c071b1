import { useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';

import { RequireAccount } from '../account/require-account';

const ROOMS = [
  { to: '/admin', text: 'Today', end: true },
  { to: '/admin/schedule', text: 'Schedule' },
  { to: '/admin/shows', text: 'Shows' },
  { to: '/admin/venues', text: 'Venues' },
  { to: '/admin/money', text: 'Money' },
  { to: '/admin/cascades', text: 'Cancellations' },
  { to: '/admin/mails', text: 'Mails' },
  { to: '/admin/people', text: 'People' },
  { to: '/admin/audit', text: 'Security log' },
  { to: '/admin/system', text: 'System' },
  { to: '/admin/history', text: 'History' },
];

/** Frame around every page for administrators. */
export default function AdminFrame() {
  return (
    <RequireAccount roles={['admin']}>
      <div className="border-b border-line bg-card">
        <nav aria-label="Administration" className="page">
          <Rooms />
        </nav>
      </div>
      <div className="page pt-6 sm:pt-8">
        <Outlet />
      </div>
    </RequireAccount>
  );
}

function Rooms() {
  const { pathname } = useLocation();
  const rail = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // On phones not all rooms fit: the one that is open is brought into sight.
    const open = rail.current?.querySelector<HTMLElement>('[aria-current=page]');
    if (open && rail.current)
      rail.current.scrollLeft = open.offsetLeft + open.offsetWidth / 2 - rail.current.clientWidth / 2;
  }, [pathname]);
  return (
    <ul ref={rail} className="rail relative justify-start gap-1 py-2">
      {ROOMS.map(({ to, text, end }) => (
        <li key={to}>
          <NavLink
            to={to}
            end={end ?? false}
            className={({ isActive }) =>
              [
                'block rounded-full px-4 py-2 font-semibold whitespace-nowrap transition-colors',
                isActive ? 'bg-ink text-ground' : 'text-soft hover:bg-sunk hover:text-ink',
              ].join(' ')
            }
          >
            {text}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
