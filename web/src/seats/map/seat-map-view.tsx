import { Maximize, Minus, Plus } from 'lucide-react';
import {
  memo,
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

import type { Money, SeatMap, SeatRow } from '../../api/types';
import { categoryName } from '../../catalogue/names';
import { IconButton } from '../../design/button';
import { money, moneySpoken } from '../../design/format';
import { t } from '../../i18n/texts';
import { Letters, MiniPlan } from './bearings';
import type { Camera } from './camera';
import { inSight, isLarge, seatAtPoint, type Span } from './in-sight';
import { bestSeats } from '../choice/best';
import { Bubble } from './bubble';
import { neighbour, SEAT, type PlacedRow, type Plan } from './plan';
import { stateOf, type SeatState } from './seat-state';
import { useCamera } from './use-camera';

/** Smallest seat that a finger can hit, in pixels; a tap on a smaller one zooms in first. */
const TOUCH_PX = 22;
const NEAR_PX = 36;
const MOUSE_PX = 11;
/** Smallest seat with a legible number, in pixels. */
const NUMBER_PX = 20;
/** Smallest distance of two seats with a legible letter of the row beside them, in pixels. */
const LETTERS_PX = 10;
/** Opacity of what the reader did not ask for. */
const PALE = 0.25;

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
}

const KEYS_HINT = [
  'pointer-events-none absolute left-1/2 top-2 -translate-x-1/2 rounded-full',
  'bg-ink px-3 py-1 text-sm font-medium',
  'whitespace-nowrap text-ground',
].join(' ');

const ZOOM_BUTTONS = [
  'absolute right-3 top-3 grid not-side:bottom-3 not-side:top-auto not-side:grid-flow-col rounded-full border border-line',
  'bg-card/90 shadow-card backdrop-blur-sm',
].join(' ');

export function seatName(
  row: { label: string; category: string },
  number: number,
  price: Money | undefined,
  state: SeatState,
  accessible: boolean,
): string {
  return [
    t.seats.name(row.label, String(number)),
    categoryName(row.category),
    price && moneySpoken(price),
    t.seats.states[state],
    accessible && t.seats.accessible,
  ]
    .filter(Boolean)
    .join(', ');
}

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
}: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const controls = useCamera(frame, plan);
  const { camera, window: seen, moved, show } = controls;
  const [active, setActive] = useState<string | null>(null);
  const [pointed, setPointed] = useState<string | null>(null);
  // Not `:has(:focus-visible)`, for which the browser computes the style of every seat again at each touch.
  const [byKeys, setByKeys] = useState(false);
  const first = useMemo(
    () => bestSeats(map, plan, { count: 1, categories: null })[0] ?? plan.rows[0]?.seats[0]?.name ?? null,
    [map, plan],
  );
  const current = active !== null && plan.byName.has(active) ? active : ([...chosen][0] ?? first);
  const seatPx = camera.scale * SEAT;
  // A movement answers at once with what is drawn already; seats that come into sight are added after that.
  const settled = useDeferredValue(camera);
  const spans = useMemo(() => inSight(plan, settled, seen), [plan, settled, seen]);
  const whole = useMemo(() => inSight(plan, camera, seen) === null, [plan, camera, seen]);
  const shaped = isLarge(plan);
  const x = seen.width / 2 - camera.x * camera.scale;
  const y = seen.height / 2 - camera.y * camera.scale;

  const colourOf = (row: PlacedRow) => plan.categories.indexOf(row.category) % 6;
  const isPale = (row: PlacedRow) => shown !== null && !shown.has(row.category);
  const chosenIn = (row: number) => [...chosen].filter((name) => plan.byName.get(name)?.row === row).join(' ');

  const onClick = useCallback(
    (event: MouseEvent) => {
      if (moved.current) return;
      const own = (event.target as Element).closest('[data-seat]')?.getAttribute('data-seat');
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
    [moved, plan, seatPx, show, fixed, onToggle, x, y, camera.scale],
  );

  const onKey = (event: KeyboardEvent) => {
    const name = (event.target as Element).getAttribute('data-seat');
    if (!name) return;
    if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault();
      if (!fixed) onToggle(name);
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
    const at = plan.byName.get(target.getAttribute('data-seat') ?? '');
    if (!at || !target.matches(':focus-visible')) return;
    setByKeys(true);
    // The best seat may change while it has the focus.
    setActive(at.name);
    show(at.x + 0.5, at.y + 0.5, Math.min(26, NEAR_PX) / SEAT);
  };

  return (
    <div dir="ltr" className={`relative size-full ${house ? 'house' : ''}`}>
      {/* The buttons have a strip of their own, so that they cover no seats. */}
      <div
        ref={frame}
        className="absolute inset-0 touch-none select-none overflow-hidden not-side:bottom-17 side:right-17"
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
          aria-colcount={Math.max(...plan.rows.map((row) => row.seats.length))}
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
            <Bands plan={plan} map={map} shown={shown} />
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
        />
      </div>
      {!fixed && byKeys && (
        // The label of the plan says the same to screen readers.
        <p aria-hidden className={KEYS_HINT}>
          {t.seats.keys}
        </p>
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
function Bands({ plan, map, shown }: { plan: Plan; map: SeatMap; shown: ReadonlySet<string> | null }) {
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
            style={{ fontWeight: 650, textTransform: 'capitalize' }}
          >
            {categoryName(band.category)}
            {price ? ` · ${money(price)}` : ''}
          </text>
        );
      })}
    </g>
  );
}

