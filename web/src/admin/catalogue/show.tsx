import { useQuery } from '@tanstack/react-query';
import { CalendarPlus, Copy } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { reading, wholeList } from '../../api/queries';
import type { Screening } from '../../api/types';
import { cityName, screenName } from '../../catalogue/names';
import { Status } from '../../design/badge';
import { Button, ButtonLink } from '../../design/button';
import { when, zoneInList } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { CancelDialog, type Target } from '../schedule/screening/cancel-dialog';
import { Answer, Card, Table, Title } from '../parts';
import { PosterUpload } from './poster-upload';
import { ShowForm } from './show-form';

export default function AdminShow() {
  const { id = '' } = useParams();
  const show = useQuery(reading(`/shows/${id}`));
  const [target, setTarget] = useState<Target | null>(null);
  useTitle(show.data?.title);
  return (
    <Answer of={show}>
      {(one) => (
        <>
          <Title
            actions={
              <>
                <ButtonLink to={`/shows/${id}`}>{w.show.public}</ButtonLink>
                <ButtonLink to={`/admin/shows?like=${id}`}>
                  <Copy size={18} aria-hidden /> {w.show.duplicate}
                </ButtonLink>
                {one.status === 'active' && (
                  <>
                    <ButtonLink look="gold" to={`/admin/schedule?show=${id}`}>
                      <CalendarPlus size={18} aria-hidden /> {w.show.schedule}
                    </ButtonLink>
                    <Button
                      look="danger"
                      onClick={() => {
                        setTarget({ kind: 'show', id, name: one.title });
                      }}
                    >
                      {w.show.cancel}
                    </Button>
                  </>
                )}
              </>
            }
          >
            {one.title}{' '}
            <span className="ml-2 inline-block align-middle font-sans text-base font-normal">
              <Status of={one.status} />
            </span>
          </Title>
          <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
            <Card title={w.show.details}>
              {one.status === 'active' ? (
                <ShowForm
                  key={id}
                  show={one}
                  onDone={() => {
                    say(w.show.saved, 'good');
                  }}
                />
              ) : (
                <p className="max-w-prose">{one.description}</p>
              )}
            </Card>
            <Card title={w.show.poster}>
              <PosterUpload
                show={one}
                onDone={() => {
                  say(w.show.posterUp, 'good');
                }}
              />
            </Card>
          </div>
          <Screenings show={id} onCancel={setTarget} />
          {target && (
            <CancelDialog
              target={target}
              onClose={() => {
                setTarget(null);
              }}
            />
          )}
        </>
      )}
    </Answer>
  );
}

const isOff = (screening: Screening) => screening.status === 'cancelled';

/** Those that have not begun, in the order of time; what will not take place comes last. */
function Screenings({ show, onCancel }: { show: string; onCancel: (target: Target) => void }) {
  const screenings = useQuery(wholeList('/screenings', { show_id: show }));
  const now = useNow(60_000);
  return (
    <Card title={w.show.toCome} className="mt-6">
      <Answer of={screenings}>
        {(all) => (
          <Table
            label={w.show.screenings}
            rows={all
              .filter(({ starts_at }) => Date.parse(starts_at) > now)
              .sort((a, b) => Number(isOff(a)) - Number(isOff(b)))}
            keyOf={(row) => row.screening_id}
            empty={w.show.none}
            columns={[
              {
                name: w.show.columns.when,
                cell: (row) => (
                  <Link
                    to={`/admin/screenings/${row.screening_id}`}
                    className="font-semibold whitespace-nowrap hover:underline"
                  >
                    {[
                      when(row.starts_at, 'full', row.timezone),
                      zoneInList(
                        all.map(({ timezone }) => timezone),
                        row.starts_at,
                        row.timezone,
                        cityName(row.city),
                      ),
                    ]
                      .filter(Boolean)
                      .join(', ')}
                  </Link>
                ),
              },
              {
                name: w.show.columns.where,
                cell: (row) => `${row.venue_name}, ${screenName(row.screen_name)} (${cityName(row.city)})`,
              },
              {
                name: w.show.columns.taken,
                right: true,
                cell: (row) => `${String(row.capacity - row.available_seats)} / ${String(row.capacity)}`,
              },
              { name: w.show.columns.status, cell: (row) => <Status of={row.status} /> },
              {
                name: '',
                right: true,
                cell: (row) =>
                  row.status === 'active' && (
                    <Button
                      size="small"
                      look="quiet"
                      aria-label={w.house.of(w.show.cancelOne, when(row.starts_at, 'full', row.timezone))}
                      onClick={() => {
                        onCancel({
                          kind: 'screening',
                          id: row.screening_id,
                          name: `${row.show_title}, ${when(row.starts_at, 'full', row.timezone)}`,
                        });
                      }}
                    >
                      {w.show.cancelOne}
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
