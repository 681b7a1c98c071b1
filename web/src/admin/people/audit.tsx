import { useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { listing, reading } from '../../api/queries';
import { SelectField, TextField } from '../../design/field';
import { when } from '../../design/format';
import { useSettled, useTitle } from '../../design/hooks';
import { useAddress } from '../../design/use-address';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Table, Title } from '../parts';
import { actionName, dayBounds, outcomeName } from './audit-words';

/** Who did what, from which network, with which outcome. The filters are in the address. */
export default function Audit() {
  useTitle(w.audit.title);
  const [params, set] = useAddress();
  const filters = Object.fromEntries(['actor', 'action', 'from', 'to'].map((name) => [name, params.get(name) ?? '']));
  const person = useSettled(filters.actor ?? '', 250).trim();
  // The log knows people by their id, readers by name and e-mail.
  const found = useQuery({ ...reading('/admin/accounts', { q: person, limit: 1 }), enabled: person !== '' });
  const account = person === '' ? undefined : found.data?.items[0];
  const unknown = person !== '' && found.data?.items.length === 0;
  const { from, to } = dayBounds(filters.from ?? '', filters.to ?? '');
  const entries = useInfiniteQuery({
    ...listing('/admin/audit', { actor: account?.user_id, action: filters.action, from, to, limit: 50 }),
    enabled: person === '' || account !== undefined,
  });
  return (
    <>
      <Title>{w.audit.title}</Title>
      <Card>
        <div className="mb-5 grid gap-3 sm:grid-cols-2 lg:grid-cols-4">
          <TextField
            label={w.audit.person}
            type="search"
            hint={account ? `${account.name}, ${account.email}` : w.audit.personHint}
            error={unknown ? w.audit.noAccount : undefined}
            value={filters.actor}
            onChange={({ target }) => {
              set({ actor: target.value });
            }}
          />
          <SelectField
            label={w.audit.what}
            value={filters.action}
            onChange={({ target }) => {
              set({ action: target.value });
            }}
          >
            <option value="">{w.audit.everything}</option>
            {Object.entries(w.audit.acts).map(([route, name]) => (
              <option key={route} value={route}>
                {name}
              </option>
            ))}
          </SelectField>
          <TextField
            label={w.audit.from}
            type="date"
            max={filters.to}
            value={filters.from}
            onChange={({ target }) => {
              set({ from: target.value });
            }}
          />
          <TextField
            label={w.audit.until}
            type="date"
            min={filters.from}
            value={filters.to}
            onChange={({ target }) => {
              set({ to: target.value });
            }}
          />
        </div>
        {!unknown && (
          <Answer of={entries}>
            {({ items }) => (
              <Table
                label={w.audit.title}
                rows={items}
                keyOf={(row) => row.audit_id}
                empty={w.audit.noMatch}
                columns={[
                  {
                    name: w.audit.columns.when,
                    cell: (row) => <span className="whitespace-nowrap">{when(row.at, 'stamp')}</span>,
                  },
                  {
                    name: w.audit.columns.who,
                    cell: (row) =>
                      row.actor ? (
                        <span>
                          {row.actor.name ?? w.audit.deleted}
                          <span className="block text-sm wrap-anywhere text-soft">{row.actor.email}</span>
                        </span>
                      ) : (
                        w.audit.signedOut
                      ),
                  },
                  {
                    name: w.audit.columns.what,
                    cell: (row) => <span title={row.target}>{actionName(row.action)}</span>,
                  },
                  { name: w.audit.columns.network, cell: (row) => row.network },
                  { name: w.audit.columns.outcome, cell: (row) => outcomeName(row.outcome) },
                ]}
              />
            )}
          </Answer>
        )}
        <More of={entries} />
      </Card>
    </>
  );
}
