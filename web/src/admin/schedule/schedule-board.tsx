import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';

import { onServer } from '../../api/clock';
import type { Problem } from '../../api/problem';
import { wholeList } from '../../api/queries';
import type { Draft, Screen, Screening, Venue } from '../../api/types';
import { statusName } from '../../design/badge';
import { clockTime, dayAfter, localMoment } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Empty } from '../../design/notices';
import { w } from '../../i18n/work/texts';
import {
  axisOf,
  dragged,
  FIRST_MINUTES,
  firstInSight,
  freeHours,
  lengthOf,
  minuteOf,
  percent,
  placeOf,
  type Axis,
  type BoardSlot,
} from './board';
import { Answer, Card } from '../parts';
import { DraftBlock } from './drafts/draft-block';
import { isMissed } from './drafts/drafts';
import { troubleAt } from './series';
import { Unread } from './unread';
import { useFirstInSight } from './use-first-in-sight';

const DraftDialog = lazy(() => import('./drafts/draft-dialog').then((file) => ({ default: file.DraftDialog })));
const ScreeningDialog = lazy(() =>
  import('./screening/screening-dialog').then((file) => ({ default: file.ScreeningDialog })),
);

/** A pointer that moves less than this many pixels counts as a press, not a drag. */
const UNSTEADY_PX = 5;

interface Drag {
  screening: Screening;
  screen: string;
  minute: number;
  trouble: string | null;
}

/**
 * One day of a venue: one line per screen, from opening to closing. A press opens a screening. While one is
 * dragged, the board shows whether its new slot is free.
 */
