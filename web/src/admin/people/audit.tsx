import { useInfiniteQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';

import { listing } from '../../api/queries';
import { SelectField, TextField } from '../../design/field';
import { when } from '../../design/format';
import { useSettled, useTitle } from '../../design/hooks';
import { Answer, Card, More, Table, Title } from '../parts';
import { actionName, dayBounds } from './audit-words';

const ACTIONS = [
  'sign-in',
  'sign-in-failed',
  'sign-out',
  'password-changed',
  'password-reset',
  'second-factor',
  'role-changed',
  'account-disabled',
  'account-enabled',
  'sessions-ended',
  'wallet-credited',
  'cancellation',
  'refund',
  'check-in',
  'holds-released',
  'refused',
];

/** Who did what, from which network, with which outcome. The filters are in the address. */
export default function Audit() {
  useTitle('Security log');
  const [params, setParams] = useSearchParams();
  const filters = Object.fromEntries(['actor', 'action', 'from', 'to'].map((name) => [name, params.get(name) ?? '']));
  const actor = useSettled(filters.actor ?? '', 250);
  const { from, to } = dayBounds(filters.from ?? '', filters.to ?? '');
  const entries = useInfiniteQuery(listing('/admin/audit', { actor, action: filters.action, from, to, limit: 50 }));
  const set = (name: string, value: string) => {
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  };
  return (
    <>
      <Title>Security log</Title>
      <Card>
        <div className="mb-5 grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
          <TextField
            label="Person"
            type="search"
            hint="Their e-mail address."
            value={filters.actor}
            onChange={({ target }) => {
              set('actor', target.value);
            }}
          />
          <SelectField
            label="What"
            value={filters.action}
            onChange={({ target }) => {
              set('action', target.value);
            }}
          >
            <option value="">Everything</option>
            {ACTIONS.map((one) => (
              <option key={one} value={one}>
                {actionName(one)}
              </option>
            ))}
          </SelectField>
          <TextField
            label="From"
            type="date"
            max={filters.to}
            value={filters.from}
            onChange={({ target }) => {
              set('from', target.value);
            }}
          />
          <TextField
            label="Until"
            type="date"
            min={filters.from}
            value={filters.to}
            onChange={({ target }) => {
              set('to', target.value);
            }}
          />
        </div>
        <Answer of={entries}>
          {({ items }) => (
            <Table
              label="Security log"
              rows={items.map((entry, index) => ({ ...entry, index }))}
              keyOf={(row) => `${row.time} ${String(row.index)}`}
              empty="No entries match"
              columns={[
                {
                  name: 'When',
                  cell: (row) => <span className="whitespace-nowrap">{when(row.time, 'stamp')}</span>,
                },
                {
                  name: 'Who',
                  cell: (row) =>
                    row.actor ? (
                      <span>
                        {row.actor.name}
                        <span className="block text-sm wrap-anywhere text-soft">{row.actor.email}</span>
                      </span>
                    ) : (
                      'Not signed in'
                    ),
                },
                {
                  name: 'What',
                  cell: (row) => (
                    <span>
                      {actionName(row.action)}
                      {row.target && <span className="block text-sm wrap-anywhere text-soft">{row.target}</span>}
                    </span>
                  ),
                },
                { name: 'Network', cell: (row) => row.network ?? '–' },
                { name: 'Outcome', cell: (row) => actionName(row.outcome) },
              ]}
            />
          )}
        </Answer>
        <More of={entries} />
      </Card>
    </>
  );
}
