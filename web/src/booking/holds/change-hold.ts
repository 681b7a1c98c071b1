/**
 * Other seats in place of those that are held. One call changes a hold. One whose card payment is open cannot be changed, but
 * cancelled: that takes several calls, in an order that does not leave the customer without seats.
 */

import { Problem } from '../../api/problem';

export interface Held {
  booking_id: string;
  seats: readonly string[];
}

/** The calls that a change needs. */
export interface Seating {
  hold: (seats: readonly string[]) => Promise<Held>;
  release: (booking: string) => Promise<unknown>;
  /** Those of the seats that another customer has. */
  taken: (seats: readonly string[]) => Promise<string[]>;
}

export type Change =
  | { outcome: 'changed'; hold: Held }
  /** Another customer was faster: the seats held before are held still, or again. */
  | { outcome: 'kept'; hold: Held; taken: string[] }
  /** Another customer was faster, and the seats held before are gone as well. */
  | { outcome: 'lost'; taken: string[] };

/** Replaces a hold that nobody is paying by one of `wanted`. One that is over meanwhile is in nobody's way. */
export async function replaceHold(
  old: Held,
  wanted: readonly string[],
  hold: (seats: readonly string[], replaces: string | null) => Promise<Held>,
): Promise<Change> {
  try {
    return { outcome: 'changed', hold: await hold(wanted, old.booking_id) };
  } catch (problem) {
    const taken = takenSeats(problem);
    if (taken) return { outcome: 'kept', hold: old, taken };
    if (!isOver(problem)) throw problem;
    return { outcome: 'changed', hold: await hold(wanted, null) };
  }
}

/**
 * Replaces a hold whose card payment is open by one of `wanted`.
 *
 * If no seat is in both, the new hold is made before the old one is released. A seat in both cannot be held twice, and
 * neither can any if the house allows no second hold: then the new seats are looked up, the old ones released and the
 * new ones held a moment later. If another customer comes in between, the old seats are held again.
 */
export async function changeHold(old: Held, wanted: readonly string[], seating: Seating): Promise<Change> {
  const added = wanted.filter((seat) => !old.seats.includes(seat));
  if (added.length === wanted.length) {
    const beside = await heldBeside(old, wanted, seating);
    if (beside) return beside;
  }
  const gone = added.length > 0 ? await seating.taken(added) : [];
  if (gone.length > 0) return { outcome: 'kept', hold: old, taken: gone };
  await released(old, seating);
  try {
    return { outcome: 'changed', hold: await seating.hold(wanted) };
  } catch (problem) {
    const taken = takenSeats(problem);
    if (!taken) throw problem;
    try {
      return { outcome: 'kept', hold: await seating.hold(old.seats), taken };
    } catch (second) {
      const more = takenSeats(second);
      if (!more) throw second;
      return { outcome: 'lost', taken: [...new Set([...taken, ...more])] };
    }
  }
}

/** Slugs of a hold that is over already: it lapsed, or another tab released it. */
const OVER: ReadonlySet<string> = new Set(['hold-expired', 'booking-cancelled', 'screening-cancelled']);

const isOver = (problem: unknown) => problem instanceof Problem && OVER.has(problem.slug);

async function released(old: Held, seating: Seating): Promise<void> {
  try {
    await seating.release(old.booking_id);
  } catch (problem) {
    if (!isOver(problem)) throw problem;
  }
}

/** Holds `wanted` beside the old seats, and releases those then. Null if the house allows no second hold. */
async function heldBeside(old: Held, wanted: readonly string[], seating: Seating): Promise<Change | null> {
  try {
    const hold = await seating.hold(wanted);
    // If this fails, both are held, and shown, until the old hold lapses.
    await released(old, seating).catch(() => undefined);
    return { outcome: 'changed', hold };
  } catch (problem) {
    const taken = takenSeats(problem);
    if (taken) return { outcome: 'kept', hold: old, taken };
    if (problem instanceof Problem && problem.slug === 'too-many-holds') return null;
    throw problem;
  }
}

/** The seats that another customer has, if that is what a hold failed for. */
export function takenSeats(problem: unknown): string[] | null {
  if (!(problem instanceof Problem) || problem.slug !== 'seat-taken') return null;
  return Array.isArray(problem.members.seats) ? problem.members.seats.map(String) : [];
}
