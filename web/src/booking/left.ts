/** Payment in progress at the provider, remembered until the browser returns. */

export interface PendingPayment {
  payment: string;
  /** Null for a top-up of the wallet. */
  booking: string | null;
  /** For a top-up: the booking that waits for the money. */
  towards?: string;
}

const KEY = 'ticketshow.left-to-pay';

export function rememberPayment(pending: PendingPayment): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(pending));
  } catch {
    // The provider's return address names the payment as well.
  }
}

export function rememberedPayment(): PendingPayment | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? 'null') as PendingPayment | null;
  } catch {
    return null;
  }
}
