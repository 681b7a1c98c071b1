import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link } from 'react-router';

import { command } from '../api/client';
import { Problem } from '../api/problem';
import { challengeOf, signIn, type Proof, type SecondFactor } from '../api/session/use-session';
import { Button } from '../design/button';
import { PasswordField, TextField } from '../design/field';
import { Note, Refused } from '../design/notices';
import { t } from '../i18n/texts';
import { CodeField, digitsOf, EmailField, type FormProps } from './email-field';

/** Sign-in with a password or a mailed code, and with the second factor of an account that has one. */
export function SignIn({ email, onEmail, onDone }: FormProps) {
  const [byMail, setByMail] = useState(false);
  const [proof, setProof] = useState<Proof | null>(null);
  const first = useMutation({
    mutationFn: (given: Proof) => signIn(email, given),
    onSuccess: onDone,
    onError: (problem, given) => {
      if (challengeOf(problem)) setProof(given);
    },
  });
  const challenge = challengeOf(first.error);
  if (proof && challenge) {
    return (
      <SecondStep
        email={email}
        proof={proof}
        challenge={challenge}
        onDone={onDone}
        onBack={() => {
          first.reset();
          setProof(null);
        }}
      />
    );
  }
  const error = challenge ? null : first.error;
  return byMail ? (
    <ByMail
      email={email}
      onEmail={onEmail}
      error={error}
      busy={first.isPending}
      onCode={(code) => {
        first.mutate({ code });
      }}
      onBack={() => {
        first.reset();
        setByMail(false);
      }}
    />
  ) : (
    <ByPassword
      email={email}
      onEmail={onEmail}
      error={error}
      busy={first.isPending}
      onPassword={(password) => {
        first.mutate({ password });
      }}
      onByMail={() => {
        first.reset();
        setByMail(true);
      }}
    />
  );
}

interface StepProps extends Pick<FormProps, 'email' | 'onEmail'> {
  error: Error | null;
  busy: boolean;
}

function ByPassword({
  email,
  onEmail,
  error,
  busy,
  onPassword,
  onByMail,
}: StepProps & { onPassword: (password: string) => void; onByMail: () => void }) {
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onPassword(password);
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <EmailField email={email} onEmail={onEmail} />
      <PasswordField
        label={t.account.password}
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
      <Refused error={error} />
      <Button look="gold" size="large" type="submit" busy={busy}>
        {t.frame.signIn}
      </Button>
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm">
        <button type="button" className="link" onClick={onByMail}>
          {t.account.byCode}
        </button>
        <Link to="/forgotten" state={{ email }} className="link">
          {t.account.forgotten}
        </Link>
      </div>
    </form>
  );
}

/** Asks for a code by mail, and then for the code. */
function ByMail({
  email,
  onEmail,
  error,
  busy,
  onCode,
  onBack,
}: StepProps & { onCode: (code: string) => void; onBack: () => void }) {
  const [code, setCode] = useState('');
  const send = useMutation({ mutationFn: () => command('POST', '/auth/code', { body: { email } }) });
  const absent = send.error instanceof Problem && [404, 405, 501].includes(send.error.status);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (send.isSuccess) onCode(digitsOf(code));
    else send.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      {send.isSuccess ? (
        <>
          <Note tone="good">{t.account.codeSent(email)}</Note>
          <CodeField code={code} onCode={setCode} />
          <Refused error={isWrong(error) ? new Error(t.account.wrongCode) : error} />
        </>
      ) : (
        <>
          <EmailField email={email} onEmail={onEmail} />
          {absent ? <Note tone="warn">{t.account.noCodes}</Note> : <Refused error={send.error} />}
        </>
      )}
      <Button look="gold" size="large" type="submit" busy={busy || send.isPending}>
        {send.isSuccess ? t.frame.signIn : t.account.sendCode}
      </Button>
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm">
        <button type="button" className="link" onClick={onBack}>
          {t.account.byPassword}
        </button>
        {send.isSuccess && (
          <button
            type="button"
            className="link"
            onClick={() => {
              send.reset();
            }}
          >
            {t.account.anotherCode}
          </button>
        )}
      </div>
    </form>
  );
}

/** True if the API refused a code. It does not say more than for a wrong password. */
function isWrong(error: Error | null): boolean {
  return error instanceof Problem && (error.slug === 'bad-credentials' || challengeOf(error) !== null);
}

function SecondStep({
  email,
  proof,
  challenge,
  onDone,
  onBack,
}: Pick<FormProps, 'email' | 'onDone'> & { proof: Proof; challenge: string; onBack: () => void }) {
  const [recovering, setRecovering] = useState(false);
  const [code, setCode] = useState('');
  const attempt = useMutation({
    // A refusal may bring the next challenge.
    mutationFn: (second: SecondFactor) => signIn(email, proof, second),
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const next = challengeOf(attempt.error) ?? challenge;
    attempt.mutate(
      recovering ? { challenge: next, recovery_code: code.trim() } : { challenge: next, otp: digitsOf(code) },
    );
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      {recovering ? (
        <TextField
          label={t.account.recoveryCode}
          hint={t.account.recoveryHint}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          autoFocus
          value={code}
          onChange={(event) => {
            setCode(event.target.value);
          }}
        />
      ) : (
        <CodeField label={t.account.appCode} hint={t.account.appHint} code={code} onCode={setCode} />
      )}
      <Refused error={isWrong(attempt.error) ? new Error(t.account.usedCode) : attempt.error} />
      <Button look="gold" size="large" type="submit" busy={attempt.isPending}>
        {t.frame.signIn}
      </Button>
      <div className="flex flex-wrap justify-between gap-x-4 gap-y-2 text-sm">
        <button
          type="button"
          className="link"
          onClick={() => {
            attempt.reset();
            setCode('');
            setRecovering(!recovering);
          }}
        >
          {recovering ? t.account.useApp : t.account.useRecovery}
        </button>
        <button type="button" className="link" onClick={onBack}>
          {t.account.back}
        </button>
      </div>
    </form>
  );
}
