/** The call that moves a booking. It answers before the move is over if that takes longer than two seconds. */

export type Settle = 'pay' | 'refund' | 'waive';

export interface Wish {
  screening_id: string;
  seats: string[];
  /** Kept wheelchair places among the seats, which the customer asks for. */
  asked?: readonly string[];
  settle: Settle;
}

/** The body of the call: seats that are asked for as wheelchair places say so. */
export function bodyOf({ screening_id, seats, asked = [], settle }: Wish) {
  const wishes = seats.map((seat) => (asked.includes(seat) ? { seat, wheelchair: true } : seat));
  return { screening_id, seats: wishes, settle };
}

/** The booking as the API describes it after the call. */
export interface Moved {
  screening_id: string;
  seats: string[];
}

/** Calls that are made until the move is over, and the pause between two, in milliseconds. */
const CALLS_MAX = 6;
const PAUSE_MS = 1_500;

function isOver(answer: Moved, wish: Wish): boolean {
  return answer.screening_id === wish.screening_id && wish.seats.every((seat) => answer.seats.includes(seat));
}

/**
 * Asks for a move until the booking has the seats, and returns false if it still has not. `send` repeats one call with one
 * key, which the API answers with the outcome once there is one.
 */
export async function moved(
  wish: Wish,
  send: (wish: Wish) => Promise<Moved>,
  pause: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
): Promise<boolean> {
  for (let calls = 1; ; calls += 1) {
    if (isOver(await send(wish), wish)) return true;
    if (calls === CALLS_MAX) return false;
    await pause();
  }
}
