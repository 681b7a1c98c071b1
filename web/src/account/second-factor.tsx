import { useMutation } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';

import { useAttempts } from '../api/keys/attempts';
import { command, get } from '../api/client';
import { Problem } from '../api/problem';
import { outdated } from '../api/queries';
import { dropToken } from '../api/session/session';
import type { Me, NewSecondFactor } from '../api/types';
import { download } from '../booking/tickets/download';
import { Badge } from '../design/badge';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { Note, Refused } from '../design/notices';
import { Question } from '../design/question';
import { say } from '../design/toast';
import { t } from '../i18n/texts';
import { CodeField, digitsOf } from './email-field';
import { qrPicture } from './qr-picture';

/** Sets up and removes the second factor of the account: a code from an authenticator app at each sign-in. */
export function SecondFactor({ me }: { me: Me }) {
  const [removing, setRemoving] = useState(false);
  const begin = useMutation({ mutationFn: () => command('POST', '/me/second-factor') });
  const absent = begin.error instanceof Problem && [404, 405, 501].includes(begin.error.status);
  const isOn = me.second_factor;
  return (
    <div className="grid gap-4">
      <h2 className="flex flex-wrap items-center gap-3 text-2xl">
        {t.profile.twoStep} {isOn && <Badge tone="good">{t.profile.on}</Badge>}
      </h2>
      <p className="text-soft">{isOn ? t.profile.asks : t.profile.protects}</p>
      {absent ? <Note tone="warn">{t.profile.noTwoStep}</Note> : <Refused error={begin.error} />}
      <div className="flex flex-wrap gap-3">
        {!isOn && (
          <Button
            busy={begin.isPending}
            onClick={() => {
              begin.mutate();
            }}
          >
            <ShieldCheck size={18} aria-hidden /> {t.profile.setUp}
          </Button>
        )}
        {isOn && (
          <Button
            look="danger"
            onClick={() => {
              setRemoving(true);
            }}
          >
            {t.profile.turnOff}
          </Button>
        )}
      </div>
      {begin.data && (
        <SetUp
          factor={begin.data}
          onClose={() => {
            begin.reset();
          }}
        />
      )}
      {removing && (
        <Removal
          onClose={() => {
            setRemoving(false);
          }}
        />
      )}
    </div>
  );
}

function SetUp({ factor, onClose }: { factor: NewSecondFactor; onClose: () => void }) {
  const [kept, setKept] = useState(false);
  const [code, setCode] = useState('');
  const picture = useMemo(() => qrPicture(factor.otpauth_url), [factor.otpauth_url]);
  const attempts = useAttempts();
  const confirm = useMutation({
    mutationFn: () =>
      attempts.make(
        () => command('POST', '/me/second-factor/confirm', { body: { otp: digitsOf(code) } }),
        async () => (await get('/me')).second_factor,
      ),
    onSuccess: () => {
      // The next token says that there is a second factor, which pages of administrators may demand.
      dropToken();
      void outdated('/me');
      say(t.profile.isOn, 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (kept) confirm.mutate();
    else setKept(true);
  };
  return (
    <Dialog title={kept ? t.profile.firstCode : t.profile.keepCodes} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        {kept ? (
          <>
            <p className="text-soft">{t.profile.scan}</p>
            <img src={picture} alt={t.profile.appQr} className="mx-auto size-52 rounded-2xl bg-white" />
            <p className="text-sm text-soft">
              {t.profile.noCamera}
              <code className="wrap-anywhere text-ink">{factor.secret}</code>
            </p>
            <CodeField label={t.profile.codeFromApp} code={code} onCode={setCode} />
            <Refused error={confirm.error} />
          </>
        ) : (
          <>
            <p className="text-soft">{t.profile.shownOnce} </p>
            <ul
              aria-label={t.profile.recoveryCodes}
              className="numbers grid grid-cols-2 gap-x-6 gap-y-1 rounded-2xl bg-sunk p-4"
            >
              {factor.recovery_codes.map((one) => (
                <li key={one}>
                  <code>{one}</code>
                </li>
              ))}
            </ul>
            <Button
              onClick={() => {
                const text = `${factor.recovery_codes.join('\n')}\n`;
                download(new Blob([text], { type: 'text/plain' }), 'ticket-show-recovery-codes.txt');
              }}
            >
              {t.profile.downloadThem}
            </Button>
          </>
        )}
        <Button look="gold" size="large" type="submit" busy={confirm.isPending}>
          {kept ? t.profile.turnOn : t.profile.kept}
        </Button>
      </form>
    </Dialog>
  );
}

function Removal({ onClose }: { onClose: () => void }) {
  const remove = useMutation({
    mutationFn: () => command('DELETE', '/me/second-factor'),
    onSuccess: () => {
      void outdated('/me');
      say(t.profile.isOff);
      onClose();
    },
  });
  return (
    <Question
      title={t.profile.turnOffQuestion}
      verb={t.profile.turnOff}
      harmless={t.profile.keepOn}
      act={remove}
      onClose={onClose}
    >
      <p>{t.profile.passwordAlone}</p>
    </Question>
  );
}
