import { useMutation } from '@tanstack/react-query';
import { useCallback, useMemo, useState, type ReactNode } from 'react';

import type { Screen } from '../../api/types';
import { Button } from '../../design/button';
import { TextField } from '../../design/field';
import { when } from '../../design/format';
import { useNow } from '../../design/hooks';
import { Refused } from '../../design/notices';
import { say } from '../../design/toast';
import { freePlaces } from '../../seats/choice/standing';
import { SeatMapView } from '../../seats/map/seat-map-view';
import { usePlan } from '../../seats/map/use-plan';
import { seatList } from '../../seats/seat-names';
import { t } from '../../i18n/texts';
import { w } from '../../i18n/work/texts';
import { RowChoice } from '../counter/row-choice';
import { Sure } from '../parts';
import { ReleaseField } from '../release-field';
import { isKept, releaseAt } from '../releases';
import { roomMap } from './room-map';

const NONE: ReadonlySet<string> = new Set();
const NO_ROWS: ReadonlySet<number> = new Set();

/** Seats that are kept back. */
export interface Kept {
  block_id: string;
  seats: string[];
  reason: string;
  /** Absent, or null, if they are released by hand. */
  release_at?: string | null;
}

/** Seats to keep back. */
export interface Wanted {
  seats: string[];
  reason: string;
  release_at?: string;
}

interface Props<T extends Kept> {
  layout: Screen['layout'];
  blocks: readonly T[];
  /** The screening of the seats, before whose start they may be released by themselves. */
  screening?: { starts_at: string; timezone: string };
  onKeep: (body: Wanted) => Promise<unknown>;
  onRelease: (block: string) => Promise<unknown>;
  /** More about a block. */
  more?: (block: T) => ReactNode;
}

/** Keeps seats of a room back with a reason, and releases them. */
export function KeepBack<T extends Kept>({ layout, blocks, screening, onKeep, onRelease, more }: Props<T>) {
  const now = useNow(60_000);
  const kept = useMemo(() => {
    const standing = blocks.filter((block) => isKept(block, now));
    return new Map(standing.flatMap(({ seats, reason }) => seats.map((seat) => [seat, reason])));
  }, [blocks, now]);
  const names = [...kept.keys()].join(' ');
  const map = useMemo(() => roomMap(layout, new Set(names.split(' '))), [layout, names]);
  const plan = usePlan(map);
  const [seats, setSeats] = useState<readonly string[]>([]);
  const [reason, setReason] = useState('');
  const [hours, setHours] = useState(0);
  const [releasing, setReleasing] = useState<T | null>(null);
  const chosen = useMemo(() => new Set(seats), [seats]);
  const release_at = screening ? releaseAt(screening.starts_at, hours) : null;
  const keep = useMutation({
    mutationFn: () => onKeep({ seats: [...seats], reason: reason.trim(), ...(release_at && { release_at }) }),
    onSuccess: () => {
      say(w.keeping.kept(seats.length), 'good');
      setSeats([]);
      setReason('');
    },
  });
  const release = useMutation({
    mutationFn: (block: T) => onRelease(block.block_id),
    onSuccess: (_, block) => {
      setReleasing(null);
      say(w.keeping.released(block.seats.length), 'good');
    },
  });
  // A refusal was about the seats that were chosen then.
  const { isError, reset } = keep;
  const toggle = useCallback(
    (seat: string) => {
      if (kept.has(seat) || !plan.byName.has(seat)) return;
      if (isError) reset();
      setSeats((before) => (before.includes(seat) ? before.filter((one) => one !== seat) : [...before, seat]));
    },
    [kept, plan, isError, reset],
  );
  // The room has no prices, and a kept seat is named with its reason.
  const editing = useMemo(
    () => ({
      missing: NONE,
      marked: NO_ROWS,
      words: (seat: string) =>
        [seat, kept.get(seat) ?? (chosen.has(seat) && t.seats.states.chosen)].filter(Boolean).join(', '),
      onArea: (label: string) => {
        const row = map.rows.find((one) => one.label === label);
        const place = row && freePlaces(row, 1, chosen)[0];
        if (place !== undefined) toggle(place);
      },
    }),
    [kept, chosen, map, toggle],
  );
  return (
    <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="h-[48dvh] min-h-72 overflow-hidden rounded-2xl bg-sunk/60">
        <SeatMapView
          map={map}
          plan={plan}
          chosen={chosen}
          onToggle={toggle}
          editing={editing}
          front={w.canvas.front}
          label={w.keeping.map}
        />
      </div>
      <div className="grid gap-4">
        <RowChoice
          map={map}
          seats={seats}
          onSeats={(next) => {
            if (isError) reset();
            setSeats(next);
          }}
        />
        {seats.length === 0 ? (
          <p className="text-soft">{w.keeping.choose}</p>
        ) : (
          <form
            className="grid gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              keep.mutate();
            }}
          >
            <p className="marquee text-xl wrap-anywhere">{seatList(seats)}</p>
            <TextField
              label={w.keeping.why}
              required
              maxLength={200}
              list="kept-reasons"
              autoComplete="off"
              value={reason}
              onChange={({ target }) => {
                setReason(target.value);
              }}
            />
            <datalist id="kept-reasons">
              {w.keeping.reasons.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
            {screening && <ReleaseField startsAt={screening.starts_at} hours={hours} onChange={setHours} />}
            <Refused error={keep.error} />
            <div className="grid grid-cols-2 gap-3">
              <Button
                onClick={() => {
                  if (isError) reset();
                  setSeats([]);
                }}
              >
                {w.keeping.clear}
              </Button>
              <Button type="submit" look="gold" busy={keep.isPending} disabled={!reason.trim() || keep.isPending}>
                {w.keeping.keep}
              </Button>
            </div>
          </form>
        )}
        {blocks.length === 0 ? (
          <p className="text-soft">{w.keeping.none}</p>
        ) : (
          <ul aria-label={w.keeping.list} className="grid gap-3">
            {blocks.map((block) => (
              <li key={block.block_id} className="rounded-2xl bg-sunk p-4">
                <p className="font-semibold wrap-anywhere">{block.reason}</p>
                <p className="marquee text-xl wrap-anywhere">{seatList(block.seats)}</p>
                {screening && (
                  <p className="text-sm text-soft">
                    {block.release_at
                      ? w.screening.againAt(when(block.release_at, 'full', screening.timezone))
                      : w.screening.byHand}
                  </p>
                )}
                {more?.(block)}
                <Button
                  size="small"
                  className="mt-2"
                  aria-label={w.keeping.releaseOf(block.reason)}
                  onClick={() => {
                    release.reset();
                    setReleasing(block);
                  }}
                >
                  {w.keeping.release}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
      {releasing && (
        <Sure
          title={w.keeping.sure}
          verb={w.keeping.release}
          act={{
            ...release,
            mutate: () => {
              release.mutate(releasing);
            },
          }}
          onClose={() => {
            setReleasing(null);
          }}
        >
          {w.keeping.atOnce(seatList(releasing.seats))}
        </Sure>
      )}
    </div>
  );
}
