import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated, reading } from '../../api/queries';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { ProgressBar } from '../../design/progress';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Sure, Table } from '../parts';
import { usePolling } from '../polling';
import { listName } from './names';
import { Technical } from './technical';

/** Between two looks, in milliseconds. */
const WATCH_MS = 1_500;

/** The read models, how far behind the log they are, and their rebuilding. */
export function Projections() {
  const every = usePolling();
  const [asked, setAsked] = useState<string | null>(null);
  const projections = useQuery({ ...reading('/admin/projections'), refetchInterval: every(WATCH_MS) });
  const key = useKey();
  const rebuild = useMutation({
    mutationFn: (name: string) =>
      key.run(name, (text) => command('POST', `/admin/projections/${encodeURIComponent(name)}/rebuild`, { key: text })),
    onSuccess: () => {
      setAsked(null);
      say(w.system.begun, 'good');
      return outdated('/admin/projections');
    },
  });
  return (
    <Card title={w.system.lists}>
      {asked !== null && (
        <Sure
          title={w.system.sureRebuild(listName(asked))}
          verb={w.system.rebuild}
          act={{
            ...rebuild,
            mutate: () => {
              rebuild.mutate(asked);
            },
          }}
          onClose={() => {
            setAsked(null);
          }}
        >
          {w.system.whyRebuild}
        </Sure>
      )}
      <Answer of={projections}>
        {({ items }) => (
          <Table
            label={w.system.lists}
            rows={items}
            keyOf={(row) => row.name}
            columns={[
              {
                name: w.system.columns.name,
                cell: (row) => <span className="font-semibold">{listName(row.name)}</span>,
              },
              {
                name: w.system.columns.state,
                cell: ({ name, state, position, halted }) => (
                  <div>
                    <Status of={state} />
                    <Technical value={{ name, position, halted }} />
                  </div>
                ),
              },
              {
                name: w.system.columns.behind,
                right: true,
                cell: (row) => (typeof row.lag === 'number' ? w.system.changes(row.lag) : '–'),
              },
              {
                name: w.system.columns.rebuild,
                cell: (row) =>
                  row.rebuild ? (
                    <Progress done={row.rebuild.position} total={row.rebuild.target ?? row.position} />
                  ) : (
                    <Button
                      size="small"
                      aria-label={w.house.of(w.system.rebuild, listName(row.name))}
                      busy={rebuild.isPending && rebuild.variables === row.name}
                      onClick={() => {
                        rebuild.reset();
                        setAsked(row.name);
                      }}
                    >
                      {w.system.rebuild}
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}

function Progress({ done, total }: { done: number; total: number }) {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  return (
    <div className="min-w-40">
      <p className="numbers text-sm">{w.system.progress(Math.round(share * 100))}</p>
      <ProgressBar thin label={w.system.rebuild} done={done} total={total} />
    </div>
  );
}
