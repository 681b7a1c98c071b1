import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useMemo, useState, type FormEvent } from 'react';

import { command, newKey } from '../api/client';
import { listing, outdated } from '../api/queries';
import type { AccountEntry, Role } from '../api/types';
import { useUser } from '../api/use-session';
import { Button } from '../design/button';
import { Dialog } from '../design/dialog';
import { TextField } from '../design/field';
import { money, parseMoney, when } from '../design/format';
import { useSettled, useTitle } from '../design/hooks';
import { Refused } from '../design/notices';
import { say } from '../design/toast';
import { Answer, Card, Table, Title } from './parts';

const CURRENCY = 'INR';

export default function People() {
  useTitle('People');
  const me = useUser();
  const [text, setText] = useState('');
  const q = useSettled(text, 250);
  const accounts = useInfiniteQuery(listing<AccountEntry>('/admin/accounts', { q, limit: 50 }));
  const [gift, setGift] = useState<AccountEntry | null>(null);
  const grant = useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }) => command('PUT', `/admin/accounts/${id}/role`, { body: { role } }),
    onSuccess: () => {
      say('The role takes effect within ten minutes.', 'good');
      return outdated('/admin/accounts');
    },
    onError: (problem) => { say(problem.message, 'bad'); },
  });
  return (
    <>
      <Title>People</Title>
      <Card>
        <div className="mb-5 max-w-md"><TextField label="Find by name or e-mail" type="search" value={text} onChange={(event) => { setText(event.target.value); }} /></div>
        <Answer of={accounts}>
          {({ items }) => (
            <Table
              label="Accounts"
              rows={items}
              keyOf={(row) => row.user_id}
              empty="Nobody of that name"
              columns={[
                { name: 'Name', cell: (row) => <span><span className="font-semibold">{row.name}</span><span className="block text-sm text-soft">{row.email}</span></span> },
                { name: 'City', cell: (row) => row.city ?? '–' },
                { name: 'Since', cell: (row) => <span className="whitespace-nowrap">{when(row.created_at, 'date')}</span> },
                {
                  name: 'Role',
                  cell: (row) => (
                    <select aria-label={`Role of ${row.name}`} className="h-10 rounded-full border border-line-strong bg-card px-3 disabled:bg-sunk" value={row.role} disabled={row.user_id === me?.user_id || grant.isPending} onChange={(event) => { grant.mutate({ id: row.user_id, role: event.target.value as Role }); }}>
                      <option value="customer">Customer</option>
                      <option value="staff">Staff</option>
                      <option value="admin">Administrator</option>
                    </select>
                  ),
                },
                { name: '', right: true, cell: (row) => <Button size="small" onClick={() => { setGift(row); }}>Credit the wallet</Button> },
              ]}
            />
          )}
        </Answer>
        {accounts.hasNextPage && <div className="mt-5 text-center"><Button busy={accounts.isFetchingNextPage} onClick={() => void accounts.fetchNextPage()}>More</Button></div>}
      </Card>
      {gift && <CreditDialog account={gift} onClose={() => { setGift(null); }} />}
    </>
  );
}

function CreditDialog({ account, onClose }: { account: AccountEntry; onClose: () => void }) {
  const [text, setText] = useState('');
  const [reason, setReason] = useState('');
  const amount = parseMoney(text, CURRENCY);
  // The same sum for the same reason is the same credit, however often the button is pressed.
  const key = useMemo(() => ({ text, reason, key: newKey() }), [text, reason]);
  const give = useMutation({
    mutationFn: () => command('POST', `/admin/wallets/${account.user_id}/credits`, { body: { amount, reason }, key: key.key }),
    onSuccess: () => {
      say(`${amount ? money(amount) : ''} credited to ${account.name}.`, 'good');
      onClose();
    },
  });
  const submit = (event: FormEvent) => { event.preventDefault(); give.mutate(); };
  return (
    <Dialog title={`Credit ${account.name}`} onClose={onClose}>
      <form className="grid gap-4" onSubmit={submit}>
        <TextField label={`Amount in ${CURRENCY}`} inputMode="decimal" required autoFocus value={text} error={text && !amount ? 'Please write an amount, such as 250.' : undefined} onChange={(event) => { setText(event.target.value); }} />
        <TextField label="Reason" required maxLength={200} hint="The customer reads it." value={reason} onChange={(event) => { setReason(event.target.value); }} />
        <Refused error={give.error} />
        <Button look="gold" type="submit" busy={give.isPending} disabled={!amount || !reason || give.isPending}>Credit</Button>
      </form>
    </Dialog>
  );
}
