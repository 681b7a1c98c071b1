import type { ReactNode } from 'react';

import { homeOf, isAllowed, type WorkRole } from '../admin/access';
import { useSession } from '../api/session/use-session';
import { ButtonLink } from '../design/button';
import { Empty, Lines } from '../design/notices';
import { LanguageChoice } from '../i18n/switch';
import { t } from '../i18n/texts';
import { SignInForm } from './sign-in-form';

/** Shows its children to signed-in users (with one of the roles), and a sign-in form to guests in the same place. */
export function RequireAccount({ children, roles }: { children: ReactNode; roles?: readonly WorkRole[] }) {
  const session = useSession();
  if (session.status === 'unknown') {
    return (
      <div className="page narrow py-10">
        <Lines />
      </div>
    );
  }
  if (session.status === 'guest') {
    return (
      <div className="page max-w-md py-10 sm:py-16">
        <h1 className="mb-2 text-4xl">{session.ended ? t.account.again : t.account.toContinue}</h1>
        <p className="mb-6 text-soft">{session.ended ? t.account.ended : t.account.needed}</p>
        <div className="rounded-3xl bg-card p-6 shadow-card">
          <SignInForm />
        </div>
        {/* Pages of work have no footer that offers it. */}
        {roles && (
          <div className="mt-6">
            <LanguageChoice />
          </div>
        )}
      </div>
    );
  }
  if (roles && !isAllowed(session.user.role, roles)) {
    const works = session.user.role !== 'customer';
    return (
      <div className="page narrow py-16">
        <Empty heading title={works ? t.account.forOthers : t.account.forStaff}>
          {works ? t.account.otherWork : t.account.isCustomer}
          {works && (
            <ButtonLink to={homeOf(session.user.role)} look="gold">
              {t.account.toWork}
            </ButtonLink>
          )}
        </Empty>
      </div>
    );
  }
  return children;
}
