import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { useAttempts } from '../api/keys/attempts';
import { command } from '../api/client';
import { Problem } from '../api/problem';
import { signIn } from '../api/session/use-session';
import { useCity } from '../catalogue/city';
import { Button } from '../design/button';
import { PasswordField, TextField } from '../design/field';
import { Refused } from '../design/notices';
import { rich } from '../i18n/rich';
import { t } from '../i18n/texts';
import { CodeField, digitsOf, EmailField, type FormProps } from './email-field';

export function Register({ email, onEmail, onDone }: FormProps) {
  const city = useCity();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  // The answer is the same whether or not the address has an account; the mail says which.
  const attempt = useMutation({
    mutationFn: () => command('POST', '/auth/register', { body: { email, password, name, ...(city && { city }) } }),
  });
  const problem = attempt.error instanceof Problem ? attempt.error : null;
  const flaws = problem && problem.errors.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  if (attempt.isSuccess) {
    return (
      <CheckMail
        email={email}
        password={password}
        onDone={onDone}
        onBack={() => {
          attempt.reset();
        }}
      />
    );
  }
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <EmailField email={email} onEmail={onEmail} error={problem?.flaw('/email')} />
      <TextField
        label={t.account.yourName}
        autoComplete="name"
        required
        maxLength={100}
        value={name}
        error={problem?.flaw('/name')}
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      <PasswordField
        label={t.account.password}
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={128}
        hint={t.account.atLeast8}
        value={password}
        error={problem?.flaw('/password')}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
      {!flaws && <Refused error={attempt.error} />}
      <Button look="gold" size="large" type="submit" busy={attempt.isPending}>
        {t.account.create}
      </Button>
    </form>
  );
}

/** Confirms the address in place, so that nothing on the page is lost: with the code, or after the link was opened. */
function CheckMail({
  email,
  password,
  onDone,
  onBack,
}: Pick<FormProps, 'email' | 'onDone'> & { password: string; onBack: () => void }) {
  const [code, setCode] = useState('');
  const enter = () => signIn(email, { password });
  const attempts = useAttempts();
  const verify = useMutation({
    mutationFn: async () => {
      await attempts.make(
        () => command('POST', '/auth/verify', { body: { email, code: digitsOf(code), password } }),
        ({ status }) => status === 422,
      );
      await enter();
    },
    onSuccess: onDone,
  });
  const opened = useMutation({ mutationFn: enter, onSuccess: onDone });
  const notYet = opened.error instanceof Problem && opened.error.slug === 'bad-credentials';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    opened.reset();
    verify.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <div>
        <h2 className="text-2xl">{t.account.checkMail}</h2>
        <p className="mt-1 text-soft">
          {rich(t.account.sentTo(email), {
            b: (address) => <strong className="wrap-anywhere text-ink">{address}</strong>,
          })}
        </p>
      </div>
      <CodeField code={code} onCode={setCode} />
      <Refused error={notYet ? new Error(t.account.notYet) : (opened.error ?? verify.error)} />
      <Button look="gold" size="large" type="submit" busy={verify.isPending}>
        {t.account.confirmAndSignIn}
      </Button>
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm">
        <button
          type="button"
          className="link"
          onClick={() => {
            verify.reset();
            opened.mutate();
          }}
        >
          {t.account.opened}
        </button>
        <button type="button" className="link" onClick={onBack}>
          {t.account.changeAddress}
        </button>
      </div>
    </form>
  );
}
