import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router';

import { idIn } from '../../api/keys/ids';
import { reading } from '../../api/queries';
import type { Screening } from '../../api/types';
import { Button } from '../../design/button';
import { calendarDay, dayIn, when } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Empty, Lines, Refused } from '../../design/notices';
import { useSeatMap } from '../../seats/map/live';
import { t } from '../../i18n/texts';
import { w } from '../../i18n/work/texts';
import { Answer, Title } from '../parts';
import { useVenues } from '../use-venues';
import { SaleForm } from './sale-form';
import { ScreeningPicker } from './screening-picker';
import { useOpenTill } from './use-open-till';

// Rarely needed.
const Owed = lazy(() => import('./owed').then((file) => ({ default: file.Owed })));
const TillDialog = lazy(() => import('./till').then((file) => ({ default: file.TillDialog })));

export default function BoxOffice() {
  useTitle(w.counter.title);
  const [params, setParams] = useSearchParams();
  const venues = useVenues();
  const now = useNow(60_000);
  const asked = idIn(params.get('screening'));
  const screening = useQuery({ ...reading(`/screenings/${asked ?? ''}`), enabled: asked !== null });
  const [till, setTill] = useState(false);
  const open = useOpenTill();
  const set = (next: Record<string, string | null>) => {
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(next)) {
          if (value === null) after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  };
  const { items } = venues;
  const venue = items.find((one) => one.venue_id === (screening.data?.venue_id ?? params.get('venue'))) ?? items[0];
  const of = screening.data && calendarDay(screening.data.starts_at, screening.data.timezone);
  const day = dayIn(params.get('day')) ?? of ?? calendarDay(now, venue?.timezone);
  return (
    <>
      <Title
        actions={
          open !== undefined && (
            <Button
              onClick={() => {
                setTill(true);
              }}
            >
              {open ? w.till.openSince(when(open.opened_at, 'time')) : w.till.open}
            </Button>
          )
        }
      >
        {w.counter.title}
      </Title>
      {venues.isPending ? (
        <Lines rows={2} />
      ) : !venue ? (
        venues.error ? (
          <Refused error={venues.error} />
        ) : (
          <Empty title={w.counter.noVenue} />
        )
      ) : (
        <div className="grid gap-4">
          <ScreeningPicker
            venues={venues.items}
            venue={venue}
            day={day}
            screening={asked}
            onVenue={(id) => {
              set({ venue: id, screening: null });
            }}
            onDay={(next) => {
              set({ venue: venue.venue_id, day: next, screening: null });
            }}
            onScreening={(id) => {
              set({ screening: id, day });
            }}
          />
          {asked === null && <Empty title={w.counter.choose} />}
          {asked !== null && (
            <Answer of={screening}>
              {(one) =>
                one.status === 'active' ? (
                  <Counter
                    key={one.screening_id}
                    screening={one}
                    onTill={() => {
                      setTill(true);
                    }}
                  />
                ) : (
                  <Empty title={t.seats.screeningCancelled} />
                )
              }
            </Answer>
          )}
          <Suspense>
            <Owed />
          </Suspense>
        </div>
      )}
      {till && (
        <Suspense>
          <TillDialog
            till={open ?? null}
            onClose={() => {
              setTill(false);
            }}
          />
        </Suspense>
      )}
    </>
  );
}

function Counter({ screening, onTill }: { screening: Screening; onTill: () => void }) {
  const map = useSeatMap(screening.screening_id);
  if (!map.data) return map.error ? <Refused error={map.error} /> : <Lines />;
  return <SaleForm screening={screening} map={map.data} onTill={onTill} />;
}
