/** Reading one's own writes: a command tells its position in the log, and queries shortly after ask for it. */

/** After this long every read model has caught up, or is standing still and waiting would not help. */
const FRESH_MS = 15_000;

let position = 0;
let learnt = -Infinity;

/** Remembers the `Stream-Position` of a command's answer. */
export function learnPosition(header: string | null, now: number): void {
  const told = Number(header);
  if (header === null || !Number.isSafeInteger(told) || told <= 0) return;
  position = Math.max(position, told);
  learnt = now;
}

/** What a query has to wait for (`Min-Position`), if anything. */
export function wantedPosition(now: number): number | null {
  return position > 0 && now - learnt < FRESH_MS ? position : null;
}

/** For tests. */
export function forgetPosition(): void {
  position = 0;
  learnt = -Infinity;
}
