import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { Link, useSearchParams } from 'react-router';

import { get } from '../../api/client';
import { Problem } from '../../api/problem';
import { reading } from '../../api/queries';
import type { History, PastEvent } from '../../api/types';
import { Button, ButtonLink } from '../../design/button';
import { SelectField, TextField } from '../../design/field';
import { when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Empty } from '../../design/notices';
import { oneOf } from '../../design/use-address';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Title } from '../parts';
import { circumstances, happened } from './happened';
import { Technical } from './technical';

const AGGREGATES = [
  'booking',
  'screening',
  'payment',
  'show',
  'venue',
  'screen',
  'wallet',
  'account',
  'till',
  'promotion',
  'invoices',
] as const;

/** Every event of anything, and what it was at any moment. */
export default function HistoryPage() {
  useTitle(w.history.title);
  const [params, setParams] = useSearchParams();
  const aggregate: string = oneOf(AGGREGATES, params.get('aggregate')) || 'booking';
  const id = params.get('id') ?? '';
  const until = params.get('until') ?? '';
  const [entered, setEntered] = useState({ aggregate, id });
  // A link to something else is followed without leaving the page.
  const [shown, setShown] = useState({ aggregate, id });
  if (shown.aggregate !== aggregate || shown.id !== id) {
    setShown({ aggregate, id });
    setEntered({ aggregate, id });
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setParams({ aggregate: entered.aggregate, id: entered.id.trim() });
  };
  return (
    <>
      <Title
        actions={
          aggregate === 'screening' && id ? (
            <ButtonLink to={`/admin/time-travel/${id}`}>{w.history.seatMap}</ButtonLink>
          ) : undefined
        }
      >
        {w.history.title}
      </Title>
      <Card>
        <form className="grid items-end gap-3 sm:grid-cols-[12rem_minmax(0,1fr)_auto]" onSubmit={submit}>
          <SelectField
            label={w.history.of}
            value={entered.aggregate}
            onChange={(event) => {
              setEntered({ ...entered, aggregate: event.target.value });
            }}
          >
            {AGGREGATES.map((one) => (
              <option key={one} value={one}>
                {w.aggregates[one]}
              </option>
            ))}
          </SelectField>
          <TextField
            label={w.history.number}
            required
            placeholder="01990c2e-…"
            value={entered.id}
            onChange={(event) => {
              setEntered({ ...entered, id: event.target.value });
            }}
          />
          <Button type="submit" look="gold" className="!min-h-12">
            {w.history.show}
          </Button>
        </form>
      </Card>
      <div className="mt-6">
        {id ? (
          <HistoryEntry
            aggregate={aggregate}
            id={id}
            until={until}
            onUntil={(next) => {
              setParams(next ? { aggregate, id, until: next } : { aggregate, id }, { replace: true });
            }}
          />
        ) : (
          <Empty title={w.history.paste}>{w.history.pasteWhy}</Empty>
        )}
      </div>
    </>
  );
}

function HistoryEntry({
  aggregate,
  id,
  until,
  onUntil,
}: {
  aggregate: string;
  id: string;
  until: string;
  onUntil: (until: string | null) => void;
}) {
  const path = `/admin/history/${aggregate}/${encodeURIComponent(id)}` as const;
  const events = useInfiniteQuery<History, Problem, { items: PastEvent[] }, readonly unknown[], string | null>({
    queryKey: [path, 'events'],
    queryFn: ({ pageParam, signal }) => get(path, { query: { cursor: pageParam, state: false }, signal }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next_cursor ?? null,
    select: (data) => ({ items: data.pages.flatMap((page) => page.events) }),
    retry: 1,
  });
  const state = useQuery({
    ...reading(path, { until, limit: 1 }),
    retry: 1,
    placeholderData: (before) => before,
  });
  const chosenAt = events.data?.items.find((event) => String(event.position) === until)?.time;
  return (
    <Answer of={events}>
      {({ items }) => (
        <div className="grid items-start gap-6 lg:grid-cols-2">
          <Card
            title={events.hasNextPage ? w.history.atLeast(items.length) : w.history.events(items.length)}
            actions={
              until && (
                <Button
                  size="small"
                  onClick={() => {
                    onUntil(null);
                  }}
                >
                  {w.history.now}
                </Button>
              )
            }
          >
            <ol className="grid gap-2">
              {items.map((event) => {
                const chosen = until === String(event.position);
                return (
                  <li key={event.version}>
                    <button
                      type="button"
                      aria-pressed={chosen}
                      onClick={() => {
                        onUntil(String(event.position));
                      }}
                      className={[
                        'w-full rounded-2xl border px-4 py-3 text-left transition-colors hover:border-ink',
                        chosen ? 'border-ink bg-sunk' : 'border-line',
                      ].join(' ')}
                    >
                      <span className="flex flex-wrap items-baseline justify-between gap-x-4">
                        <span className="font-semibold">{happened(aggregate, event.type)}</span>
                        <span className="numbers text-sm text-soft">{when(event.time, 'stamp')}</span>
                      </span>
                      <span className="block text-sm text-soft">{circumstances(event)}</span>
                    </button>
                    {chosen && <Technical value={event} />}
                  </li>
                );
              })}
            </ol>
            {events.hasNextPage && (
              <div className="mt-4 text-center">
                <Button busy={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
                  {w.history.more}
                </Button>
              </div>
            )}
          </Card>
          <div className="lg:sticky lg:top-20">
            <Card title={stateTitle(until, chosenAt)}>
              <Answer of={state}>{({ state: was }) => <Technical value={was} />}</Answer>
            </Card>
            <p className="mt-3 px-2 text-sm text-soft">
              {w.history.choose}{' '}
              <Link className="link" to="/admin/system">
                {w.history.system}
              </Link>
            </p>
          </div>
        </div>
      )}
    </Answer>
  );
}

function stateTitle(until: string, chosenAt: string | undefined): string {
  if (!until) return w.history.now;
  return chosenAt === undefined ? w.history.then : w.history.at(when(chosenAt, 'stamp'));
}
