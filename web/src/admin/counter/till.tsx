import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { outdated } from '../../api/queries';
import type { Till } from '../../api/types';
import { useKey } from '../../api/keys/use-key';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { money, parseMoney, when } from '../../design/format';
import { NamedAmount } from '../../design/named-amount';
import { Note, Refused } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import { howPaid } from '../desk/words';

/** Opens a till with its float, or closes it with the count. */
export function TillDialog({ till, onClose }: { till: Till | null; onClose: () => void }) {
  const { currency } = usePolicy();
  const [text, setText] = useState('');
  const amount = parseMoney(text, currency.code);
  // It is no longer the open one once it is closed.
  const [closing] = useState(till);
  const key = useKey();
  const after = () => outdated('/box-office/tills');
  const open = useMutation({
    mutationFn: (float: { amount_minor: number; currency: string }) =>
      key.run(['open', float], (text) => command('POST', '/box-office/tills', { body: { float }, key: text })),
    onSuccess: () => {
      onClose();
      return after();
    },
  });
  const close = useMutation({
    mutationFn: (counted: { amount_minor: number; currency: string }) =>
      key.run(['close', counted], (text) =>
        command('POST', `/box-office/tills/${till?.till_id ?? ''}/closing`, { body: { counted }, key: text }),
      ),
    onSuccess: after,
  });
  if (close.data && closing) return <Closed till={{ ...closing, ...close.data }} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!amount) return;
    if (till) close.mutate(amount);
    else open.mutate(amount);
  };
  const act = till ? close : open;
  return (
    <Dialog title={till ? w.till.close : w.till.open} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <p className="-mt-2 text-soft">
          {till ? w.till.opened(when(till.opened_at, 'full'), money(till.float)) : w.till.count}
        </p>
        <TextField
          label={w.till.cash(currency.code)}
          inputMode="decimal"
          required
          autoFocus
          autoComplete="off"
          value={text}
          error={text && !amount ? w.till.noAmount : undefined}
          onChange={({ target }) => {
            setText(target.value);
          }}
        />
        <Refused error={act.error} />
        <Button type="submit" look="gold" size="large" busy={act.isPending} disabled={!amount || act.isPending}>
          {till ? w.till.close : w.till.open}
        </Button>
      </form>
    </Dialog>
  );
}

function Closed({ till, onClose }: { till: Till; onClose: () => void }) {
  const off = till.difference?.amount_minor ?? 0;
  const amount = till.difference && { ...till.difference, amount_minor: Math.abs(off) };
  return (
    <Dialog title={w.till.closed} onClose={onClose}>
      <div className="grid gap-4">
        <dl className="grid gap-2">
          <NamedAmount name={w.till.float} amount={money(till.float)} />
          {till.sales.map(({ method, count: sold, amount: taken }) => (
            <NamedAmount key={method} name={w.till.sales(sold, howPaid(method))} amount={money(taken)} />
          ))}
          {till.refunds.map(({ method, count: returned, amount: paid }) => (
            <NamedAmount key={method} name={w.till.refunds(returned, howPaid(method))} amount={`−${money(paid)}`} />
          ))}
          <NamedAmount name={w.till.expected} amount={money(till.expected)} />
          {till.counted && <NamedAmount name={w.till.counted} amount={money(till.counted)} />}
        </dl>
        {off === 0 ? (
          <Note tone="good">{w.till.right}</Note>
        ) : (
          <Note tone="warn">{amount && (off < 0 ? w.till.missing(money(amount)) : w.till.tooMuch(money(amount)))}</Note>
        )}
        <Button
          onClick={() => {
            window.print();
          }}
        >
          {w.till.print}
        </Button>
      </div>
    </Dialog>
  );
}
