import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'react-router';

import { command } from '../api/client';
import { Problem } from '../api/problem';
import { Button, ButtonLink } from '../design/button';
import { TextField } from '../design/field';
import { useTitle } from '../design/hooks';
import { Note, Refused } from '../design/notices';

export default function Forgotten() {
  useTitle('Forgotten password');
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
      <h1 className="text-4xl">Forgotten your password?</h1>
      {ask.isSuccess ? (
        <div className="mt-6 grid gap-4">
          <Note tone="good">If {email} has an account, a link is on its way to it. It works once, for 30 minutes.</Note>
          <ButtonLink to="/sign-in">Back to sign in</ButtonLink>
        </div>
      ) : (
        <form className="mt-6 grid gap-4 rounded-3xl bg-card p-6 shadow-card" onSubmit={submit}>
          <TextField
            label="E-mail"
            type="email"
            required
            autoFocus
            autoComplete="username"
            hint="We will send you a link to set a new one."
            value={email}
            onChange={(event) => {
              setEmail(event.target.value);
            }}
          />
          {absent ? (
            <Note tone="warn">Mails cannot be sent here at the moment. Please ask the theatre.</Note>
          ) : (
            <Refused error={ask.error} />
          )}
          <Button look="gold" size="large" type="submit" busy={ask.isPending}>
            Send the link
          </Button>
        </form>
      )}
    </div>
  );
}
