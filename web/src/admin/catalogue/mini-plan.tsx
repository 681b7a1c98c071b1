import { SEAT, type PlacedSeat, type Plan } from '../../seats/map/plan';

/**
 * A room at a glance: its shape and wheelchair places, not its single seats. One path per category keeps
 * large rooms cheap.
 */
export function MiniPlan({ plan, className = '' }: { plan: Plan; className?: string }) {
  const dots = (seats: readonly PlacedSeat[], r: number) => {
    const half = (width: number) => `a${String(r)} ${String(r)} 0 1 0 ${String(width)} 0`;
    const circle = `${half(2 * r)}${half(-2 * r)}z`;
    return seats.map((seat) => `M${(seat.x + 0.5 - r).toFixed(2)} ${(seat.y + SEAT / 2).toFixed(2)}${circle}`).join('');
  };
  const accessible = plan.rows.flatMap((row) => row.seats).filter((seat) => seat.accessible);
  const middle = plan.width / 2;
  const half = plan.width * 0.34;
  return (
    <svg
      viewBox={`0 0 ${String(plan.width)} ${String(plan.height)}`}
      className={`w-full ${className}`}
      aria-hidden="true"
    >
      <path
        d={`M${String(middle - half)} 1.600Q${String(middle)} 0.400 ${String(middle + half)} 1.600`}
        fill="none"
        stroke="var(--gold)"
        strokeWidth={0.5}
        strokeLinecap="round"
      />
      {plan.categories.map((category, index) => (
        <path
          key={category}
          fill={`var(--cat-${String(index % 6)})`}
          d={dots(
            plan.rows.filter((row) => row.category === category).flatMap((row) => row.seats),
            SEAT / 2,
          )}
        />
      ))}
      {[...plan.areas.values()].map(({ name, row, x, y, width, height }) => (
        <rect
          key={name}
          {...{ x, y, width, height }}
          rx={0.5}
          fill={`var(--cat-${String(plan.categories.indexOf(plan.rows[row]?.category ?? '') % 6)})`}
        />
      ))}
      <path fill="var(--card)" d={dots(accessible, SEAT / 4)} />
    </svg>
  );
}
