import { useEffect } from 'react';
import { useRouteError } from 'react-router';

import { Problem } from '../api/problem';
import { useUser } from '../api/session/use-session';
import { Button, ButtonLink } from '../design/button';
import { useOnline } from '../design/hooks';
import { t } from '../i18n/texts';

/** Replaces a page that failed; the rest of the app keeps working. */
export function PageFailed() {
  const error = useRouteError();
  return <Instead title={t.failed.wrong} text={error instanceof Problem ? error.message : t.failed.notShown} />;
}

/**
 * Replaces a page whose files cannot be loaded: without a network, or because a new version was deployed while the app was
 * open and the old files are gone.
 */
export function PageMissing() {
  const online = useOnline();
  const user = useUser();
  useEffect(() => {
    const again = () => {
      window.location.reload();
    };
    window.addEventListener('online', again);
    return () => {
      window.removeEventListener('online', again);
    };
  }, []);
  return online ? (
    <Instead title={t.failed.newer} text={t.failed.updated} />
  ) : (
    <Instead
      title={t.failed.offline}
      text={[t.failed.opensAgain, user && t.failed.ticketsHere].filter(Boolean).join(' ')}
      tickets={user !== null}
    />
  );
}

function Instead({ title, text, tickets = false }: { title: string; text: string; tickets?: boolean }) {
  return (
    <div className="page grid max-w-xl justify-items-start gap-5 py-20" role="alert">
      <h1 className="text-5xl">{title}</h1>
      <p className="text-lg text-soft">{text}</p>
      <div className="flex flex-wrap gap-3">
        {tickets ? (
          <ButtonLink look="gold" to="/bookings">
            {t.frame.myTickets}
          </ButtonLink>
        ) : (
          <>
            <Button
              look="gold"
              onClick={() => {
                window.location.reload();
              }}
            >
              {t.failed.reload}
            </Button>
            <ButtonLink to="/">{t.design.homePage}</ButtonLink>
          </>
        )}
      </div>
    </div>
  );
}
