import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { listing } from '../../api/queries';
import type { Cascade } from '../../api/types';
import { Badge } from '../../design/badge';
import { when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { w } from '../../i18n/work/texts';
import { Answer, Card, More, Table, Title } from '../parts';
import { usePolling } from '../polling';

/** Names the cancelled object; a show and its screening share a title, so the kind is part of it. */
export function kindOf({ kind }: Cascade): string {
  return w.cascades.kinds[kind];
}

export function CascadeState({ cascade }: { cascade: Cascade }) {
  if (cascade.failed.length > 0) return <Badge tone="bad">{w.cascades.failures(cascade.failed.length)}</Badge>;
  return cascade.finished_at ? (
    <Badge tone="good">{w.cascades.done}</Badge>
  ) : (
    <Badge tone="note">{w.cascades.running}</Badge>
  );
}

export default function Cascades() {
  useTitle(w.cascades.title);
  const every = usePolling();
  const cascades = useInfiniteQuery({ ...listing('/admin/cascades', { limit: 50 }), refetchInterval: every(5_000) });
  return (
    <>
      <Title>{w.cascades.title}</Title>
      <Card>
        <Answer of={cascades} absent={w.cascades.absent}>
          {({ items }) => (
            <Table
              label={w.cascades.title}
              rows={items}
              keyOf={(row) => row.cascade_id}
              empty={w.cascades.none}
              columns={[
                {
                  name: w.cascades.columns.begun,
                  cell: (row) => (
                    <Link
                      to={`/admin/cascades/${row.cascade_id}`}
                      className="font-semibold whitespace-nowrap hover:underline"
                    >
                      {when(row.started_at, 'full')}
                    </Link>
                  ),
                },
                {
                  name: w.cascades.columns.what,
                  cell: (row) => (
                    <span>
                      {kindOf(row)}
                      {row.subject && <span className="block text-sm text-soft">{row.subject}</span>}
                    </span>
                  ),
                },
                { name: w.cascades.columns.bookings, right: true, cell: (row) => row.total },
                { name: w.cascades.columns.cancelled, right: true, cell: (row) => row.cancelled },
                {
                  name: w.cascades.columns.refunded,
                  right: true,
                  cell: (row) => w.cascades.of(row.refunded, row.refunds_due),
                },
                { name: w.cascades.columns.mailed, right: true, cell: (row) => row.mailed },
                { name: w.cascades.columns.state, cell: (row) => <CascadeState cascade={row} /> },
              ]}
            />
          )}
        </Answer>
        <More of={cascades} />
      </Card>
    </>
  );
}
