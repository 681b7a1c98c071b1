import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { Link } from 'react-router';

import { newKey } from '../api/client';
import { Problem } from '../api/problem';
import { register, signIn } from '../api/use-session';
import { useCity } from '../catalogue/city';
import { Button } from '../design/button';
import { PasswordField, TextField } from '../design/field';
import { Refused } from '../design/notices';

type Face = 'sign-in' | 'register';

/** Form to sign in or open an account, usable on any page without losing the page's state. */
export function SignInForm({ onDone, first = 'sign-in' }: { onDone?: () => void; first?: Face }) {
  const [face, setFace] = useState<Face>(first);
  const [email, setEmail] = useState('');
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const { activeElement: at } = document;
    ((at?.nextElementSibling ?? at?.previousElementSibling) as HTMLElement | null | undefined)?.focus();
  };
  return (
    <div className="grid gap-5">
      {/* Arrow keys move between the tabs. Enter opens one, because opening moves the focus to its first field. */}
      <div
        role="tablist"
        aria-label="Account"
        tabIndex={-1}
        onKeyDown={onKey}
        className="grid grid-cols-2 rounded-full bg-sunk p-1"
      >
        {(['sign-in', 'register'] as const).map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={face === name}
            onClick={() => {
              setFace(name);
            }}
            className={`min-h-10 rounded-full font-semibold transition-colors ${
              face === name ? 'bg-card shadow-card' : 'text-soft hover:text-ink'
            }`}
          >
            {name === 'sign-in' ? 'Sign in' : 'New here'}
          </button>
        ))}
      </div>
      {face === 'sign-in' ? (
        <SignIn email={email} onEmail={setEmail} onDone={onDone} />
      ) : (
        <Register email={email} onEmail={setEmail} onDone={onDone} />
      )}
    </div>
  );
}

interface FaceProps {
  email: string;
  onEmail: (email: string) => void;
  onDone: (() => void) | undefined;
}

function EmailField({ email, onEmail, error }: Pick<FaceProps, 'email' | 'onEmail'> & { error?: string | undefined }) {
  return (
    <TextField
      label="E-mail"
      type="email"
      autoComplete="username"
      inputMode="email"
      required
      autoFocus
      value={email}
      error={error}
      onChange={(event) => {
        onEmail(event.target.value);
      }}
    />
  );
}

function SignIn({ email, onEmail, onDone }: FaceProps) {
  const [password, setPassword] = useState('');
  const attempt = useMutation({ mutationFn: () => signIn(email, password), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <EmailField email={email} onEmail={onEmail} />
      <PasswordField
        label="Password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
      <Refused error={attempt.error} />
      <Button look="gold" size="large" type="submit" busy={attempt.isPending}>
        Sign in
      </Button>
      <Link to="/forgotten" className="link justify-self-center text-sm">
        Forgotten your password?
      </Link>
    </form>
  );
}

function Register({ email, onEmail, onDone }: FaceProps) {
  const city = useCity();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [key] = useState(newKey);
  const attempt = useMutation({
    mutationFn: () => register({ email, password, name, ...(city && { city }) }, key),
    onSuccess: onDone,
  });
  const problem = attempt.error instanceof Problem ? attempt.error : null;
  const flaws = problem && problem.errors.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <EmailField email={email} onEmail={onEmail} error={problem?.flaw('/email')} />
      <TextField
        label="Your name"
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
        label="Password"
        autoComplete="new-password"
        required
        minLength={8}
        maxLength={128}
        hint="At least 8 characters."
        value={password}
        error={problem?.flaw('/password')}
        onChange={(event) => {
          setPassword(event.target.value);
        }}
      />
      {!flaws && <Refused error={attempt.error} />}
      <Button look="gold" size="large" type="submit" busy={attempt.isPending}>
        Open account
      </Button>
    </form>
  );
}
