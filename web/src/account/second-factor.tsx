import { useMutation } from '@tanstack/react-query';
import { ShieldCheck } from 'lucide-react';
import { useMemo, useState, type FormEvent } from 'react';

import { command } from '../api/client';
import { Problem } from '../api/problem';
import { outdated } from '../api/queries';
import { dropToken } from '../api/session';
import type { Me, NewSecondFactor } from '../api/types';
import { download } from '../booking/download';
import { Badge } from '../design/badge';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { Note, Refused } from '../design/notices';
import { say } from '../design/toast';
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
        Two-step sign-in {isOn && <Badge tone="good">On</Badge>}
      </h2>
      <p className="text-soft">
        {isOn
          ? 'Signing in asks for a code from your authenticator app, besides your password.'
          : 'Protects your account even if your password becomes known: signing in also asks for a code from an app on your phone.'}
      </p>
      {absent ? <Note tone="warn">Two-step sign-in is not available here yet.</Note> : <Refused error={begin.error} />}
      <div className="flex flex-wrap gap-3">
        {!isOn && (
          <Button
            busy={begin.isPending}
            onClick={() => {
              begin.mutate();
            }}
          >
            <ShieldCheck size={18} aria-hidden /> Set up
          </Button>
        )}
        {isOn && (
          <Button
            look="danger"
            onClick={() => {
              setRemoving(true);
            }}
          >
            Turn off
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
  const confirm = useMutation({
    mutationFn: () => command('POST', '/me/second-factor/confirm', { body: { otp: digitsOf(code) } }),
    onSuccess: () => {
      // The next token says that there is a second factor, which pages of administrators may demand.
      dropToken();
      void outdated('/me');
      say('Two-step sign-in is on.', 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (kept) confirm.mutate();
    else setKept(true);
  };
  return (
    <Dialog title={kept ? 'Type the first code' : 'Keep your recovery codes'} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        {kept ? (
          <>
            <p className="text-soft">Scan this with your authenticator app, then type the six digits that it shows.</p>
            <img
              src={picture}
              alt="QR code for the authenticator app"
              className="mx-auto size-52 rounded-2xl bg-white"
            />
            <p className="text-sm text-soft">
              No camera? Type this key into the app: <code className="wrap-anywhere text-ink">{factor.secret}</code>
            </p>
            <CodeField label="Code from the app" code={code} onCode={setCode} />
            <Refused error={confirm.error} />
          </>
        ) : (
          <>
            <p className="text-soft">
              If you lose your phone, each of these codes signs you in once. They are shown only now: keep them
              somewhere safe.
            </p>
            <ul
              aria-label="Recovery codes"
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
              Download them
            </Button>
          </>
        )}
        <Button look="gold" size="large" type="submit" busy={confirm.isPending}>
          {kept ? 'Turn on' : 'I have kept them'}
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
      say('Two-step sign-in is off.');
      onClose();
    },
  });
  return (
    <Dialog title="Turn off two-step sign-in?" onClose={onClose}>
      <div className="grid gap-4">
        <p>After this, your password alone signs you in. The recovery codes no longer work.</p>
        <Refused error={remove.error} />
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            Keep it on
          </Button>
          <Button
            look="danger"
            busy={remove.isPending}
            onClick={() => {
              remove.mutate();
            }}
          >
            Turn off
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