export function Board({
  venue,
  day,
  drafts,
  onAdd,
}: {
  venue: Venue;
  day: string;
  /** All drafts of the venue. */
  drafts: UseQueryResult<Draft[], Problem>;
  onAdd: (slot: BoardSlot) => void;
}) {
  const screens = useQuery(wholeList(`/venues/${venue.venue_id}/screens`));
  const evening = useQuery(wholeList('/screenings', { venue_id: venue.venue_id, date: day, status: 'active' }));
  const night = useQuery(
    wholeList('/screenings', { venue_id: venue.venue_id, date: dayAfter(day, 1), status: 'active' }),
  );
  const axis = axisOf(venue);
  const now = useNow(30_000);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [opened, setOpened] = useState<{ screening: Screening; slot?: BoardSlot } | null>(null);
  const lines = useRef(new Map<string, HTMLElement>());
  const [plannedId, setPlanned] = useState<string | null>(null);
  const planned = drafts.data?.find((one) => one.screening_id === plannedId);
  const isShown = (one: Screening | Draft) => {
    const minute = minuteOf(one.starts_at, day, venue.timezone);
    return minute >= axis.opens - FIRST_MINUTES && minute < axis.closes;
  };
  const all = [...(evening.data ?? []), ...(night.data ?? [])].filter(isShown);
  const draftsNow = (drafts.data ?? []).filter(isShown);
  const readAt = onServer(drafts.dataUpdatedAt);
  const taken = [...all, ...draftsNow];
  const nowAt = minuteOf(new Date(now).toISOString(), day, venue.timezone);
  const isRead = !evening.isPending && !night.isPending && !drafts.isPending;
  const first = firstInSight(
    axis,
    nowAt,
    taken.map((one) => ({ start: minuteOf(one.starts_at, day, venue.timezone), minutes: lengthOf(one) })),
  );
  const share = isRead ? (first - axis.opens) / (axis.closes - axis.opens) : null;
  const board = useFirstInSight(day, share, () => [...lines.current.values()][0]);

  /** The slot of `screening` while it is dragged from `fromX` to the pointer. */
  const dragTo = (screening: Screening, event: PointerEvent, fromX: number): Drag => {
    const own = lines.current.get(screening.screen_id)?.clientWidth ?? 1;
    const over = [...lines.current].find(([, line]) => {
      const { top, bottom } = line.getBoundingClientRect();
      return event.clientY >= top && event.clientY < bottom;
    });
    const isUsable = screens.data?.some((one) => one.screen_id === over?.[0] && one.status === 'active');
    const screen = (isUsable ? over?.[0] : undefined) ?? screening.screen_id;
    const by = ((event.clientX - fromX) / own) * (axis.closes - axis.opens);
    const minutes = lengthOf(screening);
    const minute = dragged(minuteOf(screening.starts_at, day, venue.timezone), by, minutes, axis);
    const place = placeOf(minute, day);
    const start = { day: place.day, time: place.time, starts_at: localMoment(place.day, place.time, venue.timezone) };
    const others = taken.filter((one) => one.screen_id === screen && one.screening_id !== screening.screening_id);
    const turnaround = screens.data?.find((one) => one.screen_id === screen)?.turnaround_minutes ?? 0;
    return { screening, screen, minute, trouble: troubleAt(start, { minutes, turnaround }, venue, others, now) };
  };

  return (
    <Card>
      <Unread of={[evening, night, drafts]} className="mb-4" />
      <Answer of={screens}>
        {(list) =>
          list.length === 0 ? (
            <Empty title={w.schedule.noScreen}>{w.schedule.noScreenWhy}</Empty>
          ) : (
            <div
              ref={board}
              role="region"
              aria-label={w.schedule.board}
              // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroll region must be focusable
              tabIndex={0}
              className="overflow-x-auto quiet-scroll scroll-pl-20 sm:scroll-pl-28"
            >
              <div className="min-w-[56rem]">
                <div className="flex border-b border-line pb-1 text-sm text-soft" aria-hidden>
                  <span className="sticky left-0 z-10 w-20 shrink-0 bg-card sm:w-28" />
                  {axis.hours.map((hour) => (
                    <span key={hour} className="numbers flex-1">
                      {placeOf(hour, day).time.slice(0, 2)}
                    </span>
                  ))}
                </div>
                {shown(list, taken).map((screen) => (
                  <div key={screen.screen_id} className="flex items-stretch border-b border-line last:border-0">
                    <h2
                      title={screen.name}
                      className={[
                        'sticky left-0 z-10 grid w-20 shrink-0 content-center bg-card pr-2 text-sm sm:w-28 sm:pr-3 sm:text-base',
                        'font-sans font-semibold tracking-normal wrap-anywhere',
                      ].join(' ')}
                    >
                      <span className="line-clamp-3">{screen.name}</span>
                      {screen.status === 'retired' && (
                        <span className="block text-sm font-normal text-soft">{statusName(screen.status)}</span>
                      )}
                    </h2>
                    <div
                      className="relative h-20 flex-1"
                      ref={(line) => {
                        if (line) lines.current.set(screen.screen_id, line);
                        else lines.current.delete(screen.screen_id);
                      }}
                    >
                      <Hours
                        screen={screen}
                        axis={axis}
                        day={day}
                        hours={screen.status === 'retired' ? [] : freeHours(axis, takenOn(screen, taken, day, venue))}
                        onAdd={onAdd}
                      />
                      {screen.turnaround_minutes > 0 &&
                        takenOn(screen, taken, day, venue).map(({ start, minutes }) => (
                          <Cleaning
                            key={start}
                            from={start + minutes - screen.turnaround_minutes}
                            minutes={screen.turnaround_minutes}
                            axis={axis}
                          />
                        ))}
                      {all
                        .filter((one) => one.screen_id === screen.screen_id)
                        .map((screening) => (
                          <Block
                            key={screening.screening_id}
                            screening={screening}
                            venue={venue}
                            axis={axis}
                            day={day}
                            lifted={drag?.screening.screening_id === screening.screening_id}
                            onDrag={(event, fromX) => {
                              setDrag(event && dragTo(screening, event, fromX));
                            }}
                            onOpen={() => {
                              setDrag(null);
                              setOpened(
                                drag
                                  ? { screening, slot: { screen: drag.screen, ...placeOf(drag.minute, day) } }
                                  : { screening },
                              );
                            }}
                          />
                        ))}
                      {draftsNow
                        .filter((one) => one.screen_id === screen.screen_id)
                        .map((draft) => (
                          <DraftBlock
                            key={draft.screening_id}
                            draft={draft}
                            venue={venue}
                            axis={axis}
                            day={day}
                            missed={isMissed(draft, readAt)}
                            onOpen={() => {
                              setPlanned(draft.screening_id);
                            }}
                          />
                        ))}
                      {nowAt >= axis.opens && nowAt < axis.closes && (
                        <span
                          aria-hidden
                          className="pointer-events-none absolute inset-y-0 w-0.5 bg-bad"
                          style={{ left: percent(nowAt - axis.opens, axis) }}
                        />
                      )}
                      {drag?.screen === screen.screen_id && <Ghost drag={drag} axis={axis} day={day} />}
                    </div>
                  </div>
                ))}
              </div>
            </div>
          )
        }
      </Answer>
      <p className="mt-4 text-sm text-soft">{w.schedule.hint}</p>
      <Suspense>
        {planned && (
          <DraftDialog
            draft={planned}
            venue={venue}
            screens={screens.data ?? []}
            taken={taken}
            missed={isMissed(planned, readAt)}
            onClose={() => {
              setPlanned(null);
            }}
          />
        )}
        {opened && (
          <ScreeningDialog
            screening={opened.screening}
            venue={venue}
            screens={screens.data ?? []}
            drafts={drafts}
            slot={opened.slot}
            onClose={() => {
              setOpened(null);
            }}
          />
        )}
      </Suspense>
    </Card>
  );
}

