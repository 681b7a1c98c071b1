import { Navigate } from 'react-router';

import { SignInForm } from '../../account/sign-in-form';
import { homeOf } from '../../admin/access';
import { useUser } from '../../api/session/use-session';
import { useTitle } from '../../design/hooks';
import { t } from '../../i18n/texts';

export default function SignInPage() {
  useTitle(t.frame.signIn);
  const user = useUser();
  // People who work for the house come for their work.
  if (user) return <Navigate to={user.role === 'customer' ? '/' : homeOf(user.role)} replace />;
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">{t.account.welcome}</h1>
      <div className="rounded-3xl bg-card p-6 shadow-card">
        <SignInForm />
      </div>
    </div>
  );
}
