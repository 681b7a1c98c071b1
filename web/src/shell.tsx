import { CircleUserRound, Clapperboard, House, Search, Store, Ticket, WifiOff } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Link, NavLink, Outlet, ScrollRestoration, useLocation, useNavigate, useNavigation } from 'react-router';

import { AccountMenu } from './account/account-menu';
import { ConfirmDialog } from './account/confirm-dialog';
import { DESK, homeOf, isAllowed } from './admin/access';
import { useUser } from './api/session/use-session';
import { HoldStrip } from './booking/holds/hold-strip';
import { CityPicker } from './catalogue/city-picker';
import { SearchBox } from './catalogue/search-box';
import { Dialog } from './design/dialog';
import { IconButton } from './design/button';
import { useOnline } from './design/hooks';
import { Toasts } from './design/toast';
import { Footer } from './footer';
import { t } from './i18n/texts';
import { scrollKey } from './scroll';
import { CONTENT, startOfPage } from './skip';

/** Frame around every page. */
export function Shell() {
  const { pathname } = useLocation();
  // The seat map and the checkout have their own bar at the bottom, without links that leave the page by accident.
  const focused = /^\/(screenings|checkout)\/|^\/bookings\/[^/]+\/move/.test(pathname);
  const atWork = isAtWork(pathname);
  const main = useFocusOnNewPage(pathname);
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href={`#${CONTENT}`}
        onClick={(event) => {
          event.preventDefault();
          startOfPage((id) => document.getElementById(id))?.focus();
        }}
        className={[
          'sr-only z-50 rounded-full bg-gold px-4 py-2 font-semibold text-on-gold',
          'focus:not-sr-only focus:fixed focus:start-4 focus:top-4',
        ].join(' ')}
      >
        {t.frame.skip}
      </a>
      <Progress />
      <PageName />
      {atWork ? <WorkHeader /> : <Header />}
      <OfflineNotice />
      {/* Seat maps fill the window and show it inside. */}
      {!atWork && !/^\/screenings\/|^\/bookings\/[^/]+\/move/.test(pathname) && <HoldStrip />}
      {/* The footer stays below the fold, so that it does not jump while the page loads. */}
      <main
        ref={main}
        id={CONTENT}
        tabIndex={-1}
        className={`flex-1 focus:shadow-none focus:outline-none ${focused ? '' : 'min-h-[calc(100dvh-4rem)] pb-12'}`}
      >
        <Outlet />
      </main>
      {!focused && !atWork && <Footer />}
      {!focused && !atWork && <TabBar />}
      <ConfirmDialog />
      <Toasts />
      <ScrollRestoration getKey={scrollKey} />
    </div>
  );
}

/**
 * Moves the keyboard focus to the start of a new page, because the link that had it is gone. A page that sets the focus
 * itself keeps it.
 */
function useFocusOnNewPage(pathname: string) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}

/** Announces the name of the page to screen readers. */
function PageName() {
  const [name, setName] = useState('');
  useEffect(() => {
    const title = document.querySelector('title');
    if (!title) return;
    const observer = new MutationObserver(() => {
      setName(document.title);
    });
    observer.observe(title, { childList: true });
    return () => {
      observer.disconnect();
    };
  }, []);
  return (
    <p role="status" className="sr-only">
      {name}
    </p>
  );
}

/** Line at the top while the next page is loading. */
function Progress() {
  const { state } = useNavigation();
  return state === 'idle' ? null : <div aria-hidden className="breathe fixed inset-x-0 top-0 z-50 h-0.5 bg-gold" />;
}

function Header() {
  const [searching, setSearching] = useState(false);
  const { pathname } = useLocation();
  // On phones these pages have their own search field.
  const hasField = pathname === '/' || pathname === '/search';
  const link = ({ isActive }: { isActive: boolean }) =>
    `rounded-full px-3.5 py-2 font-semibold transition-colors hover:bg-sunk ${isActive ? 'bg-sunk' : ''}`;
  return (
    <header className="print:hidden sticky top-0 z-20 border-b border-line bg-ground/92 backdrop-blur-md">
      <div className="page flex h-16 items-center gap-2 max-xs:gap-1 sm:gap-3">
        <Link to="/" className="flex shrink-0 items-center gap-2.5 rounded-lg" aria-label={t.frame.home}>
          <img src="/mark.svg" alt="" width={32} height={32} />
          <span className="marquee hidden text-[1.35rem] leading-none xs:block md:max-lg:hidden">Ticket Show</span>
        </Link>
        <CityPicker />
        <div className="mx-auto hidden w-full min-w-0 max-w-md md:block">
          <SearchBox />
        </div>
        <nav aria-label={t.frame.main} className="ms-auto hidden items-center md:flex">
          <NavLink to="/shows" className={link}>
            {t.frame.shows}
          </NavLink>
          <NavLink to="/venues" className={link}>
            {t.frame.venues}
          </NavLink>
          <NavLink to="/bookings" className={({ isActive }) => `${link({ isActive })} whitespace-nowrap`}>
            {t.frame.myTickets}
          </NavLink>
        </nav>
        {hasField ? (
          <span className="ms-auto md:hidden" />
        ) : (
          <IconButton
            label={t.frame.search}
            className="ms-auto md:hidden"
            onClick={() => {
              setSearching(true);
            }}
          >
            <Search size={22} aria-hidden />
          </IconButton>
        )}
        <AccountMenu />
      </div>
      {searching && (
        <Dialog
          title={t.frame.search}
          onClose={() => {
            setSearching(false);
          }}
        >
          <div className="min-h-[70dvh]">
            <SearchBox
              autoFocus
              onChosen={() => {
                setSearching(false);
              }}
            />
          </div>
        </Dialog>
      )}
    </header>
  );
}

