import { Navigate } from 'react-router';

import { SignInForm } from '../../account/sign-in-form';
import type { Role } from '../../api/types';
import { useUser } from '../../api/session/use-session';
import { useTitle } from '../../design/hooks';
import { t } from '../../i18n/texts';

/** The page that people of a role come for. */
function homeOf(role: Role): string {
  return role === 'admin' ? '/admin' : role === 'staff' ? '/check-in' : '/';
}

export default function SignInPage() {
  useTitle(t.frame.signIn);
  const user = useUser();
  if (user) return <Navigate to={homeOf(user.role)} replace />;
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">{t.account.welcome}</h1>
      <div className="rounded-3xl bg-card p-6 shadow-card">
        <SignInForm />
      </div>
    </div>
  );
}
