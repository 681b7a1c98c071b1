import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated, reading } from '../../api/queries';
import type { ParkedEntry } from '../../api/types';
import { Status } from '../../design/badge';
import { Button } from '../../design/button';
import { when, number } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Sure, Table, Title } from '../parts';
import { usePolling } from '../polling';
import { aggregateName } from './aggregates';

/** Between two looks, in milliseconds. */
const WATCH_MS = 1_500;

export default function SystemPage() {
  useTitle(w.system.title);
  return (
    <>
      <Title
        actions={
          <a href="/api/v1/docs" className="link font-semibold">
            {w.system.reference}
          </a>
        }
      >
        {w.system.title}
      </Title>
      <div className="grid gap-6">
        <Projections />
        <Storage />
        <Parked />
      </div>
    </>
  );
}

function Projections() {
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
          title={w.system.sureRebuild(asked)}
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
              { name: w.system.columns.name, cell: (row) => <span className="font-semibold">{row.name}</span> },
              {
                name: w.system.columns.state,
                cell: (row) => (
                  <span>
                    <Status of={row.state} />
                    {row.halted && <span className="mt-1 block text-sm text-bad">{row.halted}</span>}
                  </span>
                ),
              },
              { name: w.system.columns.position, right: true, cell: (row) => number(row.position) },
              {
                name: w.system.columns.behind,
                right: true,
                cell: (row) => (typeof row.lag === 'number' ? number(row.lag) : '–'),
              },
              {
                name: w.system.columns.rebuild,
                cell: (row) =>
                  row.rebuild ? (
                    <Progress done={row.rebuild.position} total={row.rebuild.target ?? row.position} />
                  ) : (
                    <Button
                      size="small"
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

/** Space of the streams that hold the log, mails, sessions and more. */
function Storage() {
  const every = usePolling();
  const streams = useQuery({ ...reading('/admin/streams'), refetchInterval: every(15_000) });
  return (
    <Card title={w.system.storage}>
      <Answer of={streams}>
        {({ items }) => (
          <Table
            label={w.system.storage}
            rows={items}
            keyOf={(row) => row.name}
            columns={[
              { name: w.system.columns.name, cell: (row) => <span className="font-semibold">{row.name}</span> },
              { name: w.system.columns.used, right: true, cell: (row) => mebibytes(row.bytes) },
              { name: w.system.columns.limit, right: true, cell: (row) => mebibytes(row.limit_bytes) },
              {
                name: w.system.columns.full,
                right: true,
                cell: (row) => (
                  <span className={row.nearly_full ? 'font-semibold text-bad' : ''}>
                    {row.percent} %{row.nearly_full && w.system.raise}
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Card>
  );
}

function mebibytes(bytes: number): string {
  return `${number(Math.ceil(bytes / 1_048_576))} MiB`;
}

function Progress({ done, total }: { done: number; total: number }) {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  return (
    <div className="min-w-40">
      <p className="numbers text-sm">{w.system.progress(Math.round(share * 100), number(total))}</p>
      <div
        role="progressbar"
        aria-label={w.system.rebuild}
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        className="h-2 overflow-hidden rounded-full bg-sunk"
      >
        <div className="h-full bg-gold transition-[width] duration-700" style={{ width: `${String(share * 100)}%` }} />
      </div>
    </div>
  );
}

function Parked() {
  const every = usePolling();
  const parked = useQuery({ ...reading('/admin/parked', { limit: 100 }), refetchInterval: every(5_000) });
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
              { name: w.system.columns.process, cell: (row) => <span className="font-semibold">{row.consumer}</span> },
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
                    {w.system.aboutAt(aggregateName(row.aggregate), String(row.position))}
                  </Link>
                ),
              },
              { name: w.system.columns.why, cell: (row) => <span className="break-words">{row.error}</span> },
              { name: w.system.columns.tries, right: true, cell: (row) => row.attempts },
              {
                name: '',
                right: true,
                cell: (row) => (
                  <span className="flex gap-2 sm:justify-end">
                    <Button
                      size="small"
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
          {w.system.whyDrop(dropping.consumer)}
        </Sure>
      )}
    </Card>
  );
}
