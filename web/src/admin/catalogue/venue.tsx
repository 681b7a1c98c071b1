import { useMutation, useQuery } from '@tanstack/react-query';
import { CalendarDays, Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';

import { command } from '../../api/client';
import { useKey } from '../../api/keys/use-key';
import { outdated, reading, wholeList } from '../../api/queries';
import { Status } from '../../design/badge';
import { Button, ButtonLink } from '../../design/button';
import { t } from '../../i18n/texts';
import { useTitle } from '../../design/hooks';
import { Empty } from '../../design/notices';
import { say } from '../../design/toast';
import { drawPlan } from '../../seats/map/plan';
import { w } from '../../i18n/work/texts';
import { CancelDialog, type Target } from '../schedule/screening/cancel-dialog';
import { roomOf } from './layout';
import { MiniPlan } from './mini-plan';
import { Answer, Card, Title } from '../parts';
import { PriceTemplates } from './price-templates';
import { VenueForm } from './venue-form';
import { Website } from './website';

export default function AdminVenue() {
  const { id = '' } = useParams();
  const venue = useQuery(reading(`/venues/${id}`));
  const screens = useQuery(wholeList(`/venues/${id}/screens`));
  const [target, setTarget] = useState<Target | null>(null);
  const key = useKey();
  const reopen = useMutation({
    mutationFn: () => key.run(id, (text) => command('POST', `/venues/${id}/reactivation`, { key: text })),
    onSuccess: () => {
      say(w.venue.isOpen, 'good');
      return outdated('/venues', '/cities');
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  useTitle(venue.data?.name);
  return (
    <Answer of={venue}>
      {(one) => (
        <>
          <Title
            actions={
              <>
                <ButtonLink to={`/venues/${id}`}>{w.show.public}</ButtonLink>
                {one.status === 'active' ? (
                  <>
                    <ButtonLink to={`/admin/schedule?venue=${id}`} look="gold">
                      <CalendarDays size={18} aria-hidden /> {w.show.schedule}
                    </ButtonLink>
                    <Button
                      look="danger"
                      onClick={() => {
                        setTarget({ kind: 'venue', id, name: one.name });
                      }}
                    >
                      {w.venue.close}
                    </Button>
                  </>
                ) : (
                  <Button
                    busy={reopen.isPending}
                    onClick={() => {
                      reopen.mutate();
                    }}
                  >
                    {w.venue.openAgain}
                  </Button>
                )}
              </>
            }
          >
            {one.name}{' '}
            <span className="ml-2 inline-block align-middle text-base font-normal">
              <Status of={one.status} />
            </span>
          </Title>
          <div className="grid items-start gap-6 lg:grid-cols-[24rem_minmax(0,1fr)]">
            <div className="grid gap-6">
              <Card title={w.show.details}>
                <VenueForm
                  key={id}
                  venue={one}
                  onDone={() => {
                    say(w.show.saved, 'good');
                  }}
                />
              </Card>
              <Website venue={id} />
            </div>
            <Card
              title={w.venue.screens}
              actions={
                <ButtonLink to={`/admin/venues/${id}/screens/new`}>
                  <Plus size={18} aria-hidden /> {w.venue.addScreen}
                </ButtonLink>
              }
            >
              <Answer of={screens}>
                {(all) =>
                  all.length === 0 ? (
                    <Empty title={w.venue.noScreen}>{w.venue.noScreenWhy}</Empty>
                  ) : (
                    <ul className="grid gap-4 sm:grid-cols-2">
                      {all.map((screen) => (
                        <li key={screen.screen_id}>
                          <Link
                            to={`/admin/screens/${screen.screen_id}`}
                            className="block rounded-2xl border border-line p-4 transition-colors hover:border-ink"
                          >
                            <MiniPlan plan={drawPlan(roomOf(screen.layout))} className="h-36" />
                            <span className="mt-3 flex items-center gap-2 text-lg font-semibold">
                              {screen.name}
                              {screen.status === 'retired' && <Status of="retired" />}
                            </span>
                            <span className="text-sm text-soft">
                              {w.venue.inRows(t.count.seats(screen.capacity), w.room.rows(screen.layout.rows.length))}
                              {screen.turnaround_minutes > 0 && w.venue.cleaning(screen.turnaround_minutes)}
                            </span>
                          </Link>
                        </li>
                      ))}
                    </ul>
                  )
                }
              </Answer>
            </Card>
          </div>
          <PriceTemplates venue={id} screens={screens.data ?? []} />
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
