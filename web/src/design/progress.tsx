/** How far something has come: a bar that fills, also for screen readers. Nothing to do counts as done. */
export function ProgressBar({
  label,
  done,
  total,
  thin = false,
}: {
  label: string;
  done: number;
  total: number;
  thin?: boolean;
}) {
  const share = total === 0 ? 1 : Math.min(1, done / total);
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      className={`overflow-hidden rounded-full bg-sunk ${thin ? 'h-2' : 'h-3'}`}
    >
      <div
        className="h-full rounded-full bg-gold forced-color-adjust-none transition-[width] duration-500 ease-out"
        style={{ width: `${String(share * 100)}%` }}
      />
    </div>
  );
}
