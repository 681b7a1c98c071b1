import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { listing } from '../../api/queries';
import type { AccountEntry } from '../../api/types';
import { cityName } from '../../catalogue/names';
import { useUser } from '../../api/session/use-session';
import { Badge } from '../../design/badge';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { when } from '../../design/format';
import { useSettled, useTitle } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Table, Title } from '../parts';
import { AccessDialog } from './access-dialog';
import { CreditDialog } from './credit-dialog';
import { RoleDialog } from './role-dialog';
import { roleName } from './roles';

export default function People() {
  useTitle(w.people.title);
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
            {w.people.security}
          </Link>
        }
      >
        {w.people.title}
      </Title>
      <Card>
        <div className="mb-5 max-w-md">
          <TextField
            label={w.people.find}
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
              label={w.people.accounts}
              rows={items}
              keyOf={(row) => row.user_id}
              empty={w.people.noMatch}
              columns={[
                {
                  name: w.people.columns.name,
                  cell: (row) => (
                    <span>
                      <Link className="font-semibold hover:underline" to={`/admin/people/${row.user_id}`}>
                        {row.name}
                      </Link>{' '}
                      {row.disabled && <Badge tone="bad">{w.people.disabled}</Badge>}
                      <span className="block text-sm wrap-anywhere text-soft">{row.email}</span>
                    </span>
                  ),
                },
                { name: w.people.columns.city, cell: (row) => (row.city ? cityName(row.city) : '–') },
                {
                  name: w.people.columns.since,
                  cell: (row) => <span className="whitespace-nowrap">{when(row.created_at, 'date')}</span>,
                },
                {
                  name: w.people.columns.role,
                  cell: (row) => (
                    <Button
                      size="small"
                      aria-label={w.people.roleOf(row.name, roleName(row.role))}
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
                        aria-label={w.house.of(w.people.credit, row.name)}
                        onClick={() => {
                          setGift(row);
                        }}
                      >
                        {w.people.credit}
                      </Button>
                      {row.user_id !== me?.user_id && (
                        <Button
                          size="small"
                          aria-label={w.house.of(w.people.access, row.name)}
                          onClick={() => {
                            setAccess(row);
                          }}
                        >
                          {w.people.access}
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
