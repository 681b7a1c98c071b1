/** What says where one is in a plan that is larger than its window. For the eye only: the seats have names. */

import { memo } from 'react';

import { fitting, type Camera, type Size } from './camera';
import type { Plan } from './plan';

/** The plan is this many times larger than its window before a small one is shown beside it. */
const LARGER = 1.6;
const LETTERS_WIDTH = 22;
const MINI: Size = { width: 92, height: 68 };
/** In a window narrower than this, the small plan is smaller still. */
const NARROW = 500;

/** Letters of the rows in sight whose own are beyond the left edge. */
export function Letters({ plan, camera, window }: { plan: Plan; camera: Camera; window: Size }) {
  const left = camera.x - window.width / 2 / camera.scale;
  const place = (y: number) => window.height / 2 + (y - camera.y) * camera.scale;
  const rows = plan.rows.filter(
    ({ area, left: start, right, leftY }) =>
      !area && start - 0.4 < left && right > left && place(leftY + 1) > 0 && place(leftY) < window.height,
  );
  if (rows.length === 0) return null;
  return (
    <g aria-hidden="true" pointerEvents="none">
      <rect width={LETTERS_WIDTH} height={window.height} fill="var(--card)" opacity={0.88} />
      {rows.map((row) => (
        <text
          key={row.label}
          x={LETTERS_WIDTH / 2}
          y={place(row.leftY + 0.5) + 4.5}
          textAnchor="middle"
          fontSize={row.label.length > 2 ? 9 : 13}
          fill="var(--ink)"
          style={{ fontWeight: 650 }}
        >
          {row.label}
        </text>
      ))}
    </g>
  );
}

/** The whole plan in small, with a frame around the part in sight. */
export function MiniPlan({ plan, camera, window }: { plan: Plan; camera: Camera; window: Size }) {
  if (camera.scale < LARGER * fitting(plan, window)) return null;
  const scale = Math.min(MINI.width / plan.width, MINI.height / plan.height) * (window.width < NARROW ? 0.7 : 1);
  const [width, height] = [window.width / camera.scale, window.height / camera.scale];
  return (
    <svg
      aria-hidden="true"
      width={plan.width * scale}
      height={plan.height * scale}
      viewBox={`0 0 ${String(plan.width)} ${String(plan.height)}`}
      className="fade pointer-events-none absolute right-3 top-3 box-content rounded-lg bg-card/90 p-1.5 shadow-card"
    >
      <Rows plan={plan} />
      <rect
        x={camera.x - width / 2}
        y={camera.y - height / 2}
        width={width}
        height={height}
        rx={1 / scale}
        fill="var(--gold)"
        fillOpacity={0.25}
        stroke="var(--ink)"
        strokeWidth={1.5 / scale}
      />
    </svg>
  );
}

const Rows = memo(function Rows({ plan }: { plan: Plan }) {
  const at = (x: number, y: number) => `${x.toFixed(1)} ${(y + 0.5).toFixed(1)}`;
  const d = plan.rows.map(({ left, right, leftY, rightY, y, area }) => {
    if (area) return `M${at(left, y)}H${right.toFixed(1)}V${(y + area.height).toFixed(1)}H${left.toFixed(1)}z`;
    // The ends of a parabola and where its tangents meet.
    return `M${at(left, leftY)}Q${at((left + right) / 2, 2 * y - (leftY + rightY) / 2)} ${at(right, rightY)}`;
  });
  return <path d={d.join('')} stroke="var(--line-strong)" strokeWidth={0.6} fill="none" />;
});
