import { useMutation } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';

import { command, newKey } from '../../api/client';
import { usePolicy } from '../../api/policy';
import type { AccountEntry, Money } from '../../api/types';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { money, parseMoney } from '../../design/format';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';

export function CreditDialog({ account, onClose }: { account: AccountEntry; onClose: () => void }) {
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const currency = usePolicy().currency.code;
  const amount = parseMoney(text, currency);
  // The same sum for the same reason is the same credit, however often the button is pressed.
  const key = useMemo(() => ({ text, reason, key: newKey() }), [text, reason]);
  const give = useMutation({
    mutationFn: (amount: Money) =>
      command('POST', `/admin/wallets/${account.user_id}/credits`, { body: { amount, reason }, key: key.key }),
    onSuccess: (answer, amount) => {
      if ('status' in answer)
        say(`${money(amount)} for ${account.name} waits until another administrator approves it.`);
      else say(`${money(amount)} credited to ${account.name}.`, 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount) give.mutate(amount);
  };
  return (
    <Dialog title={`Credit ${account.name}`} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <TextField
          label={`Amount in ${currency}`}
          inputMode="decimal"
          required
          autoFocus
          value={text}
          error={text && !amount ? 'Please write an amount, such as 250.' : undefined}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <TextField
          label="Reason"
          required
          maxLength={200}
          hint="The customer reads it."
          value={reason}
          onChange={(event) => {
            setReason(event.target.value);
          }}
        />
        <Refused error={give.error} />
        <Button look="gold" type="submit" busy={give.isPending} disabled={!amount || !reason || give.isPending}>
          Credit
        </Button>
      </form>
    </Dialog>
  );
}
