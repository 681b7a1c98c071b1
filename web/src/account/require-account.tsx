import type { ReactNode } from 'react';

import type { Role } from '../api/types';
import { useSession } from '../api/use-session';
import { ButtonLink } from '../design/button';
import { Empty, Lines } from '../design/notices';
import { SignInForm } from './sign-in-form';

/** Shows its children to signed-in users (with one of the roles), and a sign-in form to guests in the same place. */
export function RequireAccount({ children, roles }: { children: ReactNode; roles?: Role[] }) {
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
        <h1 className="mb-2 text-4xl">{session.ended ? 'Please sign in again' : 'Sign in to continue'}</h1>
        <p className="mb-6 text-soft">
          {session.ended
            ? 'Your session has ended. Sign in to return to this page.'
            : 'You need an account to see this page.'}
        </p>
        <div className="rounded-3xl bg-card p-6 shadow-card">
          <SignInForm />
        </div>
      </div>
    );
  }
  if (roles && !roles.includes(session.user.role)) {
    return (
      <div className="page narrow py-16">
        <Empty title={`This page is for ${roles.includes('staff') ? 'the staff' : 'administrators'}`}>
          {session.user.role === 'staff' ? (
            <>
              Your account is for checking tickets.
              <ButtonLink to="/check-in" look="gold">
                Check-in
              </ButtonLink>
            </>
          ) : (
            'You have a customer account. If you need more access, ask an administrator.'
          )}
        </Empty>
      </div>
    );
  }
  return children;
}
