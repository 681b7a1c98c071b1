import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { listing } from '../../api/queries';
import type { AccountEntry } from '../../api/types';
import { useUser } from '../../api/session/use-session';
import { Badge } from '../../design/badge';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { when } from '../../design/format';
import { useSettled, useTitle } from '../../design/hooks';
import { Answer, Card, More, Table, Title } from '../parts';
import { AccessDialog } from './access-dialog';
import { CreditDialog } from './credit-dialog';
import { RoleDialog } from './role-dialog';
import { roleName } from './roles';

export default function People() {
  useTitle('People');
  const me = useUser();
  const [text, setText] = useState('');
  const q = useSettled(text, 250);
  const accounts = useInfiniteQuery(listing('/admin/accounts', { q, limit: 50 }));
  const [gift, setGift] = useState<AccountEntry | null>(null);
  const [access, setAccess] = useState<AccountEntry | null>(null);
  const [change, setChange] = useState<AccountEntry | null>(null);
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
                      <Link className="font-semibold hover:underline" to={`/admin/people/${row.user_id}`}>
                        {row.name}
                      </Link>{' '}
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
                    <Button
                      size="small"
                      aria-label={`Role of ${row.name}: ${roleName(row.role)}`}
                      disabled={row.user_id === me?.user_id}
                      onClick={() => {
                        setChange(row);
                      }}
                    >
                      {roleName(row.role)}
                    </Button>
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
        <RoleDialog
          account={change}
          onClose={() => {
            setChange(null);
          }}
        />
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
