import { useEffect, useState } from 'react';

import type { SeatMap } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { money } from '../../design/format';
import { t } from '../../i18n/texts';
import type { Camera } from './camera';
import type { Plan } from './plan';
import { stateOf } from './seat-state';

/** How long it stays, in milliseconds. */
const STAYS_MS = 3_000;
/** Half of what it is wide at most, and its height, in pixels. */
const HALF_PX = 90;
const HEIGHT_PX = 40;

interface Props {
  map: SeatMap;
  plan: Plan;
  /** The plan's origin in the frame. */
  at: Camera;
  width: number;
  /** Name of a place in the editor. */
  words: ((place: string) => string) | undefined;
}

/** Name and price of the seat that was tapped, or that the mouse is over. For the eye: screen readers have its name. */
export function Bubble({
  name,
  chosen,
  ...rest
}: Props & {
  name: string | null;
  chosen: ReadonlySet<string>;
}) {
  if (name === null) return null;
  const isChosen = chosen.has(name);
  return <Passing key={`${name} ${String(isChosen)}`} name={name} isChosen={isChosen} {...rest} />;
}

function Passing({ name, isChosen, map, plan, at, width, words }: Props & { name: string; isChosen: boolean }) {
  const [gone, setGone] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      setGone(true);
    }, STAYS_MS);
    return () => {
      clearTimeout(timer);
    };
  }, []);
  const place = plan.byName.get(name);
  const row = place && map.rows[place.row];
  const seat = place && row?.seats[place.index];
  if (gone || !place || !row || !seat) return null;
  const state = stateOf(seat, isChosen);
  const left = Math.min(Math.max(at.x + (place.x + 0.5) * at.scale, HALF_PX), Math.max(HALF_PX, width - HALF_PX));
  const top = at.y + place.y * at.scale;
  const below = top < HEIGHT_PX + 8;
  return (
    <p
      aria-hidden="true"
      className="fade pointer-events-none absolute max-w-[11.25rem] truncate rounded-xl bg-ink px-3 py-1 text-sm font-semibold text-ground shadow-card"
      style={{
        left,
        top: below ? top + at.scale : top,
        transform: below ? 'translate(-50%, 6px)' : 'translate(-50%, calc(-100% - 6px))',
      }}
    >
      {words ? (
        words(name)
      ) : (
        <>
          {seat.seat} ·{' '}
          {state === 'free' || state === 'chosen'
            ? `${money(seat.price)} · ${categoryName(row.category)}`
            : t.seats.states[state]}
        </>
      )}
    </p>
  );
}
