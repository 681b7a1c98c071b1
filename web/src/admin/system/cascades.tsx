import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';

import { reading } from '../../api/queries';
import type { Cascade } from '../../api/types';
import { Badge } from '../../design/badge';
import { when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Answer, Card, Table, Title } from '../parts';
import { usePolling } from '../polling';

/** Names the cancelled object; a show and its screening share a title, so the kind is part of it. */
export function kindOf({ kind }: Cascade): string {
  return {
    show: 'Show cancelled',
    venue: 'Venue closed',
    screening: 'Screening cancelled',
    message: 'Message to guests',
    change: 'Screening changed',
  }[kind];
}

export function CascadeState({ cascade }: { cascade: Cascade }) {
  if (cascade.failed.length > 0) return <Badge tone="bad">{cascade.failed.length} failed</Badge>;
  return cascade.finished_at ? <Badge tone="good">Done</Badge> : <Badge tone="note">Running</Badge>;
}

export default function Cascades() {
  useTitle('Cancellations');
  const every = usePolling();
  const cascades = useQuery({ ...reading('/admin/cascades', { limit: 100 }), refetchInterval: every(5_000) });
  return (
    <>
      <Title>Cancellations</Title>
      <Card>
        <Answer of={cascades} absent="This installation does not offer mass cancellations yet.">
          {({ items }) => (
            <Table
              label="Cancellations"
              rows={items}
              keyOf={(row) => row.cascade_id}
              empty="No show, venue or screening was cancelled"
              columns={[
                {
                  name: 'Begun',
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
                  name: 'What',
                  cell: (row) => (
                    <span>
                      {kindOf(row)}
                      {row.subject && <span className="block text-sm text-soft">{row.subject}</span>}
                    </span>
                  ),
                },
                { name: 'Bookings', right: true, cell: (row) => row.total },
                { name: 'Cancelled', right: true, cell: (row) => row.cancelled },
                {
                  name: 'Refunded',
                  right: true,
                  cell: (row) => `${String(row.refunded)} of ${String(row.refunds_due)}`,
                },
                { name: 'Mailed', right: true, cell: (row) => row.mailed },
                { name: 'State', cell: (row) => <CascadeState cascade={row} /> },
              ]}
            />
          )}
        </Answer>
      </Card>
    </>
  );
}
