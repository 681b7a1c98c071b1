import { countdown } from '../design/format';
import { useNow } from '../design/hooks';

/** The last minute is announced to screen readers. */
const LAST_MS = 60_000;

/** Time left of the hold, by the server's clock. */
export function HoldClock({ until, from }: { until: string; from: string }) {
  const now = useNow(500);
  const left = Math.max(0, Date.parse(until) - now);
  const share = Math.min(1, left / Math.max(1, Date.parse(until) - Date.parse(from)));
  const last = left <= LAST_MS;
  const length = 2 * Math.PI * 15;
  return (
    <div
      className={`flex items-center gap-3 rounded-full py-1.5 pl-1.5 pr-5 ${last ? 'bg-bad-wash text-bad' : 'bg-sunk'}`}
      role="timer"
      aria-label="Time left to pay"
    >
      <svg viewBox="0 0 36 36" className="size-11 -rotate-90" aria-hidden>
        <circle cx="18" cy="18" r="15" fill="none" stroke="currentColor" strokeWidth="4" opacity="0.15" />
        <circle
          cx="18"
          cy="18"
          r="15"
          fill="none"
          stroke={last ? 'currentColor' : 'var(--gold)'}
          strokeWidth="4"
          strokeLinecap="round"
          strokeDasharray={length}
          strokeDashoffset={length * (1 - share)}
          style={{ transition: 'stroke-dashoffset 0.5s linear' }}
        />
      </svg>
      {/* As wide in the last minute as before, so that the buttons below stay where they are. */}
      <span className="min-w-20 leading-tight whitespace-nowrap">
        <span className="numbers marquee block text-2xl">{countdown(left)}</span>
        <span className="text-sm">{last ? 'Last minute' : 'left to pay'}</span>
      </span>
      <span role="status" className="sr-only">
        {last && left > 0 ? 'Less than a minute left to pay.' : ''}
      </span>
    </div>
  );
}