/** Pages of administrators and of staff at the door, which have no search, city or tickets in their frame. */
function isAtWork(pathname: string): boolean {
  return pathname === '/admin' || pathname.startsWith('/admin/') || pathname === '/check-in';
}

function WorkHeader() {
  const { pathname } = useLocation();
  const role = useUser()?.role;
  const atDoor = pathname === '/check-in';
  return (
    <header className="print:hidden sticky top-0 z-20 border-b border-line bg-ground/92 backdrop-blur-md">
      <div className="mx-auto flex h-16 max-w-[96rem] items-center gap-3 px-[clamp(1rem,4vw,2.5rem)] lg:px-7">
        <Link to={homeOf(role ?? 'door')} className="flex min-w-0 items-center gap-2.5 rounded-lg md:shrink-0">
          <img src="/mark.svg" alt="" width={32} height={32} className="shrink-0" />
          <span className="marquee truncate text-lg leading-normal xs:text-[1.35rem]" data-frame-name>
            {atDoor ? t.frame.atDoor : role === 'admin' ? t.frame.administration : t.frame.house}
          </span>
        </Link>
        {isAllowed(role, DESK) && !atDoor && <FindBooking />}
        <Link
          to="/"
          title={t.frame.toSite}
          className="ms-auto inline-grid min-h-11 min-w-11 shrink-0 place-items-center rounded-full font-semibold hover:bg-sunk sm:px-3.5"
        >
          <Store size={22} className="sm:hidden" aria-hidden />
          <span className="max-sm:sr-only">{t.frame.toSite}</span>
        </Link>
        <AccountMenu />
      </div>
    </header>
  );
}

/** Search over bookings: by number, person, show or seat. */
function FindBooking() {
  const navigate = useNavigate();
  return (
    <form
      role="search"
      className="relative mx-auto hidden min-w-0 max-w-md flex-1 md:block"
      onSubmit={(event) => {
        event.preventDefault();
        const q = new FormData(event.currentTarget).get('q');
        void navigate(`/admin/desk?${new URLSearchParams({ q: String(q) }).toString()}`);
      }}
    >
      <Search
        size={18}
        className="pointer-events-none absolute start-4 top-1/2 -translate-y-1/2 text-soft"
        aria-hidden
      />
      <input
        type="search"
        name="q"
        aria-label={t.frame.findBooking}
        placeholder={t.frame.findBookingBy}
        autoComplete="off"
        className={[
          'h-11 w-full rounded-full border border-transparent bg-sunk ps-11 pe-4 placeholder:text-soft',
          'hover:border-line-strong focus:bg-card focus-visible:rounded-full',
        ].join(' ')}
      />
    </form>
  );
}

function OfflineNotice() {
  const online = useOnline();
  return (
    <div role="status">
      {!online && (
        <p className="page flex items-center gap-2 bg-warn-wash py-2 font-medium text-warn">
          <WifiOff size={18} aria-hidden /> {t.frame.offline}
        </p>
      )}
    </div>
  );
}

const TABS = [
  { to: '/', label: 'home', icon: House, end: true },
  { to: '/shows', label: 'shows', icon: Clapperboard, end: false },
  { to: '/bookings', label: 'tickets', icon: Ticket, end: false },
  { to: '/profile', label: 'account', icon: CircleUserRound, end: false },
] as const;

/** Navigation at the bottom, on phones only. */
function TabBar() {
  return (
    <nav
      aria-label={t.frame.sections}
      className={[
        'fixed inset-x-0 bottom-0 z-20 border-t border-line bg-card/95',
        'pb-[env(safe-area-inset-bottom)] backdrop-blur-md md:hidden print:hidden',
      ].join(' ')}
    >
      <ul className="grid grid-cols-4">
        {TABS.map(({ to, label, icon: Icon, end }) => (
          <li key={to}>
            <NavLink
              to={to}
              end={end}
              className={({ isActive }) =>
                `grid min-h-14 place-items-center content-center gap-0.5 text-xs font-semibold ${
                  isActive ? 'text-ink' : 'text-soft'
                }`
              }
            >
              {({ isActive }) => (
                <>
                  <span
                    className={`rounded-full px-4 py-0.5 transition-colors ${isActive ? 'bg-gold text-on-gold' : ''}`}
                  >
                    <Icon size={20} aria-hidden />
                  </span>
                  {t.frame.tabs[label]}
                </>
              )}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}
