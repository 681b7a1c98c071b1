import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { command } from '../api/client';
import { Problem } from '../api/problem';
import { dismiss } from '../api/session';
import type { Me } from '../api/types';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { PasswordField } from '../design/field';
import { money } from '../design/format';
import { Note, Refused } from '../design/notices';
import { say } from '../design/toast';
import { CodeField, digitsOf } from './email-field';

/** Deletion of the reader's account, for good. */
export function DeleteAccount({ me }: { me: Me }) {
  const [asked, setAsked] = useState(false);
  return (
    <div className="grid gap-4">
      <h2 className="text-2xl">Delete your account</h2>
      <p className="text-soft">
        Your name, your address and your city are erased for good. Bookings and payments stay in our books without your
        name.
      </p>
      <div>
        <Button
          look="danger"
          onClick={() => {
            setAsked(true);
          }}
        >
          Delete my account
        </Button>
      </div>
      {asked && (
        <Question
          me={me}
          onClose={() => {
            setAsked(false);
          }}
        />
      )}
    </div>
  );
}

function Question({ me, onClose }: { me: Me; onClose: () => void }) {
  const navigate = useNavigate();
  const [byCode, setByCode] = useState(false);
  const [text, setText] = useState('');
  // An authenticator shows a code at any time; without one, a code is mailed.
  const send = useMutation({
    mutationFn: async () => {
      if (!me.second_factor) await command('POST', '/auth/code', { body: { email: me.email } });
    },
    onSuccess: () => {
      setText('');
      setByCode(true);
    },
  });
  const remove = useMutation({
    mutationFn: () => command('DELETE', '/me', { body: proofOf(text, byCode, me.second_factor) }),
    onSuccess: () => {
      dismiss(false);
      say('Your account was deleted.');
      void navigate('/');
    },
  });
  const booked = remove.error instanceof Problem && remove.error.slug === 'open-bookings';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <Dialog title="Delete your account?" onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <ul className="grid list-disc gap-1 pl-5">
          <li>You are signed out everywhere, and nobody can restore the account, we included.</li>
          <li>Past bookings are no longer yours to see. Seats that you hold without paying become free.</li>
          <li>You may open a new account with the same e-mail address later.</li>
        </ul>
        {me.wallet_balance.amount_minor > 0 && (
          <Note tone="warn">
            {money(me.wallet_balance)} is left in your wallet. You can no longer spend it after this.
          </Note>
        )}
        {byCode ? (
          <CodeField
            {...(me.second_factor
              ? { label: 'Code from your authenticator app' }
              : { hint: `We have sent six digits to ${me.email}.` })}
            code={text}
            onCode={setText}
          />
        ) : (
          <PasswordField
            label="Password"
            autoComplete="current-password"
            required
            value={text}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        )}
        {!byCode && (
          <button
            type="button"
            className="link justify-self-start text-sm"
            onClick={() => {
              send.mutate();
            }}
          >
            {me.second_factor ? 'Use a code from my authenticator app' : 'Send me a code instead'}
          </button>
        )}
        <Refused error={remove.error ?? send.error} />
        {booked && (
          <Link to="/bookings" className="link justify-self-start">
            My tickets
          </Link>
        )}
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            Keep my account
          </Button>
          <Button look="danger" type="submit" busy={remove.isPending}>
            Delete it for good
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Body of the call that deletes an account. */
export function proofOf(text: string, byCode: boolean, hasSecondFactor: boolean) {
  if (!byCode) return { password: text };
  return hasSecondFactor ? { otp: digitsOf(text) } : { code: digitsOf(text) };
}