/** Screens in use, and retired ones that something is on. */
function shown(screens: readonly Screen[], screenings: readonly { screen_id: string }[]): Screen[] {
  const busy = new Set(screenings.map((one) => one.screen_id));
  return screens.filter((one) => one.status === 'active' || busy.has(one.screen_id));
}

/** The times of a screen that are taken by screenings, and by cleaning after each. */
function takenOn(screen: Screen, screenings: readonly (Screening | Draft)[], day: string, venue: Venue) {
  return screenings
    .filter((one) => one.screen_id === screen.screen_id)
    .map((one) => ({
      start: minuteOf(one.starts_at, day, venue.timezone),
      minutes: lengthOf(one) + screen.turnaround_minutes,
    }));
}

/** Time for cleaning after a screening. */
function Cleaning({ from, minutes, axis }: { from: number; minutes: number; axis: Axis }) {
  return (
    <span
      title={w.schedule.cleaning(minutes)}
      className="absolute inset-y-1.5 rounded-r-xl border border-l-0 border-dashed border-line-strong bg-sunk"
      style={{ left: percent(from - axis.opens, axis), width: percent(minutes, axis) }}
    />
  );
}

/** The empty line: a free hour is where something can be put. One stop of the tab key; arrows move along the hours. */
function Hours({
  screen,
  axis,
  day,
  hours,
  onAdd,
}: {
  screen: Screen;
  axis: Axis;
  day: string;
  hours: readonly number[];
  onAdd: (slot: BoardSlot) => void;
}) {
  const [at, setAt] = useState(hours[0]);
  const current = at !== undefined && hours.includes(at) ? at : hours[0];
  const onKey = (event: KeyboardEvent<HTMLButtonElement>) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const buttons = [...(event.currentTarget.parentElement?.querySelectorAll('button') ?? [])];
    const next = buttons[buttons.indexOf(event.currentTarget) + step];
    if (step === 0 || !next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div role="group" aria-label={w.schedule.freeHours(screen.name)} className="absolute inset-0">
      {axis.hours.map((hour) => (
        <span
          key={hour}
          aria-hidden
          className="absolute inset-y-0 border-l border-line"
          style={{ left: percent(hour - axis.opens, axis) }}
        />
      ))}
      {hours.map((hour) => {
        const place = placeOf(hour, day);
        return (
          <button
            key={hour}
            type="button"
            aria-label={w.schedule.scheduleAt(screen.name, place.time)}
            tabIndex={hour === current ? 0 : -1}
            className="absolute inset-y-0 transition-colors hover:bg-sunk"
            style={{ left: percent(hour - axis.opens, axis), width: percent(60, axis) }}
            onFocus={() => {
              setAt(hour);
            }}
            onKeyDown={onKey}
            onClick={() => {
              onAdd({ screen: screen.screen_id, ...place });
            }}
          />
        );
      })}
    </div>
  );
}

