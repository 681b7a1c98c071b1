import { Navigate, useNavigate } from 'react-router';

import { SignInForm } from '../account/sign-in-form';
import { useUser } from '../api/use-session';
import { useTitle } from '../design/hooks';

export default function SignInPage() {
  useTitle('Sign in');
  const user = useUser();
  const navigate = useNavigate();
  if (user) return <Navigate to="/" replace />;
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">Welcome</h1>
      <div className="rounded-3xl bg-card p-6 shadow-card">
        <SignInForm onDone={() => void navigate('/')} />
      </div>
    </div>
  );
}
