import { Link, Outlet, useLocation } from 'react-router';

import { RequireAccount } from '../account/require-account';
import { useUser } from '../api/session/use-session';
import { useCurrentInSight } from '../design/segments';
import { w } from '../i18n/work/texts';
import { WORK } from '../skip';
import { groupsFor, roomOf, rolesOf } from './rooms';

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
        <div
          id={WORK}
          tabIndex={-1}
          className="page min-h-[calc(100dvh-4rem)] pt-6 focus:shadow-none focus:outline-none sm:pt-8"
        >
          <Outlet />
        </div>
      </div>
    </RequireAccount>
  );
}

function Rooms() {
  const { pathname } = useLocation();
  const role = useUser()?.role;
  const open = groupsFor(role);
  const current = roomOf(pathname, role);
  const rail = useCurrentInSight<HTMLDivElement>(pathname);
  return (
    <div ref={rail} className="rail relative justify-start gap-1 py-2 lg:grid-flow-row lg:gap-4">
      {open.map(({ group, rooms }) => (
        <div key={group}>
          <p aria-hidden className="mb-1 hidden px-3 text-sm text-soft lg:block">
            {w.house.groups[group]}
          </p>
          <ul aria-label={w.house.groups[group]} className="flex gap-1 lg:grid">
            {rooms.map(({ to, room, icon: Icon }) => (
              <li key={to}>
                <Link
                  to={to}
                  aria-current={room !== current ? undefined : pathname === to ? 'page' : 'true'}
                  className={[
                    'flex min-h-10 items-center gap-2.5 rounded-full px-4 font-semibold whitespace-nowrap lg:px-3',
                    'transition-colors lg:rounded-xl',
                    room === current ? 'bg-ink text-ground' : 'text-soft hover:bg-sunk hover:text-ink',
                  ].join(' ')}
                >
                  <Icon size={18} aria-hidden className="max-lg:hidden" />
                  {w.house.rooms[room]}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