interface BlockProps {
  screening: Screening;
  venue: Venue;
  axis: Axis;
  day: string;
  lifted: boolean;
  /** Null: it was let go where it does not matter. */
  onDrag: (event: PointerEvent | null, fromX: number) => void;
  onOpen: () => void;
}

function Block({ screening, venue, axis, day, lifted, onDrag, onOpen }: BlockProps) {
  const from = useRef<{ x: number; y: number; moving: boolean } | null>(null);
  /** Escape was pressed: letting go is no press any more. */
  const given = useRef(false);
  const start = minuteOf(screening.starts_at, day, venue.timezone);
  const taken = 1 - screening.available_seats / Math.max(1, screening.capacity);
  const onDown = (event: PointerEvent) => {
    // A finger scrolls the board; the dialog moves things just as well.
    if (event.button !== 0 || event.pointerType === 'touch') return;
    event.currentTarget.setPointerCapture(event.pointerId);
    given.current = false;
    from.current = { x: event.clientX, y: event.clientY, moving: false };
  };
  const onMove = (event: PointerEvent) => {
    const begun = from.current;
    if (!begun) return;
    begun.moving ||= Math.hypot(event.clientX - begun.x, event.clientY - begun.y) > UNSTEADY_PX;
    if (begun.moving) onDrag(event, begun.x);
  };
  const onCancel = () => {
    from.current = null;
    onDrag(null, 0);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !from.current) return;
    given.current = true;
    onCancel();
  };
  return (
    <button
      type="button"
      onPointerDown={onDown}
      onPointerMove={onMove}
      onPointerUp={() => {
        from.current = null;
      }}
      onPointerCancel={onCancel}
      onKeyDown={onKey}
      onClick={() => {
        if (!given.current) onOpen();
        given.current = false;
      }}
      className={[
        'absolute inset-y-1.5 overflow-hidden rounded-xl border border-transparent bg-gold px-2 text-left text-sm',
        'leading-tight text-on-gold transition-[transform,opacity] hover:scale-[1.02]',
        'focus-visible:rounded-xl',
        lifted ? 'cursor-grabbing opacity-40' : '',
      ].join(' ')}
      style={{ left: percent(start - axis.opens, axis), width: percent(lengthOf(screening), axis) }}
    >
      <span className="numbers block font-bold">{clockTime(screening.starts_at, venue.timezone)}</span>
      <span className="block truncate">{screening.show_title}</span>
      <span className="sr-only">{w.schedule.taken(Math.round(taken * 100))}</span>
      <span className="absolute inset-x-0 bottom-0 h-1.5 bg-black/15">
        <span className="block h-full bg-black/60" style={{ width: `${String(taken * 100)}%` }} />
      </span>
    </button>
  );
}

/** Target slot of a dragged screening, and the conflict there. */
function Ghost({ drag, axis, day }: { drag: Drag; axis: Axis; day: string }) {
  return (
    <div
      aria-hidden
      className={[
        'pointer-events-none absolute inset-y-1 z-10 overflow-hidden rounded-xl border-2',
        'px-2 py-0.5 text-sm leading-tight shadow-lift',
        drag.trouble ? 'border-bad bg-bad-wash text-bad' : 'border-ink bg-gold text-on-gold',
      ].join(' ')}
      style={{ left: percent(drag.minute - axis.opens, axis), width: percent(lengthOf(drag.screening), axis) }}
    >
      <span className="numbers block font-bold">{placeOf(drag.minute, day).time}</span>
      <span className="line-clamp-2">{drag.trouble ?? drag.screening.show_title}</span>
    </div>
  );
}
