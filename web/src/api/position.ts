/** Read-your-writes: a command returns its position in the log, and queries shortly afterwards ask for it. */

/** After this time every read model has caught up, or has stopped and waiting would not help. */
const FRESH_MS = 15_000;

let position = 0;
let learnt = -Infinity;

/** Remembers the `Stream-Position` of a command's answer. */
export function learnPosition(header: string | null, now: number): void {
  const received = Number(header);
  if (header === null || !Number.isSafeInteger(received) || received <= 0) return;
  position = Math.max(position, received);
  learnt = now;
}

/** Position that a query must wait for (`Min-Position`), or null. */
export function wantedPosition(now: number): number | null {
  return position > 0 && now - learnt < FRESH_MS ? position : null;
}

/** For tests. */
export function forgetPosition(): void {
  position = 0;
  learnt = -Infinity;
}
