import { useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { listing, outdated } from '../../api/queries';
import type { ParkedEntry } from '../../api/types';
import { Button } from '../../design/button';
import { when } from '../../design/format';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Sure, Table } from '../parts';
import { usePolling } from '../polling';
import { aggregateName, processName } from './names';
import { Technical } from './technical';

/** Messages that could not be processed, to retry or to drop. */
export function Parked() {
  const every = usePolling();
  const parked = useInfiniteQuery({ ...listing('/admin/parked', { limit: 100 }), refetchInterval: every(5_000) });
  const [dropping, setDropping] = useState<ParkedEntry | null>(null);
  const key = useKey();
  const act = useMutation({
    mutationFn: ({ id, way }: { id: string; way: 'retry' | 'drop' }) =>
      way === 'retry'
        ? key.run(id, (text) => command('POST', `/admin/parked/${encodeURIComponent(id)}/retry`, { key: text }))
        : command('DELETE', `/admin/parked/${encodeURIComponent(id)}`),
    onSuccess: () => {
      setDropping(null);
      return outdated('/admin/parked');
    },
    // The question about dropping says itself what went wrong.
    onError: (problem, { way }) => {
      if (way === 'retry') say(problem.message, 'bad');
    },
  });
  return (
    <Card title={w.system.parked}>
      <Answer of={parked}>
        {({ items }) => (
          <Table
            label={w.system.parked}
            rows={items}
            keyOf={(row) => row.parked_id}
            empty={w.system.noParked}
            columns={[
              {
                name: w.system.columns.since,
                cell: (row) => <span className="whitespace-nowrap">{when(row.parked_at, 'full')}</span>,
              },
              {
                name: w.system.columns.process,
                cell: (row) => <span className="font-semibold">{processName(row.consumer)}</span>,
              },
              {
                name: w.system.columns.about,
                cell: (row) => (
                  <Link
                    className="link"
                    to={
                      `/admin/history?aggregate=${row.aggregate}&id=${row.aggregate_id}` +
                      `&until=${String(row.position)}`
                    }
                  >
                    {aggregateName(row.aggregate)}
                  </Link>
                ),
              },
              {
                name: w.system.columns.why,
                cell: ({ error, consumer, position, parked_id }) => (
                  <Technical value={{ error, consumer, position, parked_id }} />
                ),
              },
              { name: w.system.columns.tries, right: true, cell: (row) => row.attempts },
              {
                name: '',
                right: true,
                cell: (row) => (
                  <span className="flex gap-2 sm:justify-end">
                    <Button
                      size="small"
                      aria-label={w.house.of(w.system.again, nameOf(row))}
                      busy={act.isPending && act.variables.id === row.parked_id}
                      onClick={() => {
                        act.mutate({ id: row.parked_id, way: 'retry' });
                      }}
                    >
                      {w.system.again}
                    </Button>
                    <Button
                      size="small"
                      look="danger"
                      aria-label={w.house.of(w.system.drop, nameOf(row))}
                      onClick={() => {
                        act.reset();
                        setDropping(row);
                      }}
                    >
                      {w.system.drop}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
      <More of={parked} />
      {dropping && (
        <Sure
          title={w.system.sureDrop}
          verb={w.system.dropIt}
          act={{
            ...act,
            mutate: () => {
              act.mutate({ id: dropping.parked_id, way: 'drop' });
            },
          }}
          onClose={() => {
            setDropping(null);
          }}
        >
          {w.system.whyDrop(processName(dropping.consumer))}
        </Sure>
      )}
    </Card>
  );
}

/** A message as it is read out. */
function nameOf({ consumer, aggregate, parked_at }: ParkedEntry): string {
  return `${processName(consumer)}, ${aggregateName(aggregate)}, ${when(parked_at, 'full')}`;
}
