import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { serverNow } from '../../api/clock';
import { outdated, reading } from '../../api/queries';
import type { Cascade } from '../../api/types';
import { Button, ButtonLink } from '../../design/button';
import { when } from '../../design/format';
import { useTitle } from '../../design/hooks';
import { Note, Refused } from '../../design/notices';
import { ProgressBar } from '../../design/progress';
import { w } from '../../i18n/work/texts';
import { CascadeState, kindOf } from './cascades';
import { aggregateName } from './names';
import { Answer, Card, Table, Title } from '../parts';

/** While it runs it is looked at this often, in milliseconds. */
const WATCH_MS = 1_000;
/** Mails follow. They are waited for this long after the end, in milliseconds. */
const MAILS_MS = 120_000;

function subjectOf({ kind, subject_id }: Cascade): string {
  if (kind === 'message' || kind === 'change') return `/admin/screenings/${subject_id}`;
  return kind === 'screening' ? `/admin/time-travel/${subject_id}` : `/admin/${kind}s/${subject_id}`;
}

/** Time until the next refresh; none once the cascade has ended. */
function nextLook(cascade: Cascade | undefined): number | false {
  if (!cascade?.finished_at) return WATCH_MS;
  const mailsMayCome = cascade.mailed < cascade.refunds_due && serverNow() - Date.parse(cascade.finished_at) < MAILS_MS;
  return mailsMayCome ? 2 * WATCH_MS : false;
}

export default function CascadePage() {
  const { id = '' } = useParams();
  useTitle(w.cascade.page);
  const cascade = useQuery({
    ...reading(`/admin/cascades/${id}`),
    refetchInterval: ({ state }) => nextLook(state.data),
  });
  const key = useKey();
  const retry = useMutation({
    mutationFn: () => key.run(id, (text) => command('POST', `/admin/cascades/${id}/retry`, { key: text })),
    onSuccess: () => outdated('/admin/cascades'),
  });
  return (
    <Answer of={cascade}>
      {(one) => (
        <>
          <Title actions={<ButtonLink to={subjectOf(one)}>{w.cascades.subjects[one.kind]}</ButtonLink>}>
            {one.subject ?? kindOf(one)}{' '}
            <span className="ml-2 inline-block align-middle text-base font-normal">
              <CascadeState cascade={one} />
            </span>
          </Title>
          <div className="grid gap-6">
            <Card>
              <p className="mb-5 text-soft">
                {w.cascade.begun(kindOf(one), when(one.started_at, 'full'))}
                {one.finished_at && w.cascade.ended(when(one.finished_at, 'full'))}
                {one.reason && w.cascade.reason(one.reason)}
              </p>
              <div className="grid gap-5">
                <Bar label={w.cascade.cancelled} done={one.cancelled} total={one.total} />
                <Bar label={w.cascade.refunded} done={one.refunded} total={one.refunds_due} />
                <Bar label={w.cascade.mailed} done={one.mailed} total={Math.max(one.refunds_due, one.mailed)} />
              </div>
              {one.total === 0 && (
                <Note tone="note" className="mt-5">
                  {w.cascade.nobody}
                </Note>
              )}
            </Card>
            {one.failed.length > 0 && (
              <Card
                title={w.cascades.failures(one.failed.length)}
                actions={
                  <Button
                    busy={retry.isPending}
                    onClick={() => {
                      retry.mutate();
                    }}
                  >
                    {w.cascade.again}
                  </Button>
                }
              >
                <Refused error={retry.error} />
                <Table
                  label={w.cascade.failed}
                  rows={one.failed}
                  keyOf={(row) => row.parked_id}
                  columns={[
                    {
                      name: w.cascades.columns.about,
                      cell: (row) => (
                        <Link className="link" to={`/admin/history?aggregate=${row.aggregate}&id=${row.aggregate_id}`}>
                          {aggregateName(row.aggregate)}
                        </Link>
                      ),
                    },
                    { name: w.cascades.columns.why, cell: (row) => row.error },
                    { name: w.cascades.columns.tries, right: true, cell: (row) => row.attempts },
                  ]}
                />
              </Card>
            )}
          </div>
        </>
      )}
    </Answer>
  );
}

function Bar({ label, done, total }: { label: string; done: number; total: number }) {
  return (
    <div>
      <div className="mb-1 flex justify-between gap-4">
        <span className="font-semibold">{label}</span>
        <span className="numbers">{w.cascades.of(done, total)}</span>
      </div>
      <ProgressBar label={label} done={done} total={total} />
    </div>
  );
}
