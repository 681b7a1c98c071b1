import { useMutation, useQuery } from '@tanstack/react-query';
import { ChevronLeft, ChevronRight, Copy, Eye, Plus, Printer } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useSearchParams } from 'react-router';

import { getFile } from '../../api/client';
import { onServer } from '../../api/clock';
import { wholeList } from '../../api/queries';
import type { Venue } from '../../api/types';
import { download } from '../../booking/tickets/download';
import { cityName } from '../../catalogue/names';
import { Button, ButtonLink, IconButton } from '../../design/button';
import { Dialog } from '../../design/dialog';
import { SelectField, TextField } from '../../design/field';
import { calendarDay, dayIn, dayAfter, dayName } from '../../design/format';
import { useNow, useTitle } from '../../design/hooks';
import { Empty, Note } from '../../design/notices';
import { say } from '../../design/toast';
import { w } from '../../i18n/work/texts';
import { Answer, Title } from '../parts';
import type { BoardSlot } from './board';
import { MissedDrafts } from './drafts/missed-drafts';
import { Board } from './schedule-board';
import { ScheduleForm } from './schedule-form';

/** Loaded when they are opened: the board is looked at far more often. */
const CopyDialog = lazy(() => import('./copy-dialog').then((file) => ({ default: file.CopyDialog })));
const PublishDialog = lazy(() => import('./drafts/publish-dialog').then((file) => ({ default: file.PublishDialog })));

/** The board: one day of a venue, one row per screen. */
export default function Schedule() {
  useTitle(w.schedule.title);
  const [params, setParams] = useSearchParams();
  const venues = useQuery(wholeList('/venues', { status: 'active' }));
  const venue = venues.data?.find((one) => one.venue_id === params.get('venue')) ?? venues.data?.[0];
  const show = params.get('show');
  const today = calendarDay(useNow(60_000), venue?.timezone);
  const day = dayIn(params.get('day')) ?? today;
  const [adding, setAdding] = useState<Partial<BoardSlot> | null>(show ? {} : null);
  const [copying, setCopying] = useState(false);
  const [publishing, setPublishing] = useState(false);
  const drafts = useQuery({ ...wholeList(`/venues/${venue?.venue_id ?? ''}/drafts`), enabled: venue !== undefined });
  const set = (name: string, value: string) => {
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.set(name, value);
        return next;
      },
      { replace: true },
    );
  };
  const leave = (shown?: string) => {
    setAdding(null);
    // The form is not opened again when the page is loaded again; the board shows what was scheduled.
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.delete('show');
        if (shown) next.set('day', shown);
        return next;
      },
      { replace: true },
    );
  };
  const isElsewhere =
    params.get('venue') !== null && venues.data !== undefined && venue?.venue_id !== params.get('venue');
  return (
    <>
      <Title
        actions={
          <>
            <DaySheet venue={venue} day={day} />
            <Button
              disabled={!venue}
              onClick={() => {
                setCopying(true);
              }}
            >
              <Copy size={18} aria-hidden /> {w.schedule.copy}
            </Button>
            {drafts.data && drafts.data.length > 0 && (
              <Button
                onClick={() => {
                  setPublishing(true);
                }}
              >
                <Eye size={18} aria-hidden /> {w.publishing.publish}
              </Button>
            )}
            <Button
              look="gold"
              disabled={!venue}
              onClick={() => {
                setAdding({});
              }}
            >
              <Plus size={18} aria-hidden /> {w.schedule.add}
            </Button>
          </>
        }
      >
        {w.schedule.title}
      </Title>
      <div
        className={[
          'mb-5 grid items-end gap-3 sm:grid-cols-[minmax(0,20rem)_auto]',
          'lg:grid-cols-[minmax(0,20rem)_auto_1fr]',
        ].join(' ')}
      >
        <SelectField
          label={w.schedule.venue}
          value={venue?.venue_id ?? ''}
          onChange={(event) => {
            set('venue', event.target.value);
          }}
        >
          {venues.data?.map((one) => (
            <option key={one.venue_id} value={one.venue_id}>
              {one.name}, {cityName(one.city)}
            </option>
          ))}
        </SelectField>
        <div className="flex items-end gap-1">
          <IconButton
            label={w.schedule.dayBefore}
            onClick={() => {
              set('day', dayAfter(day, -1));
            }}
          >
            <ChevronLeft size={22} aria-hidden />
          </IconButton>
          <TextField
            label={w.schedule.day}
            type="date"
            value={day}
            onChange={(event) => {
              if (event.target.value) set('day', event.target.value);
            }}
          />
          <IconButton
            label={w.schedule.dayAfter}
            onClick={() => {
              set('day', dayAfter(day, 1));
            }}
          >
            <ChevronRight size={22} aria-hidden />
          </IconButton>
        </div>
        <p className="text-soft sm:col-span-2 lg:col-span-1 lg:pb-3">
          {dayName(day, 'day')}
          {venue && w.schedule.open(venue.opens_at, venue.closes_at)}
        </p>
      </div>
      {isElsewhere && (
        <Note tone="warn" className="mb-5">
          {w.schedule.elsewhere}
        </Note>
      )}
      {venue && (
        <MissedDrafts
          drafts={drafts.data ?? []}
          readAt={onServer(drafts.dataUpdatedAt)}
          venue={venue}
          day={day}
          onDay={(missed) => {
            set('day', missed);
          }}
        />
      )}
      {venue ? (
        <Board key={venue.venue_id} venue={venue} day={day} drafts={drafts} onAdd={setAdding} />
      ) : (
        <Answer of={venues}>
          {() => (
            <Empty title={w.schedule.noVenue}>
              {w.schedule.noVenueWhy}
              <ButtonLink to="/admin/venues">{w.schedule.toVenues}</ButtonLink>
            </Empty>
          )}
        </Answer>
      )}
      <Suspense>
        {copying && venue && (
          <CopyDialog
            venue={venue}
            day={day}
            onDone={(first) => {
              setCopying(false);
              set('day', first);
            }}
            onClose={() => {
              setCopying(false);
            }}
          />
        )}
        {publishing && venue && (
          <PublishDialog
            venue={venue}
            day={day}
            drafts={drafts.data ?? []}
            onClose={() => {
              setPublishing(false);
            }}
          />
        )}
      </Suspense>
      {adding && venue && (
        <Dialog
          wide
          title={w.schedule.add}
          onClose={() => {
            leave();
          }}
        >
          <ScheduleForm
            venue={venue}
            drafts={drafts}
            venues={venues.data ?? []}
            onVenue={(id) => {
              set('venue', id);
            }}
            day={adding.day ?? day}
            show={show}
            screen={adding.screen}
            time={adding.time}
            onDone={leave}
          />
        </Dialog>
      )}
    </>
  );
}

/** The day of a venue on paper: what is on which screen, and how full. */
function DaySheet({ venue, day }: { venue: Venue | undefined; day: string }) {
  const sheet = useMutation({
    mutationFn: (of: Venue) => getFile(`/venues/${of.venue_id}/day-sheet`, 'application/pdf', { date: day }),
    onSuccess: (file, of) => {
      download(file, `${of.name} ${day}.pdf`);
    },
    onError: (problem) => {
      say(problem.message, 'bad');
    },
  });
  return (
    <Button
      busy={sheet.isPending}
      disabled={!venue || sheet.isPending}
      onClick={() => {
        if (venue) sheet.mutate(venue);
      }}
    >
      <Printer size={18} aria-hidden /> {w.schedule.daySheet}
    </Button>
  );
}
