import { useQuery } from '@tanstack/react-query';

import { reading } from '../../api/queries';
import { number } from '../../design/format';
import { w } from '../../i18n/work/texts';
import { Answer, Card, Table } from '../parts';
import { usePolling } from '../polling';

/** Space of the streams that hold the log, mails, sessions and more. */
export function Storage() {
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
