import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'react-router';

import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import { Button, ButtonLink } from '../../design/button';
import { TextField } from '../../design/field';
import { useTitle } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { t } from '../../i18n/texts';

export default function Forgotten() {
  useTitle(t.account.forgottenTitle);
  const { state } = useLocation() as { state: { email?: string } | null };
  const [email, setEmail] = useState(state?.email ?? '');
  const ask = useMutation({ mutationFn: () => command('POST', '/auth/forgotten', { body: { email } }) });
  const absent = ask.error instanceof Problem && ask.error.notOffered;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <div className="page max-w-md py-10 sm:py-16">
      <h1 className="text-4xl">{t.account.forgotten}</h1>
      {ask.isSuccess ? (
        <div className="mt-6 grid gap-4">
          <Note tone="good">{t.account.linkSent(email)}</Note>
          <ButtonLink to="/sign-in">{t.account.toSignIn}</ButtonLink>
        </div>
      ) : (
        <form className="mt-6 grid gap-4 rounded-3xl bg-card p-6 shadow-card" onSubmit={submit}>
          <TextField
            label={t.account.email}
            type="email"
            required
            autoFocus
            autoComplete="username"
            hint={t.account.linkHint}
            value={email}
            onChange={(event) => {
              setEmail(event.target.value);
            }}
          />
          {absent ? <Note tone="warn">{t.account.noMails}</Note> : <Refused error={ask.error} />}
          <Button look="gold" size="large" type="submit" busy={ask.isPending}>
            {t.account.sendLink}
          </Button>
        </form>
      )}
    </div>
  );
}
