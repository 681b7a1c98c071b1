import type { ReactNode } from 'react';

import { homeOf, isAllowed, type WorkRole } from '../admin/access';
import { useSession } from '../api/use-session';
import { ButtonLink } from '../design/button';
import { Empty, Lines } from '../design/notices';
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
  if (roles && !isAllowed(session.user.role, roles)) {
    const works = session.user.role !== 'customer';
    return (
      <div className="page narrow py-16">
        <Empty title={works ? 'This page is for others of the house' : 'This page is for the staff'}>
          {works
            ? 'Your account is for other work. If you need more access, ask an administrator.'
            : 'You have a customer account. If you need more access, ask an administrator.'}
          {works && (
            <ButtonLink to={homeOf(session.user.role)} look="gold">
              To my work
            </ButtonLink>
          )}
        </Empty>
      </div>
    );
  }
  return children;
}
