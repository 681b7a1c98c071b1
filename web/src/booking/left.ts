/** A payment for which the browser went to the provider: what it was for, until it is back. */

export interface Left {
  payment: string;
  /** Null for a top-up of the wallet. */
  booking: string | null;
  /** Of a top-up: the booking that waits for the money. */
  towards?: string;
}

const KEY = 'ticketshow.left-to-pay';

export function noteLeaving(left: Left): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(left));
  } catch {
    // The address that the provider sends back to names the payment as well.
  }
}

export function whatWasLeft(): Left | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as Left | null;
  } catch {
    return null;
  }
}
