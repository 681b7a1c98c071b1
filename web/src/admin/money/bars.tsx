/** Bars of a chart, each with the one of the period before behind it. The table below says the same in numbers. */
import { w } from '../../i18n/work/texts';

export function Bars({
  label,
  bars,
  format,
}: {
  label: string;
  bars: readonly { name: string; value: number; before: number | null }[];
  format: (value: number) => string;
}) {
  const most = Math.max(1, ...bars.flatMap(({ value, before }) => [value, before ?? 0]));
  const height = (value: number) => `${String(Math.max(0, (value / most) * 100))}%`;
  return (
    <figure className="mb-6">
      <div role="img" aria-label={label} className="flex h-44 items-end gap-px border-b border-line sm:gap-1">
        {bars.map(({ name, value, before }, index) => (
          <div
            key={index}
            title={w.sales.bar(name, format(value), before === null ? '' : format(before))}
            className="relative h-full min-w-0 flex-1 hover:bg-sunk"
          >
            {before !== null && before > 0 && (
              <span
                className="absolute inset-x-0 bottom-0 rounded-t border border-b-0 border-dashed border-line-strong"
                style={{ height: height(before) }}
              />
            )}
            <span
              className="absolute inset-x-[18%] bottom-0 rounded-t bg-gold forced-color-adjust-none"
              style={{ height: height(value) }}
            />
          </div>
        ))}
      </div>
      <Names of={bars} most={4} className="sm:hidden" />
      <Names of={bars} most={8} className="not-sm:hidden" />
      <figcaption className="mt-2 flex flex-wrap gap-x-4 text-sm text-soft">
        <span className="flex items-center gap-1.5">
          <span className="size-3 rounded-sm bg-gold forced-color-adjust-none" aria-hidden /> {w.sales.now}
        </span>
        <span className="flex items-center gap-1.5">
          <span className="size-3 rounded-sm border border-dashed border-line-strong" aria-hidden /> {w.sales.then}
        </span>
      </figcaption>
    </figure>
  );
}

/** Names below the bars: of every second or third if there are more than fit, each at its first bar. */
function Names({ of: bars, most, className }: { of: readonly { name: string }[]; most: number; className: string }) {
  const every = Math.ceil(bars.length / most);
  const named = bars.flatMap(({ name }, index) => (index % every === 0 ? [{ name, index }] : []));
  return (
    <div aria-hidden className={`mt-1 flex text-xs text-soft ${className}`}>
      {named.map(({ name, index }) => (
        <span
          key={index}
          className="min-w-0 basis-0 truncate pr-1"
          style={{ flexGrow: Math.min(every, bars.length - index) }}
        >
          {name}
        </span>
      ))}
    </div>
  );
}