interface RowProps {
  row: PlacedRow;
  index: number;
  seats: SeatRow;
  /** Names joined by spaces: a string, so that an unchanged row is not rendered again. */
  chosen: string;
  current: string | null;
  colour: number;
  house: boolean;
  pale: boolean;
  numbers: boolean;
  letters: boolean;
}

const Row = memo(function Row(props: RowProps & Span) {
  const { row, index, seats, chosen, current, colour, house, pale, numbers, from, to, letters } = props;
  const mine = new Set(chosen.split(' '));
  const style = { '--cat': `var(--cat-${String(colour)})` } as React.CSSProperties;
  // The seat that the keyboard is at is always there.
  const drawn = row.seats.filter((place) => (place.index >= from && place.index < to) || place.name === current);
  return (
    <>
      {letters && (
        <g aria-hidden="true" fontSize={0.5} fill="var(--soft)" textAnchor="middle" style={{ fontWeight: 600 }}>
          <text x={row.left - 0.75} y={row.y + 0.68}>
            {row.label}
          </text>
          <text x={row.right + 0.55} y={row.y + 0.68}>
            {row.label}
          </text>
        </g>
      )}
      {drawn.length > 0 && (
        <g
          role="row"
          aria-label={t.seats.row(row.label)}
          aria-rowindex={index + 1}
          style={style}
          opacity={pale ? PALE : undefined}
        >
          {drawn.map((place) => {
            const seat = seats.seats[place.index];
            if (!seat) return null;
            const state = stateOf(seat, mine.has(place.name));
            return (
              <g
                key={place.name}
                role="gridcell"
                className="seat"
                data-seat={place.name}
                data-state={state}
                tabIndex={place.name === current ? 0 : -1}
                aria-colindex={place.index + 1}
                aria-selected={state === 'chosen'}
                aria-disabled={state === 'held' || state === 'sold' || (state === 'blocked' && !house) || undefined}
                aria-label={seatName(row, place.number, seat.price, state, place.accessible)}
                transform={`translate(${String(place.x)} ${String(place.y)})`}
              >
                {place.name === current && (
                  <rect className="ring" x={-0.07} y={-0.07} width={SEAT + 0.36} height={SEAT + 0.36} rx={0.3} />
                )}
                <rect className="body" x={0.11} y={0.11} width={SEAT} height={SEAT} rx={0.22} />
                <Face state={state} place={place} numbers={numbers} />
              </g>
            );
          })}
        </g>
      )}
    </>
  );
});

/** A row as one shape per state of its seats, for the eye only. */
const Shapes = memo(function Shapes({
  row,
  seats,
  chosen,
  colour,
  pale,
}: Pick<RowProps, 'row' | 'seats' | 'chosen' | 'colour' | 'pale'>) {
  const mine = new Set(chosen.split(' '));
  const shapes = new Map<SeatState, string>();
  for (const place of row.seats) {
    const seat = seats.seats[place.index];
    if (!seat) continue;
    const state = stateOf(seat, mine.has(place.name));
    const square = `M${(place.x + 0.11).toFixed(2)} ${(place.y + 0.11).toFixed(2)}h${String(SEAT)}v${String(SEAT)}h-${String(SEAT)}z`;
    shapes.set(state, (shapes.get(state) ?? '') + square);
  }
  return (
    <g style={{ '--cat': `var(--cat-${String(colour)})` } as React.CSSProperties} opacity={pale ? PALE : undefined}>
      {[...shapes].map(([state, d]) => (
        <g key={state} className="seat shapes" data-state={state}>
          <path className="body" d={d} />
        </g>
      ))}
    </g>
  );
});

function Face({ state, place, numbers }: { state: SeatState; place: PlacedRow['seats'][number]; numbers: boolean }) {
  if (state === 'chosen')
    return (
      <path
        d="M0.310 0.520l0.130 0.130 0.250-0.270"
        fill="none"
        stroke="var(--on-gold)"
        strokeWidth={0.1}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    );
  if (place.accessible && state === 'free')
    return (
      <g fill="none" stroke="var(--cat)" strokeWidth={0.07} strokeLinecap="round" strokeLinejoin="round">
        <circle cx={0.45} cy={0.27} r={0.04} fill="var(--cat)" />
        <path d="M0.450 0.370v0.190h0.170l0.090 0.180M0.450 0.450h0.140M0.370 0.520a0.150 0.150 0 1 0 0.210 0.190" />
      </g>
    );
  if (!numbers) return null;
  return (
    <text x={0.5} y={0.635} textAnchor="middle" fontSize={0.36} style={{ fontWeight: 550 }} aria-hidden="true">
      {place.number}
    </text>
  );
}
