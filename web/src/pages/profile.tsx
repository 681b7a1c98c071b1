import { useMutation, useQuery } from '@tanstack/react-query';
import { MonitorSmartphone, Wallet } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { browserName } from '../account/browser-name';
import { DeleteAccount } from '../account/delete-account';
import { MyData } from '../account/my-data';
import { RequireAccount } from '../account/require-account';
import { SecondFactor } from '../account/second-factor';
import { command } from '../api/client';
import { Problem } from '../api/problem';
import { outdated, reading } from '../api/queries';
import { renew } from '../api/session';
import type { Me } from '../api/types';
import { signOut } from '../api/use-session';
import { useCities } from '../catalogue/city';
import { Badge } from '../design/badge';
import { Button, ButtonLink } from '../design/button';
import { PasswordField, TextField } from '../design/field';
import { ago, money } from '../design/format';
import { useNow, useTitle } from '../design/hooks';
import { Failed, Lines, Note, Refused } from '../design/notices';
import { say } from '../design/toast';
import { ThemeChoice } from '../footer';

export default function Profile() {
  useTitle('Account');
  return (
    <RequireAccount>
      <Account />
    </RequireAccount>
  );
}

function Account() {
  const me = useQuery(reading('/me'));
  const navigate = useNavigate();
  if (me.error && !me.data)
    return (
      <div className="page narrow py-10">
        <Failed error={me.error} retry={() => void me.refetch()} />
      </div>
    );
  if (!me.data)
    return (
      <div className="page narrow py-10">
        <Lines />
      </div>
    );
  const box = 'arrive rounded-3xl bg-card p-5 shadow-card sm:p-6';
  return (
    <div className="page max-w-5xl pt-8">
      <h1 className="text-4xl sm:text-5xl">{me.data.name}</h1>
      <p className="mb-6 mt-1 text-soft">
        {me.data.email} {me.data.role !== 'customer' && <Badge>{me.data.role}</Badge>}
      </p>
      <div className="grid items-start gap-5 md:grid-cols-2">
        <Link to="/wallet" className={`${box} flex items-center gap-4 transition-shadow hover:shadow-lift`}>
          <Wallet size={28} aria-hidden />
          <span className="leading-tight">
            <span className="block text-soft">Wallet</span>
            <span className="numbers marquee text-3xl">{money(me.data.wallet_balance)}</span>
          </span>
        </Link>
        <div className={`${box} flex flex-wrap items-center justify-between gap-4`}>
          <div>
            <p className="mb-1 text-sm font-semibold">Appearance</p>
            <ThemeChoice />
          </div>
          <div className="flex flex-wrap gap-2">
            {me.data.role !== 'customer' && (
              <ButtonLink size="small" to="/check-in">
                Check-in
              </ButtonLink>
            )}
            {me.data.role === 'admin' && (
              <ButtonLink size="small" to="/admin">
                Administration
              </ButtonLink>
            )}
            <Button
              size="small"
              onClick={() => {
                void signOut()
                  .catch(() => undefined)
                  .then(() => navigate('/'));
              }}
            >
              Sign out
            </Button>
          </div>
        </div>
        <section className={box} aria-label="Profile">
          <Details me={me.data} />
        </section>
        <section className={box} aria-label="Password">
          <Password />
        </section>
        <section className={box} aria-label="Two-step sign-in">
          <SecondFactor me={me.data} />
        </section>
        <section className={box} aria-label="Your data">
          <MyData />
        </section>
        <section className={`${box} md:col-span-2`} aria-label="Sessions">
          <Sessions />
        </section>
        <section className={`${box} md:col-span-2`} aria-label="Delete your account">
          <DeleteAccount me={me.data} />
        </section>
      </div>
    </div>
  );
}

function Details({ me }: { me: Me }) {
  const [name, setName] = useState(me.name);
  const [city, setCity] = useState(me.city ?? '');
  const { data: cities } = useCities();
  const save = useMutation({
    mutationFn: () => command('PATCH', '/me', { body: { name, city } }),
    onSuccess: (answer) => {
      renew({ ...me, name: answer.name, city: answer.city ?? null });
      void outdated('/me');
      say('Saved.', 'good');
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <h2 className="text-2xl">Profile</h2>
      <TextField
        label="Name"
        required
        maxLength={100}
        autoComplete="name"
        value={name}
        error={problem?.flaw('/name')}
        onChange={(event) => {
          setName(event.target.value);
        }}
      />
      <TextField
        label="City"
        list="cities"
        maxLength={100}
        hint="Shows in this city come first."
        value={city}
        error={problem?.flaw('/city')}
        onChange={(event) => {
          setCity(event.target.value);
        }}
      />
      <datalist id="cities">
        {cities?.map((one) => (
          <option key={one.name} value={one.name} />
        ))}
      </datalist>
      {!problem?.errors.length && <Refused error={save.error} />}
      <Button
        type="submit"
        className="justify-self-start"
        busy={save.isPending}
        disabled={save.isPending || (name === me.name && city === (me.city ?? ''))}
      >
        Save
      </Button>
    </form>
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => command('POST', '/auth/password', { body: { current_password: current, new_password: next } }),
    onSuccess: () => {
      setCurrent('');
      setNext('');
      void outdated('/me/sessions');
    },
  });
  const problem = change.error instanceof Problem ? change.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <h2 className="text-2xl">Password</h2>
      <PasswordField
        label="Current password"
        required
        autoComplete="current-password"
        value={current}
        error={problem?.flaw('/current_password')}
        onChange={(event) => {
          setCurrent(event.target.value);
        }}
      />
      <PasswordField
        label="New password"
        required
        minLength={8}
        maxLength={128}
        autoComplete="new-password"
        hint="At least 8 characters. Other browsers are signed out."
        value={next}
        error={problem?.flaw('/new_password')}
        onChange={(event) => {
          setNext(event.target.value);
        }}
      />
      {!problem?.errors.length && <Refused error={change.error} />}
      {change.isSuccess && <Note tone="good">Your password is changed, and other browsers are signed out.</Note>}
      <Button type="submit" className="justify-self-start" busy={change.isPending}>
        Change password
      </Button>
    </form>
  );
}

function Sessions() {
  const now = useNow(30_000);
  const sessions = useQuery(reading('/me/sessions'));
  const end = useMutation({
    mutationFn: (id: string) => command('DELETE', `/me/sessions/${id}`),
    onSuccess: () => outdated('/me/sessions'),
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <>
      <h2 className="mb-2 text-2xl">Where you are signed in</h2>
      {sessions.error && !sessions.data ? (
        <Failed error={sessions.error} retry={() => void sessions.refetch()} />
      ) : !sessions.data ? (
        <Lines rows={2} />
      ) : (
        <ul className="divide-y divide-line">
          {sessions.data.items.map((session) => (
            <li key={session.session_id} className="flex items-center gap-3 py-3">
              <MonitorSmartphone size={22} className="shrink-0 text-soft" aria-hidden />
              <div className="min-w-0 flex-1">
                <p className="truncate font-semibold">{browserName(session.user_agent)}</p>
                <p className="text-sm text-soft">Last used {ago(session.used_at, now)}</p>
              </div>
              {session.current ? (
                <Badge tone="good">This browser</Badge>
              ) : (
                <Button
                  size="small"
                  busy={end.isPending && end.variables === session.session_id}
                  onClick={() => {
                    end.mutate(session.session_id);
                  }}
                >
                  Sign out
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
