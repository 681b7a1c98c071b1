import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';

import { command, newKey } from '../../api/client';
import { usePolicy } from '../../api/policy';
import { listing, outdated } from '../../api/queries';
import type { AccountEntry, Money, Role } from '../../api/types';
import { useUser } from '../../api/use-session';
import { Button } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { TextField } from '../../design/field';
import { money, parseMoney, when } from '../../design/format';
import { useSettled, useTitle } from '../../design/hooks';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { Answer, Card, More, Sure, Table, Title } from '../parts';

const ROLES: Record<Role, { name: string; may: string }> = {
  customer: { name: 'Customer', may: 'They can book, and nothing else.' },
  staff: { name: 'Staff', may: 'They can check tickets at the door.' },
  admin: {
    name: 'Administrator',
    may: 'They can do everything that you can: cancel shows, see all payments, and change your role, too.',
  },
};

export default function People() {
  useTitle('People');
  const me = useUser();
  const [text, setText] = useState('');
  const q = useSettled(text, 250);
  const accounts = useInfiniteQuery(listing('/admin/accounts', { q, limit: 50 }));
  const [gift, setGift] = useState<AccountEntry | null>(null);
  const [change, setChange] = useState<{ account: AccountEntry; role: Role } | null>(null);
  const grant = useMutation({
    mutationFn: ({ account, role }: { account: AccountEntry; role: Role }) =>
      command('PUT', `/admin/accounts/${account.user_id}/role`, { body: { role } }),
    onSuccess: () => {
      setChange(null);
      say('The role takes effect within ten minutes.', 'good');
      return outdated('/admin/accounts');
    },
  });
  return (
    <>
      <Title>People</Title>
      <Card>
        <div className="mb-5 max-w-md">
          <TextField
            label="Find by name or e-mail"
            type="search"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
        </div>
        <Answer of={accounts}>
          {({ items }) => (
            <Table
              label="Accounts"
              rows={items}
              keyOf={(row) => row.user_id}
              empty="Nobody of that name"
              columns={[
                {
                  name: 'Name',
                  cell: (row) => (
                    <span>
                      <span className="font-semibold">{row.name}</span>
                      <span className="block text-sm wrap-anywhere text-soft">{row.email}</span>
                    </span>
                  ),
                },
                { name: 'City', cell: (row) => row.city ?? '–' },
                {
                  name: 'Since',
                  cell: (row) => <span className="whitespace-nowrap">{when(row.created_at, 'date')}</span>,
                },
                {
                  name: 'Role',
                  cell: (row) => (
                    <select
                      aria-label={`Role of ${row.name}`}
                      className="h-10 rounded-full border border-line-strong bg-card px-3 disabled:bg-sunk"
                      value={row.role}
                      disabled={row.user_id === me?.user_id}
                      onChange={(event) => {
                        grant.reset();
                        setChange({ account: row, role: event.target.value as Role });
                      }}
                    >
                      {Object.entries(ROLES).map(([role, { name }]) => (
                        <option key={role} value={role}>
                          {name}
                        </option>
                      ))}
                    </select>
                  ),
                },
                {
                  name: '',
                  right: true,
                  cell: (row) => (
                    <Button
                      size="small"
                      onClick={() => {
                        setGift(row);
                      }}
                    >
                      Credit the wallet
                    </Button>
                  ),
                },
              ]}
            />
          )}
        </Answer>
        <More of={accounts} />
      </Card>
      {change && (
        <Sure
          title={`${ROLES[change.role].name}: ${change.account.name}?`}
          verb="Change the role"
          act={{
            ...grant,
            mutate: () => {
              grant.mutate(change);
            },
          }}
          onClose={() => {
            setChange(null);
          }}
        >
          {ROLES[change.role].may}
        </Sure>
      )}
      {gift && (
        <CreditDialog
          account={gift}
          onClose={() => {
            setGift(null);
          }}
        />
      )}
    </>
  );
}

function CreditDialog({ account, onClose }: { account: AccountEntry; onClose: () => void }) {
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const currency = usePolicy().currency.code;
  const amount = parseMoney(text, currency);
  // The same sum for the same reason is the same credit, however often the button is pressed.
  const key = useMemo(() => ({ text, reason, key: newKey() }), [text, reason]);
  const give = useMutation({
    mutationFn: (amount: Money) =>
      command('POST', `/admin/wallets/${account.user_id}/credits`, { body: { amount, reason }, key: key.key }),
    onSuccess: (_, amount) => {
      say(`${money(amount)} credited to ${account.name}.`, 'good');
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
