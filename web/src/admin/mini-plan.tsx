import { SEAT, type Plan } from '../seats/plan';

/** A room at a glance: no seat can be told apart, the shape can. One path a category, however large the room. */
export function MiniPlan({ plan, className = '' }: { plan: Plan; className?: string }) {
  const r = SEAT / 2;
  const middle = plan.width / 2;
  const half = plan.width * 0.34;
  return (
    <svg viewBox={`0 0 ${String(plan.width)} ${String(plan.height)}`} className={`w-full ${className}`} aria-hidden="true">
      <path d={`M${String(middle - half)} 1.600Q${String(middle)} 0.400 ${String(middle + half)} 1.600`} fill="none" stroke="var(--gold)" strokeWidth={0.5} strokeLinecap="round" />
      {plan.categories.map((category, index) => (
        <path
          key={category}
          fill={`var(--cat-${String(index % 6)})`}
          d={plan.rows
            .filter((row) => row.category === category)
            .flatMap((row) => row.seats)
            .map((seat) => `M${(seat.x + 0.11).toFixed(2)} ${(seat.y + r).toFixed(2)}a${String(r)} ${String(r)} 0 1 0 ${String(SEAT)} 0a${String(r)} ${String(r)} 0 1 0 -${String(SEAT)} 0z`)
            .join('')}
        />
      ))}
    </svg>
  );
}
