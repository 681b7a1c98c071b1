import { useMutation } from '@tanstack/react-query';
import { useState, useSyncExternalStore, type FormEvent } from 'react';

import { command } from '../api/client';
import { isAsking, onQuestionChange, settleQuestion } from '../api/session/confirmation';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { PasswordField } from '../design/field';
import { Refused } from '../design/notices';
import { t } from '../i18n/texts';
import { CodeField, digitsOf } from './email-field';

/** Asks for the password or a code while a call waits for a fresh confirmation. */
export function ConfirmDialog() {
  const asking = useSyncExternalStore(onQuestionChange, isAsking);
  return asking ? <Question /> : null;
}

function Question() {
  const [byCode, setByCode] = useState(false);
  const [text, setText] = useState('');
  const confirm = useMutation({
    mutationFn: () => command('POST', '/auth/confirm', { body: byCode ? { otp: digitsOf(text) } : { password: text } }),
    onSuccess: () => {
      settleQuestion(true);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <Dialog
      title={t.account.isItYou}
      onClose={() => {
        settleQuestion(false);
      }}
    >
      <form className="grid gap-4" onSubmit={submit}>
        <p className="text-soft">{t.account.protected} </p>
        {byCode ? (
          <CodeField label={t.account.appCode} code={text} onCode={setText} />
        ) : (
          <PasswordField
            label={t.account.password}
            autoComplete="current-password"
            required
            autoFocus
            value={text}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        )}
        <Refused error={confirm.error} />
        <Button look="gold" size="large" type="submit" busy={confirm.isPending}>
          {t.account.confirm}
        </Button>
        <button
          type="button"
          className="link justify-self-start text-sm"
          onClick={() => {
            confirm.reset();
            setText('');
            setByCode(!byCode);
          }}
        >
          {byCode ? t.account.usePassword : t.account.useMyApp}
        </button>
      </form>
    </Dialog>
  );
}
