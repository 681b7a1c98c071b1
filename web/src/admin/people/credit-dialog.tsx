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
import { w } from '../../i18n/work/texts';

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
      if ('status' in answer) say(w.credit.waits(money(amount), account.name));
      else say(w.credit.done(money(amount), account.name), 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount) give.mutate(amount);
  };
  return (
    <Dialog title={w.credit.title(account.name)} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <TextField
          label={w.credit.amount(currency)}
          inputMode="decimal"
          required
          autoFocus
          value={text}
          error={text && !amount ? w.credit.noAmount : undefined}
          onChange={(event) => {
            setText(event.target.value);
          }}
        />
        <TextField
          label={w.credit.reason}
          required
          maxLength={200}
          hint={w.credit.reasonHint}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value);
          }}
        />
        <Refused error={give.error} />
        <Button look="gold" type="submit" busy={give.isPending} disabled={!amount || !reason || give.isPending}>
          {w.credit.give}
        </Button>
      </form>
    </Dialog>
  );
}
