import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { command } from '../../api/client';
import { listing, outdated } from '../../api/queries';
import type { AccountEntry, Role } from '../../api/types';
import { useUser } from '../../api/use-session';
import { Badge } from '../../design/badge';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { when } from '../../design/format';
import { useSettled, useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { Answer, Card, More, Sure, Table, Title } from '../parts';
import { AccessDialog } from './access-dialog';
import { CreditDialog } from './credit-dialog';

const ROLES: Record<Role, { name: string; may: string }> = {
  customer: { name: 'Customer', may: 'They can book, and nothing else.' },
  staff: { name: 'Staff', may: 'They can check tickets at the door and sell at the counter, at every venue.' },
  door: { name: 'Door', may: 'They can check tickets at the door.' },
  box_office: { name: 'Box office', may: 'They can sell at the counter and help customers with their bookings.' },
  accountant: { name: 'Accountant', may: 'They can see sales, payments and reconciliation.' },
  manager: { name: 'Manager', may: 'They can run venues: schedule, counter, door and sales.' },
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
  const [access, setAccess] = useState<AccountEntry | null>(null);
  const [change, setChange] = useState<{ account: AccountEntry; role: Role } | null>(null);
  const grant = useMutation({
    mutationFn: ({ account, role }: { account: AccountEntry; role: Role }) =>
      command('PUT', `/admin/accounts/${account.user_id}/role`, { body: { role } }),
    onSuccess: () => {
      setChange(null);
      say('The role is changed. The person has to sign in again.', 'good');
      return outdated('/admin/accounts');
    },
  });
  return (
    <>
      <Title
        actions={
          <Link className="link" to="/admin/audit">
            Security log
          </Link>
        }
      >
        People
      </Title>
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
              empty="No account matches"
              columns={[
                {
                  name: 'Name',
                  cell: (row) => (
                    <span>
                      <span className="font-semibold">{row.name}</span>{' '}
                      {row.disabled && <Badge tone="bad">Disabled</Badge>}
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
                    <span className="flex flex-wrap justify-end gap-2">
                      <Button
                        size="small"
                        onClick={() => {
                          setGift(row);
                        }}
                      >
                        Credit the wallet
                      </Button>
                      {row.user_id !== me?.user_id && (
                        <Button
                          size="small"
                          onClick={() => {
                            setAccess(row);
                          }}
                        >
                          Access
                        </Button>
                      )}
                    </span>
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
      {access && (
        <AccessDialog
          account={access}
          onClose={() => {
            setAccess(null);
          }}
        />
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
