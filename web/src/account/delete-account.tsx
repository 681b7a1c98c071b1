import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useNavigate } from 'react-router';

import { command } from '../api/client';
import { Problem } from '../api/problem';
import { dismiss } from '../api/session/session';
import type { Me } from '../api/types';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { PasswordField } from '../design/field';
import { money } from '../design/format';
import { Note, Refused } from '../design/notices';
import { say } from '../design/toast';
import { t } from '../i18n/texts';
import { CodeField, digitsOf } from './email-field';

/** Deletion of the reader's account, for good. */
export function DeleteAccount({ me }: { me: Me }) {
  const [asked, setAsked] = useState(false);
  return (
    <div className="grid gap-4">
      <h2 className="text-2xl">{t.profile.deleteHead}</h2>
      <p className="text-soft">{t.profile.erased} </p>
      <div>
        <Button
          look="danger"
          onClick={() => {
            setAsked(true);
          }}
        >
          {t.profile.deleteMine}
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
      say(t.profile.deleted);
      void navigate('/');
    },
  });
  const booked = remove.error instanceof Problem && remove.error.slug === 'open-bookings';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.reset();
    remove.mutate();
  };
  return (
    <Dialog title={t.profile.deleteQuestion} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <ul className="grid list-disc gap-1 ps-5">
          <li>{t.profile.signedOutEverywhere}</li>
          <li>{t.profile.pastBookings}</li>
          <li>{t.profile.newAccount}</li>
        </ul>
        {me.wallet_balance.amount_minor > 0 && (
          <Note tone="warn">{t.profile.leftInWallet(money(me.wallet_balance))}</Note>
        )}
        {byCode ? (
          <CodeField
            {...(me.second_factor ? { label: t.account.appCode } : { hint: t.profile.sixDigits(me.email) })}
            code={text}
            onCode={setText}
          />
        ) : (
          <PasswordField
            label={t.account.password}
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
              remove.reset();
              send.mutate();
            }}
          >
            {me.second_factor ? t.account.useMyApp : t.profile.codeInstead}
          </button>
        )}
        <Refused error={remove.error ?? send.error} />
        {booked && (
          <Link to="/bookings" className="link justify-self-start">
            {t.frame.myTickets}
          </Link>
        )}
        <div className="grid gap-3 xs:grid-cols-2">
          <Button data-first onClick={onClose}>
            {t.profile.keepAccount}
          </Button>
          <Button look="danger" type="submit" busy={remove.isPending}>
            {t.profile.deleteForGood}
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
