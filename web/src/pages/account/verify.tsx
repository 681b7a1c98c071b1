import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { CodeField, digitsOf, EmailField } from '../../account/email-field';
import { useLinkToken } from '../../account/use-link-token';
import { useAttempts } from '../../api/keys/attempts';
import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import { useUser } from '../../api/session/use-session';
import { Button, ButtonLink } from '../../design/button';
import { PasswordField } from '../../design/field';
import { useTitle } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { t } from '../../i18n/texts';

/** Page behind the link that confirms an e-mail address; without a link, for typing the code of the mail. */
export default function Verify() {
  useTitle(t.account.confirmAddress);
  const user = useUser();
  const token = useLinkToken();
  const [email, setEmail] = useState('');
  const [code, setCode] = useState('');
  const [password, setPassword] = useState('');
  // In a browser that did not register the address: a stranger may have done so.
  const [choosing, setChoosing] = useState(false);
  const attempts = useAttempts();
  // On a press only: programs that check the links of a mail open pages, but press no buttons.
  const verify = useMutation({
    mutationFn: () => {
      const proof = token ? { token } : { email, code: digitsOf(code) };
      const body = choosing ? { ...proof, password } : proof;
      return attempts.make(
        () => command('POST', '/auth/verify', { body }),
        (refusal) => refusal.status === 422 && !refusal.flaw('/password'),
      );
    },
    onError: (error) => {
      if (error instanceof Problem && error.flaw('/password')) setChoosing(true);
    },
  });
  const flaw = verify.error instanceof Problem ? verify.error.flaw('/password') : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    verify.mutate();
  };
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="mb-6 text-4xl">{t.account.confirmAddress}</h1>
      {verify.isSuccess ? (
        <div className="grid gap-4">
          <Note tone="good">{t.account.confirmed}</Note>
          {user ? (
            <ButtonLink look="gold" to="/">
              {t.failed.goHome}
            </ButtonLink>
          ) : (
            <ButtonLink look="gold" to="/sign-in">
              {t.frame.signIn}
            </ButtonLink>
          )}
        </div>
      ) : (
        <form className="grid gap-4 rounded-3xl bg-card p-6 shadow-card" onSubmit={submit}>
          {token ? (
            <p className="text-lg">{t.account.pressToConfirm}</p>
          ) : (
            <>
              <EmailField email={email} onEmail={setEmail} />
              <CodeField code={code} onCode={setCode} />
            </>
          )}
          {choosing && (
            <PasswordField
              label={t.account.choosePassword}
              autoComplete="new-password"
              required
              minLength={8}
              maxLength={128}
              hint={t.account.chooseHint}
              value={password}
              error={password ? flaw : undefined}
              onChange={(event) => {
                setPassword(event.target.value);
              }}
            />
          )}
          {!flaw && <Refused error={verify.error} />}
          <Button look="gold" size="large" type="submit" busy={verify.isPending}>
            {t.account.confirm}
          </Button>
          {verify.error && !flaw && <ButtonLink to="/sign-in">{t.account.toSignIn}</ButtonLink>}
        </form>
      )}
    </div>
  );
}
