import { useEffect, useRef, type KeyboardEvent } from 'react';

import { dayAfter, dayName } from '../design/format';
import { t } from '../i18n/texts';

/** Days that are always offered, and days offered without a gap if the run is that long. */
const WEEK = 7;
const WEEKS = 28;

/** The days to choose from: the next ones, and after four weeks those with screenings, however far ahead. */
export function daysOf(open: ReadonlySet<string>, today: string): string[] {
  const days = [...open].filter((day) => day >= today).sort();
  const last = days.at(-1) ?? today;
  const span = Math.round((Date.parse(last) - Date.parse(today)) / 86_400_000) + 1;
  const next = Array.from({ length: Math.max(WEEK, Math.min(span, WEEKS)) }, (_, index) => dayAfter(today, index));
  return [...new Set([...next, ...days])].sort();
}

/** Weeks ahead that the programme of a venue can be turned to. A day in the address may lie further ahead. */
const AHEAD_MAX = 52;

/**
 * The seven days around `day`, counted in weeks from today, and the first days of the weeks before and after; `null` where the
 * programme ends. So a day in the address is enough to show its week again.
 */
export function weekOf(today: string, day: string): { days: string[]; before: string | null; after: string | null } {
  const ahead = Math.floor((Date.parse(day) - Date.parse(today)) / 86_400_000 / WEEK);
  const week = Math.max(0, ahead);
  const first = dayAfter(today, week * WEEK);
  return {
    days: Array.from({ length: WEEK }, (_, index) => dayAfter(first, index)),
    before: week > 0 ? dayAfter(first, -WEEK) : null,
    after: week < AHEAD_MAX ? dayAfter(first, WEEK) : null,
  };
}

/** The given days as one row of choices; arrow keys move along it. `open` is the set of days with screenings. */
export function DayStrip({
  today,
  days: all,
  day,
  open,
  onChoose,
}: {
  today: string;
  days: readonly string[];
  day: string;
  open?: ReadonlySet<string> | undefined;
  onChoose: (day: string) => void;
}) {
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const chosen = strip.current?.querySelector<HTMLElement>(`[data-day="${day}"]`);
    if (!chosen || !strip.current) return;
    const { offsetLeft, offsetWidth } = chosen;
    const { scrollLeft, clientWidth } = strip.current;
    const start = offsetLeft - strip.current.offsetLeft;
    if (start < scrollLeft || start + offsetWidth > scrollLeft + clientWidth)
      strip.current.scrollLeft = start - clientWidth / 3;
  }, [day]);
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = all[(all.indexOf(day) + step + all.length) % all.length];
    if (!next) return;
    onChoose(next);
    strip.current?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus();
  };
  return (
    <div
      ref={strip}
      role="radiogroup"
      aria-label={t.shows.day}
      className="rail auto-cols-[4.4rem] gap-2 py-1"
      onKeyDown={onKey}
      tabIndex={-1}
    >
      {all.map((one) => {
        const chosen = one === day;
        const closed = open !== undefined && !open.has(one);
        const [name, number, month] = [dayName(one, 'weekday'), String(Number(one.slice(8))), dayName(one, 'month')];
        return (
          <button
            key={one}
            data-day={one}
            type="button"
            role="radio"
            aria-checked={chosen}
            aria-label={closed ? t.shows.nothingOn(dayName(one, 'day')) : dayName(one, 'day')}
            tabIndex={chosen || (!all.includes(day) && one === today) ? 0 : -1}
            onClick={() => {
              onChoose(one);
            }}
            className={`grid justify-items-center rounded-2xl border py-2.5 leading-tight transition-colors ${
              chosen
                ? 'border-ink bg-ink text-ground'
                : closed
                  ? 'border-transparent text-soft hover:border-line'
                  : 'border-line bg-card hover:border-ink'
            }`}
          >
            <span className="text-sm">{one === today ? t.when.today : name}</span>
            <span className="marquee text-2xl">{number}</span>
            <span className="text-sm">{month}</span>
          </button>
        );
      })}
    </div>
  );
}
