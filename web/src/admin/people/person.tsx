import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { reading } from '../../api/queries';
import { useUser } from '../../api/session/use-session';
import { Badge, Status } from '../../design/badge';
import { Button } from '../../design/button';
import { money, number, when } from '../../design/format';
import { seatList, seatRanges } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { useTitle } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { ADMIN, isAllowed } from '../access';
import { NoteList } from '../desk/notes';
import { Answer, Card, Figure, Table, Title } from '../parts';
import { Start } from '../start';
import { mailKind } from '../system/mail-kinds';
import { AccessDialog } from './access-dialog';
import { CreditDialog } from './credit-dialog';

/** The API has the newest entries of each list, up to this many. */
const LISTED_MAX = 100;

function isCut(list: readonly unknown[]): boolean {
  return list.length >= LISTED_MAX;
}

/** Says that a list has only its newest entries, and where the others are. */
function Cut({ list, to, all }: { list: readonly unknown[]; to?: string; all?: string }) {
  if (!isCut(list)) return null;
  return (
    <p className="mt-4 text-soft">
      {w.person.newest(number(LISTED_MAX))}{' '}
      {to && (
        <Link className="link" to={to}>
          {all}
        </Link>
      )}
    </p>
  );
}

/** A person: bookings, money, mails and notes on one page, for those who answer the phone. */
export default function Person() {
  const { id = '' } = useParams();
  const person = useQuery({ ...reading(`/admin/accounts/${id}`), retry: 1 });
  const role = useUser()?.role;
  const [dialog, setDialog] = useState<'credit' | 'access' | null>(null);
  useTitle(person.data?.account.name ?? w.person.page);
  return (
    <Answer of={person}>
      {(one) => {
        const { account, bookings, notes, mails, wallet } = one;
        return (
          <>
            <Title
              actions={
                isAllowed(role, ADMIN) && (
                  <>
                    <Button
                      onClick={() => {
                        setDialog('credit');
                      }}
                    >
                      {w.people.credit}
                    </Button>
                    <Button
                      onClick={() => {
                        setDialog('access');
                      }}
                    >
                      {w.people.access}
                    </Button>
                  </>
                )
              }
            >
              {account.name}
            </Title>
            <p className="-mt-4 mb-6 flex flex-wrap items-center gap-x-3 gap-y-1 text-soft">
              <a className="link wrap-anywhere" href={`mailto:${account.email}`}>
                {account.email}
              </a>
              {account.city && <span>{account.city}</span>}
              {account.created_at && <span>{w.person.since(when(account.created_at, 'date'))}</span>}
              {account.disabled && <Badge tone="bad">{w.people.disabled}</Badge>}
            </p>
            <div className="grid gap-5">
              <div className="grid gap-4 xs:grid-cols-2 lg:grid-cols-3">
                <Figure label={w.person.wallet}>{money(wallet.balance)}</Figure>
                <Figure label={w.person.bookings}>
                  {number(bookings.length)}
                  {isCut(bookings) && '+'}
                </Figure>
              </div>
              <Card title={w.person.bookings}>
                <Table
                  label={w.person.bookings}
                  rows={bookings}
                  keyOf={(row) => row.booking_id}
                  empty={w.person.noBookings}
                  columns={[
                    {
                      name: w.person.columns.number,
                      cell: (row) => (
                        <Link className="link numbers" to={`/admin/desk/${row.booking_id}?venue=${row.venue.venue_id}`}>
                          {row.reference}
                        </Link>
                      ),
                    },
                    {
                      name: w.person.columns.show,
                      cell: (row) => (
                        <span>
                          <span className="font-semibold">{row.show.title}</span>
                          <span className="block text-sm text-soft">
                            <Start of={row} among={bookings} />, {row.venue.name}
                          </span>
                        </span>
                      ),
                    },
                    {
                      name: w.person.columns.seats,
                      cell: ({ seats }) =>
                        seatRanges(seats).length > 4 ? t.count.seats(seats.length) : seatList(seats),
                    },
                    { name: w.person.columns.amount, right: true, cell: (row) => money(row.amount) },
                    { name: w.person.columns.status, cell: (row) => <Status of={row.status} /> },
                  ]}
                />
                <Cut
                  list={bookings}
                  to={`/admin/desk?${new URLSearchParams({ q: account.email }).toString()}`}
                  all={w.person.allBookings}
                />
              </Card>
              <Card title={w.person.wallet}>
                <Table
                  label={w.person.wallet}
                  rows={wallet.entries}
                  keyOf={({ kind, created_at, balance_after }) =>
                    `${created_at} ${kind} ${String(balance_after.amount_minor)}`
                  }
                  empty={w.person.noEntries}
                  columns={[
                    { name: w.person.columns.when, cell: (row) => when(row.created_at, 'full') },
                    {
                      name: w.person.columns.what,
                      cell: (row) => (
                        <span>
                          <span className="font-semibold">{t.wallet.kinds[row.kind]}</span>
                          {row.reason && <span className="block text-sm text-soft">{row.reason}</span>}
                        </span>
                      ),
                    },
                    {
                      name: w.person.columns.booking,
                      cell: (row) =>
                        row.booking_id && (
                          <Link className="link" to={`/admin/desk/${row.booking_id}`}>
                            {bookings.find((one) => one.booking_id === row.booking_id)?.reference ?? w.person.booking}
                          </Link>
                        ),
                    },
                    { name: w.person.columns.amount, right: true, cell: (row) => money(row.amount) },
                    { name: w.person.columns.balance, right: true, cell: (row) => money(row.balance_after) },
                  ]}
                />
                <Cut list={wallet.entries} />
              </Card>
              {notes.length > 0 && (
                <Card title={w.person.notes}>
                  <NoteList notes={notes} />
                  <Cut list={notes} />
                </Card>
              )}
              <Card title={w.person.mails}>
                <Table
                  label={w.person.mails}
                  rows={mails}
                  keyOf={(row) => row.mail_id}
                  empty={w.person.noMails}
                  columns={[
                    { name: w.person.columns.when, cell: (row) => when(row.wanted_at, 'full') },
                    {
                      name: w.person.columns.what,
                      cell: (row) => <span className="font-semibold">{mailKind(row.kind)}</span>,
                    },
                    { name: w.person.columns.status, cell: (row) => <Status of={row.state} /> },
                  ]}
                />
                <Cut
                  list={mails}
                  to={`/admin/mails?${new URLSearchParams({ to: account.email }).toString()}`}
                  all={w.person.allMails}
                />
              </Card>
            </div>
            {dialog === 'credit' && (
              <CreditDialog
                account={account}
                onClose={() => {
                  setDialog(null);
                }}
              />
            )}
            {dialog === 'access' && (
              <AccessDialog
                account={account}
                onClose={() => {
                  setDialog(null);
                }}
              />
            )}
          </>
        );
      }}
    </Answer>
  );
}
