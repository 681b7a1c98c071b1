import { useMutation, useQuery } from '@tanstack/react-query';
import { MonitorSmartphone, Wallet } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { browserName } from '../../account/browser-name';
import { DeleteAccount } from '../../account/delete-account';
import { MyData } from '../../account/my-data';
import { ReminderChoice } from '../../account/reminder-choice';
import { RequireAccount } from '../../account/require-account';
import { SecondFactor } from '../../account/second-factor';
import { DOOR, homeOf, isAllowed } from '../../admin/access';
import { useAttempts } from '../../api/keys/attempts';
import { command } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { Problem } from '../../api/problem';
import { outdated, reading } from '../../api/queries';
import { renew } from '../../api/session/session';
import type { Me } from '../../api/types';
import { signOut } from '../../api/session/use-session';
import { useCities } from '../../catalogue/city';
import { Badge } from '../../design/badge';
import { Button, ButtonLink } from '../../design/button';
import { PasswordField, TextField } from '../../design/field';
import { ago, money } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Failed, Lines, Note, Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { ThemeChoice } from '../../footer';
import { LanguageChoice } from '../../i18n/switch';
import { t } from '../../i18n/texts';

export default function Profile() {
  useTitle(t.account.title);
  return (
    <RequireAccount>
      <Account />
    </RequireAccount>
  );
}

function Account() {
  const me = useQuery(reading('/me'));
  const { sends_reminders: isReminding } = usePolicy();
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
        {me.data.email} {me.data.role !== 'customer' && <Badge>{t.profile.roles[me.data.role]}</Badge>}
      </p>
      <div className="grid items-start gap-5 md:grid-cols-2">
        <Link to="/wallet" className={`${box} flex items-center gap-4 transition-shadow hover:shadow-lift`}>
          <Wallet size={28} aria-hidden />
          <span className="leading-tight">
            <span className="block text-soft">{t.frame.wallet}</span>
            <span className="numbers marquee text-3xl">{money(me.data.wallet_balance)}</span>
          </span>
        </Link>
        <div className={`${box} flex flex-wrap items-center justify-between gap-4`}>
          <div>
            <p className="mb-1 text-sm font-semibold">{t.frame.appearance}</p>
            <ThemeChoice />
          </div>
          <div>
            <p className="mb-1 text-sm font-semibold">{t.profile.language}</p>
            <LanguageChoice />
          </div>
          <div className="flex flex-wrap gap-2">
            {isAllowed(me.data.role, DOOR) && (
              <ButtonLink size="small" to="/check-in">
                {t.profile.checkIn}
              </ButtonLink>
            )}
            {me.data.role !== 'customer' && me.data.role !== 'door' && (
              <ButtonLink size="small" to={homeOf(me.data.role)}>
                {me.data.role === 'admin' ? t.frame.administration : t.frame.work}
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
              {t.frame.signOut}
            </Button>
          </div>
        </div>
        <section className={box} aria-label={t.profile.title}>
          <Details me={me.data} />
        </section>
        <section className={box} aria-label={t.account.password}>
          <Password />
        </section>
        <section className={box} aria-label={t.profile.twoStep}>
          <SecondFactor me={me.data} />
        </section>
        {isReminding && (
          <section className={box} aria-label={t.reminders.title}>
            <ReminderChoice me={me.data} />
          </section>
        )}
        <section className={box} aria-label={t.profile.yourData}>
          <MyData />
        </section>
        <section className={`${box} md:col-span-2`} aria-label={t.profile.sessions}>
          <Sessions />
        </section>
        <section className={`${box} md:col-span-2`} aria-label={t.profile.deleteHead}>
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
      say(t.profile.saved, 'good');
    },
  });
  const problem = save.error instanceof Problem ? save.error : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form className="grid gap-4" onSubmit={submit}>
      <h2 className="text-2xl">{t.profile.title}</h2>
      <TextField
        label={t.profile.name}
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
        label={t.profile.city}
        list="cities"
        maxLength={100}
        hint={t.profile.cityHint}
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
        {t.profile.save}
      </Button>
    </form>
  );
}

/** True if this is the password of the account now. */
function isPassword(password: string): Promise<boolean> {
  return command('POST', '/auth/confirm', { body: { password } }).then(
    () => true,
    () => false,
  );
}

function Password() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const attempts = useAttempts();
  const change = useMutation({
    mutationFn: () =>
      attempts.make(
        () => command('POST', '/auth/password', { body: { current_password: current, new_password: next } }),
        (refusal) => refusal.flaw('/current_password') !== undefined && isPassword(next),
      ),
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
      <h2 className="text-2xl">{t.account.password}</h2>
      <PasswordField
        label={t.profile.current}
        required
        autoComplete="current-password"
        value={current}
        error={problem?.flaw('/current_password')}
        onChange={(event) => {
          setCurrent(event.target.value);
        }}
      />
      <PasswordField
        label={t.account.newPassword}
        required
        minLength={8}
        maxLength={128}
        autoComplete="new-password"
        hint={t.profile.otherBrowsers}
        value={next}
        error={problem?.flaw('/new_password')}
        onChange={(event) => {
          setNext(event.target.value);
        }}
      />
      {!problem?.errors.length && <Refused error={change.error} />}
      {change.isSuccess && <Note tone="good">{t.profile.changed}</Note>}
      <Button type="submit" className="justify-self-start" busy={change.isPending}>
        {t.profile.change}
      </Button>
    </form>
  );
}

/** Ends a session. One that has ended already is not found. */
async function ended(id: string): Promise<void> {
  try {
    await command('DELETE', `/me/sessions/${id}`);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.slug !== 'not-found') throw problem;
  }
}

function Sessions() {
  const now = useNow(30_000);
  const sessions = useQuery(reading('/me/sessions'));
  const end = useMutation({
    mutationFn: (id: string) => ended(id),
    onSuccess: () => outdated('/me/sessions'),
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <>
      <h2 className="mb-2 text-2xl">{t.profile.where}</h2>
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
                <p className="text-sm text-soft">{t.profile.lastUsed(ago(session.used_at, now))}</p>
              </div>
              {session.current ? (
                <Badge tone="good">{t.profile.thisBrowser}</Badge>
              ) : (
                <Button
                  size="small"
                  aria-label={t.profile.signOutOf(browserName(session.user_agent))}
                  busy={end.isPending && end.variables === session.session_id}
                  onClick={() => {
                    end.mutate(session.session_id);
                  }}
                >
                  {t.frame.signOut}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
