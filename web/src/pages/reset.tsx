import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { useLinkToken } from '../account/use-link-token';
import { command } from '../api/client';
import { Problem } from '../api/problem';
import { dismiss } from '../api/session';
import { Button, ButtonLink } from '../design/button';
import { PasswordField } from '../design/field';
import { useTitle } from '../design/hooks';
import { Note, Refused } from '../design/notices';

/** Page behind the link in the password mail. */
export default function Reset() {
  useTitle('New password');
  const token = useLinkToken();
  const [password, setPassword] = useState('');
  const set = useMutation({
    mutationFn: () => command('POST', '/auth/reset', { body: { token: token ?? '', new_password: password } }),
    // A reset ends every session, including this one.
    onSuccess: () => {
      dismiss(false);
    },
  });
  const problem = set.error instanceof Problem ? set.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate();
  };
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">Set a new password</h1>
      {set.isSuccess ? (
        <div className="grid gap-4">
          <Note tone="good">Your new password is set. Sign in with it.</Note>
          <ButtonLink look="gold" to="/sign-in">
            Sign in
          </ButtonLink>
        </div>
      ) : !token ? (
        <div className="grid gap-4">
          <Note tone="warn">This address is incomplete. Please open the link in the mail again.</Note>
          <ButtonLink to="/forgotten">Ask for a new link</ButtonLink>
        </div>
      ) : (
        <form className="grid gap-4 rounded-3xl bg-card p-6 shadow-card" onSubmit={submit}>
          <PasswordField
            label="New password"
            required
            autoFocus
            minLength={8}
            maxLength={128}
            autoComplete="new-password"
            hint="At least 8 characters. Every browser is signed out."
            value={password}
            error={problem?.flaw('/new_password')}
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
          {!problem?.flaw('/new_password') && <Refused error={set.error} />}
          {problem && !problem.passing && !problem.flaw('/new_password') && (
            <ButtonLink to="/forgotten">Ask for a new link</ButtonLink>
          )}
          <Button look="gold" size="large" type="submit" busy={set.isPending}>
            Set password
          </Button>
        </form>
      )}
    </div>
  );
}
