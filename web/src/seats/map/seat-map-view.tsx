import { Maximize, Minus, Plus } from 'lucide-react';
import {
  useCallback,
  useDeferredValue,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type FocusEvent,
  type KeyboardEvent,
  type MouseEvent,
} from 'react';

import type { SeatMap } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { Button, IconButton } from '../../design/button';
import { money } from '../../design/format';
import { t } from '../../i18n/texts';
import { Letters, MiniPlan } from './bearings';
import type { Camera } from './camera';
import { inSight, isLarge, seatAtPoint } from './in-sight';
import { bestSeats } from '../choice/best';
import { freePlaces, standingIn } from '../choice/standing';
import { AreaRow } from './area-row';
import { Bubble } from './bubble';
import { neighbour, SEAT, stopOf, type Level, type PlacedRow, type Plan } from './plan';
import { PALE, Row, Shapes, type Editing } from './rows';
import { useCamera } from './use-camera';

/** Smallest seat that a finger can hit, in pixels; a tap on a smaller one zooms in first. */
const TOUCH_PX = 22;
const NEAR_PX = 36;
const MOUSE_PX = 11;
/** Smallest seat with a legible number, in pixels. */
const NUMBER_PX = 20;
/** Smallest distance of two seats with a legible letter of the row beside them, in pixels. */
const LETTERS_PX = 10;
interface Props {
  map: SeatMap;
  plan: Plan;
  chosen: ReadonlySet<string>;
  onToggle: (seat: string) => void;
  label: string;
  /** `Screen` or `Stage`. */
  front: string;
  /** Read-only: a past state or a preview. */
  fixed?: boolean;
  /** For staff, who may choose seats that the house keeps back. */
  house?: boolean;
  /** Categories that the reader asked for: others are pale. */
  shown?: ReadonlySet<string> | null;
  /** The room is being drawn instead of sold. */
  editing?: Editing | null;
}

const KEYS_HINT = [
  'pointer-events-none absolute left-1/2 -translate-x-1/2 rounded-full',
  'bg-ink px-3 py-1 text-sm font-medium',
  'whitespace-nowrap text-ground',
].join(' ');

const LEVELS = 'absolute inset-x-2 top-2 flex gap-2 overflow-x-auto quiet-scroll side:right-17 sm:justify-center';

const ZOOM_BUTTONS = [
  'absolute right-3 top-3 grid not-side:bottom-3 not-side:top-auto not-side:grid-flow-col rounded-full border border-line',
  'bg-card/90 shadow-card backdrop-blur-sm',
].join(' ');

