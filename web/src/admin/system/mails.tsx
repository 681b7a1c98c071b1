import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { Search, X } from 'lucide-react';
import { useState, type FormEvent } from 'react';
import { Link, useSearchParams } from 'react-router';

import { command } from '../../api/client';
import { listing, outdated } from '../../api/queries';
import { idIn } from '../../api/keys/ids';
import { useKey } from '../../api/keys/use-key';
import type { SentMail } from '../../api/types';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { mailKind } from './mail-kinds';
import { Answer, Card, More, Table, Title } from '../parts';

/** While a mail waits or is being sent, the list is asked for this often, in milliseconds. */
const WATCH_MS = 2_000;

const isUnderWay = (mail: SentMail) => mail.state === 'wanted' || mail.state === 'sending';

/** The log of mails with their outcome, and resending. */
export default function MailsPage() {
  useTitle(w.mails.title);
  const [params, setParams] = useSearchParams();
  const to = params.get('to') ?? '';
  const booking = idIn(params.get('booking')) ?? '';
  const [text, setText] = useState(to);
  // A link to other mails is followed without leaving the page.
  const [shown, setShown] = useState(to);
  if (shown !== to) {
    setShown(to);
    setText(to);
  }
  const mails = useInfiniteQuery({
    ...listing('/admin/mails', { to, booking_id: booking }),
    retry: 1,
    refetchInterval: ({ state }) => (state.data?.pages.some(({ items }) => items.some(isUnderWay)) ? WATCH_MS : false),
  });
  const key = useKey();
  const resend = useMutation({
    mutationFn: (id: string) => key.run(id, (text) => command('POST', `/admin/mails/${id}/resend`, { key: text })),
    onSuccess: () => {
      say(w.mails.resent, 'good');
      return outdated('/admin/mails');
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setParams(text.trim() ? { to: text.trim() } : {});
  };
  const action = (mail: SentMail) =>
    !isUnderWay(mail) && (
      <Button
        size="small"
        busy={resend.isPending && resend.variables === mail.mail_id}
        disabled={resend.isPending}
        aria-label={w.house.of(w.mails.again, [mailKind(mail.kind), mail.to].filter(Boolean).join(', '))}
        onClick={() => {
          resend.mutate(mail.mail_id);
        }}
      >
        {w.mails.again}
      </Button>
    );
  return (
    <>
      <Title>{w.mails.title}</Title>
      <Card>
        <form className="mb-5 flex flex-wrap items-end gap-3" onSubmit={submit}>
          <div className="min-w-0 grow sm:max-w-sm">
            <TextField
              label={w.mails.to}
              type="email"
              placeholder="ada@example.com"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
              }}
            />
          </div>
          <Button type="submit" className="!min-h-12">
            <Search size={17} aria-hidden /> {w.mails.find}
          </Button>
          {(to || booking) && (
            <Button
              look="quiet"
              className="!min-h-12"
              onClick={() => {
                setText('');
                setParams({});
              }}
            >
              <X size={17} aria-hidden /> {booking ? w.mails.ofAll : w.mails.all}
            </Button>
          )}
        </form>
        <Answer of={mails}>
          {({ items }) => (
            <Table
              label={w.mails.title}
              rows={items}
              keyOf={(row) => row.mail_id}
              empty={to ? w.mails.noneTo(to) : booking ? w.mails.noneAbout : w.mails.none}
              columns={[
                {
                  name: w.mails.columns.when,
                  cell: (row) => <span className="whitespace-nowrap">{when(row.wanted_at, 'full')}</span>,
                },
                {
                  name: w.mails.columns.what,
                  cell: (row) => (
                    <span>
                      <span className="font-semibold">{mailKind(row.kind)}</span>
                      {row.repeats && <span className="block text-sm text-soft">{w.mails.repeated}</span>}
                    </span>
                  ),
                },
                {
                  name: w.mails.columns.to,
                  cell: (row) =>
                    row.to ? (
                      <span className="wrap-anywhere">{row.to}</span>
                    ) : (
                      <span className="text-soft">{w.mails.notYet}</span>
                    ),
                },
                {
                  name: w.mails.columns.about,
                  cell: (row) =>
                    row.booking_id && (
                      <Link className="link whitespace-nowrap" to={`/admin/desk/${row.booking_id}`}>
                        {w.mails.booking}
                      </Link>
                    ),
                },
                {
                  name: w.mails.columns.state,
                  cell: (row) => (
                    <span className="grid justify-items-start gap-1 max-sm:justify-items-end">
                      <Status of={row.state} />
                      {row.error && <span className="max-w-80 text-sm text-bad">{row.error}</span>}
                    </span>
                  ),
                },
                { name: '', right: true, cell: action },
              ]}
            />
          )}
        </Answer>
        <More of={mails} />
      </Card>
    </>
  );
}
