import { useEffect, useRef, useState } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';

import { DOOR, homeOf, isAllowed } from '../admin/access';
import { signOut, useSession } from '../api/session/use-session';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { say } from '../design/toast';
import { ThemeChoice } from '../footer';
import { LanguageChoice } from '../i18n/switch';
import { t } from '../i18n/texts';
import { SignInForm } from './sign-in-form';

/** Sign-in button, or the menu of the signed-in user. */
export function AccountMenu() {
  const session = useSession();
  const [asked, setAsked] = useState(false);
  if (session.status === 'unknown') return <div className="size-11 shrink-0" />;
  if (session.status === 'signed-in') return <Menu name={session.user.name} role={session.user.role} />;
  return (
    <>
      <Button
        look="gold"
        className="shrink-0 !min-h-10 !px-4 whitespace-nowrap max-xs:!px-3.5"
        onClick={() => {
          setAsked(true);
        }}
      >
        {t.frame.signIn}
      </Button>
      {asked && (
        <Dialog
          title={t.frame.signIn}
          onClose={() => {
            setAsked(false);
          }}
        >
          <SignInForm
            onDone={() => {
              setAsked(false);
            }}
          />
        </Dialog>
      )}
    </>
  );
}

function Menu({ name, role }: { name: string; role: string }) {
  const [open, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [shownOn, setShownOn] = useState(pathname);
  if (shownOn !== pathname) {
    setShownOn(pathname);
    setOpen(false);
  }

  useEffect(() => {
    if (!open) return;
    const outside = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', outside);
    return () => {
      document.removeEventListener('pointerdown', outside);
    };
  }, [open]);

  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('')
    .toUpperCase();
  const item = 'block w-full rounded-xl px-3 py-2 text-start font-medium hover:bg-sunk';
  const leave = async () => {
    await signOut().catch(() => undefined);
    say(t.frame.signedOut);
    void navigate('/');
  };
  return (
    // Escape closes the list from anywhere inside it.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      ref={frame}
      className="relative shrink-0"
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !open) return;
        setOpen(false);
        button.current?.focus();
      }}
    >
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-label={t.frame.accountOf(initials, name)}
        onClick={() => {
          setOpen(!open);
        }}
        className={[
          'grid size-10 place-items-center rounded-full bg-ink text-sm font-bold text-ground',
          'transition-transform hover:scale-105',
        ].join(' ')}
      >
        {initials}
      </button>
      {open && (
        <div
          className={[
            'arrive absolute end-0 top-full mt-2 w-60 rounded-2xl border border-line bg-card p-2',
            'shadow-lift',
          ].join(' ')}
        >
          <p className="truncate px-3 pb-2 pt-1 font-semibold">{name}</p>
          <Link to="/bookings" className={item}>
            {t.frame.myTickets}
          </Link>
          <Link to="/wallet" className={item}>
            {t.frame.wallet}
          </Link>
          <Link to="/profile" className={item}>
            {t.frame.profile}
          </Link>
          {isAllowed(role, DOOR) && (
            <Link to="/check-in" className={item}>
              {t.frame.door}
            </Link>
          )}
          {role !== 'customer' && (
            <Link to={homeOf(role)} className={item}>
              {role === 'admin' ? t.frame.administration : t.frame.work}
            </Link>
          )}
          <button type="button" className={item} onClick={() => void leave()}>
            {t.frame.signOut}
          </button>
          <div className="mt-1 grid justify-items-start gap-2 border-t border-line px-3 pt-2.5">
            <LanguageChoice />
            <ThemeChoice />
          </div>
        </div>
      )}
    </div>
  );
}