export function SeatMapView({
  map,
  plan,
  chosen,
  onToggle,
  label,
  front,
  fixed = false,
  house = false,
  shown = null,
  editing = null,
}: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const controls = useCamera(frame, plan);
  const { camera, window: seen, moved, show } = controls;
  const [active, setActive] = useState<string | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  // Not `:has(:focus-visible)`, for which the browser computes the style of every seat again at each touch.
  const [byKeys, setByKeys] = useState(false);
  const first = useMemo(() => {
    const best = bestSeats(map, plan, { count: 1, categories: null })[0];
    return best ?? map.rows[0]?.seats[0]?.seat ?? null;
  }, [map, plan]);
  const start = [...chosen][0] ?? first;
  const current = (active !== null && stopOf(plan, active)) || (start !== null && stopOf(plan, start)) || null;
  const seatPx = camera.scale * SEAT;
  // A movement answers at once with what is drawn already; seats that come into sight are added after that.
  const settled = useDeferredValue(camera);
  const spans = useMemo(() => inSight(plan, settled, seen), [plan, settled, seen]);
  const whole = useMemo(() => inSight(plan, camera, seen) === null, [plan, camera, seen]);
  const shaped = isLarge(plan);
  const x = seen.width / 2 - camera.x * camera.scale;
  const y = seen.height / 2 - camera.y * camera.scale;

  const hasLevels = plan.levels.length > 1;
  const colourOf = (row: PlacedRow) => plan.categories.indexOf(row.category) % 6;
  const isPale = (row: PlacedRow) => shown !== null && !shown.has(row.category);
  const chosenIn = (row: number) => [...chosen].filter((name) => plan.byName.get(name)?.row === row).join(' ');

  /** One place of a standing area more, or one less. */
  const step = useCallback(
    (area: string, by: number) => {
      const row = map.rows[plan.areas.get(area)?.row ?? -1];
      if (!row || fixed) return;
      if (editing) {
        editing.onArea(area);
        return;
      }
      const place = by > 0 ? freePlaces(row, 1, chosen)[0] : standingIn(row, chosen).chosen.at(-1);
      if (place !== undefined) onToggle(place);
    },
    [map, plan, chosen, fixed, editing, onToggle],
  );

  const onClick = useCallback(
    (event: MouseEvent) => {
      if (moved.current) return;
      const target = event.target as Element;
      const own = target.closest('[data-seat]')?.getAttribute('data-seat');
      if (own != null && plan.areas.has(own)) {
        setActive(own);
        step(own, Number(target.closest('[data-step]')?.getAttribute('data-step') ?? 1));
        return;
      }
      const name = own ?? seatUnder(event, frame.current, plan, { x, y, scale: camera.scale });
      const at = name ? plan.byName.get(name) : undefined;
      if (!name || !at) return;
      // A click without a pointer, as of assistive software, has no count.
      const touch =
        event.detail > 0 && (event.nativeEvent as unknown as { pointerType?: string }).pointerType !== 'mouse';
      if (seatPx < (touch ? TOUCH_PX : MOUSE_PX)) {
        show(at.x + 0.5, at.y + 0.5, NEAR_PX / SEAT);
        return;
      }
      setActive(name);
      setPointed(name);
      if (!fixed) onToggle(name);
    },
    [moved, plan, seatPx, show, fixed, onToggle, step, x, y, camera.scale],
  );

  const onKey = (event: KeyboardEvent) => {
    const name = (event.target as Element).getAttribute('data-seat');
    if (!name) return;
    const isArea = plan.areas.has(name);
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      if (isArea) step(name, 1);
      else if (!fixed) onToggle(name);
      return;
    }
    if (isArea && (event.key === 'Backspace' || event.key === 'Delete')) {
      event.preventDefault();
      step(name, -1);
      return;
    }
    if (event.key === '+' || event.key === '-') {
      event.preventDefault();
      controls.zoom(event.key === '+' ? 1.4 : 1 / 1.4);
      return;
    }
    const next = neighbour(plan, name, event.key);
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    heading.current = next;
  };
  // Of a large room, the next seat is drawn only once it is the current one.
  const heading = useRef<string | null>(null);
  useLayoutEffect(() => {
    if (heading.current === null) return;
    frame.current?.querySelector<SVGGElement>(`[data-seat="${heading.current}"]`)?.focus({ preventScroll: true });
    heading.current = null;
  });

  /** Zooms in far enough to see the seat that has the keyboard focus, including the first one. */
  const onFocus = ({ target }: FocusEvent) => {
    const name = target.getAttribute('data-seat') ?? '';
    const [area, seat] = [plan.areas.get(name), plan.byName.get(name)];
    const at = area ?? seat;
    if (!at || !target.matches(':focus-visible')) return;
    setByKeys(true);
    // The best seat may change while it has the focus.
    setActive(at.name);
    const [width, height] = area ? [area.width, area.height] : [1, 1];
    show(at.x + width / 2, at.y + height / 2, Math.min(26, NEAR_PX) / SEAT);
  };

  return (
    <div dir="ltr" className={`relative size-full ${house ? 'house' : ''}`}>
      {/* The buttons have a strip of their own, so that they cover no seats. */}
      <div
        ref={frame}
        className={`absolute inset-0 touch-none select-none overflow-hidden not-side:bottom-17 side:right-17 ${hasLevels ? 'top-13' : ''}`}
        {...controls.handlers}
      >
        <svg
          width="100%"
          height="100%"
          role="grid"
          aria-label={label}
          aria-multiselectable={!fixed}
          aria-readonly={fixed || undefined}
          aria-rowcount={plan.rows.length}
          aria-colcount={Math.max(1, ...plan.rows.map((row) => row.seats.length))}
          onMouseDown={keepFocus}
          onClick={onClick}
          onKeyDown={onKey}
          onFocus={onFocus}
          onBlur={() => {
            setByKeys(false);
          }}
          onPointerOver={({ pointerType, target }) => {
            if (pointerType === 'mouse')
              setPointed((target as Element).closest('[data-seat]')?.getAttribute('data-seat') ?? null);
          }}
          className="plan block"
        >
          <g style={{ transform: `translate(${String(x)}px, ${String(y)}px) scale(${String(camera.scale)})` }}>
            <Front plan={plan} text={front} />
            <Bands plan={plan} map={map} shown={shown} priced={!editing} />
            <Headings plan={plan} />
            {shaped && (
              <g aria-hidden="true" className={whole || spans === null ? undefined : 'hidden'}>
                {plan.rows.map((row, index) => {
                  const seats = map.rows[index];
                  return (
                    seats && (
                      <Shapes
                        key={row.label}
                        row={row}
                        seats={seats}
                        chosen={chosenIn(index)}
                        colour={colourOf(row)}
                        pale={isPale(row)}
                      />
                    )
                  );
                })}
              </g>
            )}
            {plan.rows.map((row, index) => {
              const seats = map.rows[index];
              if (!seats) return null;
              const span = spans?.[index];
              if (row.area)
                return (
                  <AreaRow
                    key={row.label}
                    area={row.area}
                    index={index}
                    places={seats}
                    chosen={chosenIn(index)}
                    current={current === row.area.name}
                    colour={colourOf(row)}
                    pale={isPale(row)}
                    fixed={fixed}
                    editing={editing !== null}
                  />
                );
              return (
                <Row
                  key={row.label}
                  row={row}
                  index={index}
                  seats={seats}
                  chosen={chosenIn(index)}
                  current={current !== null && plan.byName.get(current)?.row === index ? current : null}
                  colour={colourOf(row)}
                  house={house}
                  pale={isPale(row)}
                  numbers={settled.scale * SEAT >= NUMBER_PX}
                  from={span?.from ?? 0}
                  to={span?.to ?? 0}
                  editing={editing}
                  letters={settled.scale >= LETTERS_PX && (!span || span.to > 0)}
                />
              );
            })}
          </g>
          <Letters plan={plan} camera={camera} window={seen} />
        </svg>
        <MiniPlan plan={plan} camera={camera} window={seen} />
        <Bubble
          name={pointed}
          map={map}
          plan={plan}
          chosen={chosen}
          at={{ x, y, scale: camera.scale }}
          width={seen.width}
          words={editing?.words}
        />
      </div>
      {!fixed && byKeys && (
        // The label of the plan says the same to screen readers.
        <p aria-hidden className={`${KEYS_HINT} ${hasLevels ? 'top-15' : 'top-2'}`}>
          {t.seats.keys}
        </p>
      )}
      {hasLevels && (
        <div role="group" aria-label={t.seats.levels} className={LEVELS}>
          {plan.levels.map((level) => (
            <Button
              key={level.name}
              size="small"
              onClick={() => {
                controls.aim(around(level, plan));
              }}
            >
              {level.name}
            </Button>
          ))}
        </div>
      )}
      <div className={ZOOM_BUTTONS}>
        <IconButton
          label={t.seats.zoomIn}
          onClick={() => {
            controls.zoom(1.5);
          }}
        >
          <Plus size={20} aria-hidden />
        </IconButton>
        <IconButton
          label={t.seats.zoomOut}
          onClick={() => {
            controls.zoom(1 / 1.5);
          }}
        >
          <Minus size={20} aria-hidden />
        </IconButton>
        <IconButton label={t.seats.wholeRoom} onClick={controls.fit}>
          <Maximize size={18} aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

/** A press beside a seat would move the focus to the page, for which the browser computes the style of all that is in it. */
function keepFocus(event: MouseEvent): void {
  if (!(event.target as Element).closest('[data-seat]')) event.preventDefault();
}

/** Name of the seat below the pointer. The plan's origin is at `x`, `y` of the frame. */
function seatUnder(event: MouseEvent, frame: HTMLElement | null, plan: Plan, at: Camera): string | null {
  if (!frame) return null;
  const { left, top } = frame.getBoundingClientRect();
  return seatAtPoint(plan, (event.clientX - left - at.x) / at.scale, (event.clientY - top - at.y) / at.scale);
}

/** The part of the plan that a level takes. */
function around({ y, bottom }: Level, plan: Plan): { x: number; y: number; width: number; height: number } {
  return { x: 0, y: y - 0.5, width: plan.width, height: bottom - y + 1 };
}

/** Names of the levels. */
function Headings({ plan }: { plan: Plan }) {
  return (
    <g aria-hidden="true" textAnchor="middle" fontSize={0.85} fill="var(--ink)" style={{ fontWeight: 700 }}>
      {plan.levels.map(({ name, y }) => (
        <text key={name} x={plan.width / 2} y={y + 0.6}>
          {name}
        </text>
      ))}
    </g>
  );
}

function Front({ plan, text }: { plan: Plan; text: string }) {
  const half = Math.min(plan.width * 0.36, 14);
  const middle = plan.width / 2;
  return (
    <g aria-hidden="true">
      <path
        d={`M${String(middle - half)} 1.5Q${String(middle)} 0.2 ${String(middle + half)} 1.5`}
        fill="none"
        stroke="var(--gold)"
        strokeWidth={0.28}
        strokeLinecap="round"
      />
      <path
        d={[
          `M${String(middle - half)} 1.8Q${String(middle)} 0.5 ${String(middle + half)} 1.8`,
          `L${String(middle + half * 1.12)} 3.1H${String(middle - half * 1.12)}z`,
        ].join('')}
        fill="var(--gold)"
        opacity={0.1}
      />
      <text x={middle} y={2.35} textAnchor="middle" fontSize={0.72} fill="var(--soft)" style={{ fontWeight: 600 }}>
        {text}
      </text>
    </g>
  );
}

/** Name and price of a category above its first row. */
function Bands({
  plan,
  map,
  shown,
  priced,
}: {
  plan: Plan;
  map: SeatMap;
  shown: ReadonlySet<string> | null;
  priced: boolean;
}) {
  return (
    <g aria-hidden="true">
      {plan.bands.map((band, index) => {
        const price = map.rows.find((row) => row.category === band.category)?.seats[0]?.price;
        return (
          <text
            key={index}
            x={plan.width / 2}
            y={band.y + 0.42}
            textAnchor="middle"
            opacity={shown && !shown.has(band.category) ? PALE : undefined}
            fontSize={0.62}
            fill={`var(--cat-${String(plan.categories.indexOf(band.category) % 6)})`}
            style={{ fontWeight: 650 }}
          >
            {categoryName(band.category)}
            {price && priced ? ` · ${money(price)}` : ''}
          </text>
        );
      })}
    </g>
  );
}
