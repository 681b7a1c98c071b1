import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import type { AccountEntry } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';

/** Ends the sessions of an account, disables it, or enables it again. */
export function AccessDialog({ account, onClose }: { account: AccountEntry; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const after = (said: string) => {
    say(said, 'good');
    void outdated('/admin/accounts', '/admin/audit');
    onClose();
  };
  const end = useMutation({
    mutationFn: () => command('DELETE', `/admin/accounts/${account.user_id}/sessions`),
    onSuccess: () => {
      after(w.access.signedOut(account.name));
    },
  });
  const set = useMutation({
    mutationFn: (disabled: boolean) =>
      command('PUT', `/admin/accounts/${account.user_id}/state`, {
        body: disabled ? { disabled, reason } : { disabled },
      }),
    onSuccess: (_, disabled) => {
      after(disabled ? w.access.isDisabled(account.name) : w.access.isEnabled(account.name));
    },
  });
  const busy = end.isPending || set.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    end.reset();
    set.mutate(true);
  };
  return (
    <Dialog title={w.access.title(account.name)} onClose={onClose}>
      <div className="grid gap-6">
        <section className="grid gap-3">
          <h3 className="text-xl">{w.access.sessions}</h3>
          <p className="text-soft">{w.access.sessionsWhy}</p>
          <Button
            className="justify-self-start"
            busy={end.isPending}
            disabled={busy}
            onClick={() => {
              set.reset();
              end.mutate();
            }}
          >
            {w.access.signOut}
          </Button>
        </section>
        {!account.disabled && (
          <form className="grid gap-3" onSubmit={submit}>
            <h3 className="text-xl">{w.access.disableTitle}</h3>
            <p className="text-soft">{w.access.disableWhy}</p>
            <TextField
              label={w.access.reason}
              required
              maxLength={500}
              hint={w.access.reasonHint}
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
              }}
            />
            <Button look="danger" type="submit" className="justify-self-start" busy={set.isPending} disabled={busy}>
              {w.access.disable}
            </Button>
          </form>
        )}
        {account.disabled && (
          <section className="grid gap-3">
            <h3 className="text-xl">{w.access.enableTitle}</h3>
            <Button
              className="justify-self-start"
              busy={set.isPending}
              disabled={busy}
              onClick={() => {
                end.reset();
                set.mutate(false);
              }}
            >
              {w.access.enable}
            </Button>
          </section>
        )}
        <Refused error={end.error ?? set.error} />
      </div>
    </Dialog>
  );
}
