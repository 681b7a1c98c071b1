/** The server's time. Countdowns follow it, not the clock of the phone, which may be minutes off. */

let offset = 0;
let roundTripBest = Infinity;

/** Learns from the `Date` header of an answer that took from `sent` to `received` (both by the local clock). */
export function learnTime(header: string | null, sent: number, received: number): void {
  const serverTime = header === null ? NaN : Date.parse(header);
  const roundTrip = received - sent;
  if (Number.isNaN(serverTime) || roundTrip > roundTripBest + 50) return;
  roundTripBest = Math.min(roundTripBest, roundTrip);
  // The header is cut to whole seconds, so half of one is added.
  const difference = serverTime + 500 - (sent + received) / 2;
  // Differences below a second are within the error of this measurement.
  offset = Math.abs(difference) < 1_000 ? 0 : difference;
}

/** The time of the server, in milliseconds since 1970. */
export function serverNow(): number {
  return onServer(Date.now());
}

/** A time of the local clock, by the clock of the server. */
export function onServer(local: number): number {
  return local + offset;
}
