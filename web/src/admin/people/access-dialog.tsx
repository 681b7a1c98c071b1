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
      after(`${account.name} is signed out everywhere.`);
    },
  });
  const set = useMutation({
    mutationFn: (disabled: boolean) =>
      command('PUT', `/admin/accounts/${account.user_id}/state`, {
        body: disabled ? { disabled, reason } : { disabled },
      }),
    onSuccess: (_, disabled) => {
      after(`The account of ${account.name} is ${disabled ? 'disabled' : 'enabled'}.`);
    },
  });
  const busy = end.isPending || set.isPending;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    set.mutate(true);
  };
  return (
    <Dialog title={`Access of ${account.name}`} onClose={onClose}>
      <div className="grid gap-6">
        <section className="grid gap-3">
          <h3 className="text-xl">Sessions</h3>
          <p className="text-soft">Signs the person out in every browser. The password still works.</p>
          <Button
            className="justify-self-start"
            busy={end.isPending}
            disabled={busy}
            onClick={() => {
              end.mutate();
            }}
          >
            Sign out everywhere
          </Button>
        </section>
        {!account.disabled && (
          <form className="grid gap-3" onSubmit={submit}>
            <h3 className="text-xl">Disable the account</h3>
            <p className="text-soft">Nobody can sign in with it. Tickets that were bought with it stay valid.</p>
            <TextField
              label="Reason"
              required
              maxLength={500}
              hint="Other administrators read it, the person does not."
              value={reason}
              onChange={(event) => {
                setReason(event.target.value);
              }}
            />
            <Button look="danger" type="submit" className="justify-self-start" busy={set.isPending} disabled={busy}>
              Disable
            </Button>
          </form>
        )}
        {account.disabled && (
          <section className="grid gap-3">
            <h3 className="text-xl">Enable the account</h3>
            <Button
              className="justify-self-start"
              busy={set.isPending}
              disabled={busy}
              onClick={() => {
                set.mutate(false);
              }}
            >
              Enable
            </Button>
          </section>
        )}
        <Refused error={end.error ?? set.error} />
      </div>
    </Dialog>
  );
}
