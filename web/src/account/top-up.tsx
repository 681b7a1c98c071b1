import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';

import { command } from '../api/client';
import { usePolicy } from '../api/policy';
import { Problem } from '../api/problem';
import type { Money } from '../api/types';
import { useKey } from '../api/keys/use-key';
import { leaveToPay, rememberPayment, type Towards } from '../booking/left';
import { Button } from '../design/button';
import { TextField } from '../design/field';
import { minorDigits, money, parseMoney, typedMoney } from '../design/format';
import { Note, Refused } from '../design/notices';
import { PillButton } from '../design/pill-button';
import { t } from '../i18n/texts';

/** Suggested amounts, in whole units of the currency. */
const USUAL = [500, 1_000, 2_000, 5_000];

/** Adds money to the wallet by card. `atLeast` is the missing amount, `towards` what needs it. */
export function TopUp({ atLeast, towards }: { atLeast: Money; towards?: Towards }) {
  const { currency } = atLeast;
  const unit = 10 ** minorDigits(currency);
  const [text, setText] = useState(() =>
    typedMoney(
      atLeast.amount_minor > 0
        ? { currency, amount_minor: Math.ceil(atLeast.amount_minor / unit) * unit }
        : { currency, amount_minor: (USUAL[1] ?? 0) * unit },
    ),
  );
  const typed = parseMoney(text, currency);
  const { top_up_min: least, top_up_max: most } = usePolicy();
  // The defaults of the policy are in rupees.
  const bounded = least.currency === currency;
  const fits =
    !bounded || !typed || (typed.amount_minor >= least.amount_minor && typed.amount_minor <= most.amount_minor);
  const amount = fits && typed && typed.amount_minor > 0 ? typed : null;
  const usual = USUAL.filter(
    (one) => one * unit >= atLeast.amount_minor && (!bounded || one * unit <= most.amount_minor),
  );
  const key = useKey();
  const start = useMutation({
    mutationFn: (amount: Money) => command('POST', '/wallet/top-ups', { body: { amount }, key: key.of(amount) }),
    onSuccess: (answer) => {
      // Coming back from the provider with the browser's button, the same amount is another top-up.
      key.done();
      rememberPayment({ payment: answer.payment_id, booking: null, ...(towards && { towards }) });
      leaveToPay(answer.checkout_url);
    },
    onError: (problem) => {
      key.failed(problem);
    },
  });
  const absent = start.error instanceof Problem && start.error.notOffered;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (amount) start.mutate(amount);
  };
  return (
    <form className="grid gap-3" onSubmit={submit}>
      <div className="flex flex-wrap gap-2">
        {usual.map((one) => {
          const value = { currency, amount_minor: one * unit };
          const same = amount?.amount_minor === value.amount_minor;
          return (
            <PillButton
              key={one}
              pressed={same}
              onClick={() => {
                setText(typedMoney(value));
              }}
            >
              {money(value)}
            </PillButton>
          );
        })}
      </div>
      <TextField
        label={t.wallet.amountIn(currency)}
        inputMode="decimal"
        required
        value={text}
        error={
          text !== '' && !typed
            ? t.wallet.noAmount
            : bounded && text !== '' && !amount
              ? t.wallet.between(money(least), money(most))
              : start.error instanceof Problem
                ? start.error.flaw('/amount/amount_minor')
                : undefined
        }
        onChange={(event) => {
          setText(event.target.value);
        }}
      />
      {absent ? (
        <Note tone="warn">{t.wallet.notOnline}</Note>
      ) : (
        !(start.error instanceof Problem && start.error.errors.length > 0) && <Refused error={start.error} />
      )}
      <Button look="gold" type="submit" busy={start.isPending} disabled={!amount || start.isPending}>
        {amount ? t.wallet.add(money(amount)) : t.wallet.addByCard}
      </Button>
    </form>
  );
}
