/**
 * The call that moves a booking. It answers before the move is over if that takes longer than two seconds, or if the
 * difference is to be paid on a page first.
 */

export type Settle = 'pay' | 'refund' | 'waive';

export interface Wish {
  screening_id: string;
  seats: string[];
  /** Kept wheelchair places among the seats, which the customer asks for. */
  asked?: readonly string[];
  settle: Settle;
  /** Way to pay a difference. */
  method?: 'wallet' | 'card';
  /** Reason of the house. */
  reason?: string;
}

/** The body of the call: seats that are asked for as wheelchair places say so. */
export function bodyOf({ screening_id, seats, asked = [], settle, method, reason }: Wish) {
  const wishes = seats.map((seat) => (asked.includes(seat) ? { seat, wheelchair: true } : seat));
  return { screening_id, seats: wishes, settle, method, ...(reason && { reason }) };
}

/** The booking as the API describes it after the call. */
export interface Moved {
  screening_id: string;
  seats: string[];
  /** The page where the difference is paid. */
  checkout_url?: string | null;
}

/** What came of a call. */
export interface Outcome {
  isOver: boolean;
  /** The page where the difference is paid. */
  checkout: string | null;
}

/** Calls that are made until the move is over, and the pause between two, in milliseconds. */
const CALLS_MAX = 6;
const PAUSE_MS = 1_500;

function isOver(answer: Moved, wish: Wish): boolean {
  return answer.screening_id === wish.screening_id && wish.seats.every((seat) => answer.seats.includes(seat));
}

/**
 * Asks for a move until the booking has the seats, or a page is open to pay the difference. `send` repeats one call with one
 * key, which the API answers with the outcome once there is one.
 */
export async function moved(
  wish: Wish,
  send: (wish: Wish) => Promise<Moved>,
  pause: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS)),
): Promise<Outcome> {
  for (let calls = 1; ; calls += 1) {
    const answer = await send(wish);
    const checkout = answer.checkout_url ?? null;
    if (isOver(answer, wish)) return { isOver: true, checkout: null };
    if (checkout !== null || calls === CALLS_MAX) return { isOver: false, checkout };
    await pause();
  }
}
