import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { useLinkToken } from '../../account/use-link-token';
import { useAttempts } from '../../api/keys/attempts';
import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import { dismiss } from '../../api/session/session';
import { Button, ButtonLink } from '../../design/button';
import { PasswordField } from '../../design/field';
import { useTitle } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { t } from '../../i18n/texts';

/** Page behind the link in the password mail. */
export default function Reset() {
  useTitle(t.account.newPassword);
  const token = useLinkToken();
  const [password, setPassword] = useState('');
  const attempts = useAttempts();
  const set = useMutation({
    mutationFn: () =>
      attempts.make(
        () => command('POST', '/auth/reset', { body: { token: token ?? '', new_password: password } }),
        (refusal) => refusal.flaw('/token') !== undefined,
      ),
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
      <h1 className="mb-6 text-4xl">{t.account.setPassword}</h1>
      {set.isSuccess ? (
        <div className="grid gap-4">
          <Note tone="good">{t.account.isSet}</Note>
          <ButtonLink look="gold" to="/sign-in">
            {t.frame.signIn}
          </ButtonLink>
        </div>
      ) : !token ? (
        <div className="grid gap-4">
          <Note tone="warn">{t.account.incomplete}</Note>
          <ButtonLink to="/forgotten">{t.account.newLink}</ButtonLink>
        </div>
      ) : (
        <form className="grid gap-4 rounded-3xl bg-card p-6 shadow-card" onSubmit={submit}>
          <PasswordField
            label={t.account.newPassword}
            required
            autoFocus
            minLength={8}
            maxLength={128}
            autoComplete="new-password"
            hint={t.account.everyBrowser}
            value={password}
            error={problem?.flaw('/new_password')}
            onChange={(event) => {
              setPassword(event.target.value);
            }}
          />
          {!problem?.flaw('/new_password') && <Refused error={set.error} />}
          {problem && !problem.passing && !problem.flaw('/new_password') && (
            <ButtonLink to="/forgotten">{t.account.newLink}</ButtonLink>
          )}
          <Button look="gold" size="large" type="submit" busy={set.isPending}>
            {t.account.set}
          </Button>
        </form>
      )}
    </div>
  );
}
