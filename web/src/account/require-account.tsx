import type { ReactNode } from 'react';

import type { Role } from '../api/types';
import { useSession } from '../api/use-session';
import { ButtonLink } from '../design/button';
import { Empty, Lines } from '../design/notices';
import { SignInForm } from './sign-in-form';

/** Shows its children to who is signed in (with one of the roles), and the way in to everybody else, in the same place. */
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
        <h1 className="mb-2 text-4xl">{session.ended ? 'Please sign in again' : 'Sign in to go on'}</h1>
        <p className="mb-6 text-soft">
          {session.ended ? 'Your session has ended. This page stays as it is.' : 'This page belongs to your account.'}
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
              Your account is for the door.
              <ButtonLink to="/check-in" look="gold">
                Check-in
              </ButtonLink>
            </>
          ) : (
            'Your account is a customer’s. If it should not be, ask an administrator.'
          )}
        </Empty>
      </div>
    );
  }
  return children;
}
