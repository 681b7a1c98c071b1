/** Payment in progress at the provider, remembered until the browser returns. */

import { idIn } from '../api/keys/ids';

/** A booking that is to be paid, or moved, once the money is there. */
export type Towards = { booking: string } & ({ step: 'pay' } | { step: 'move'; screening: string });

/** The page that goes on after a top-up. */
export function pageAfter(towards: Towards): string {
  if (towards.step === 'pay') return `/checkout/${towards.booking}`;
  return `/bookings/${towards.booking}/move?screening=${towards.screening}`;
}

export interface PendingPayment {
  payment: string;
  /** Null for a top-up of the wallet. */
  booking: string | null;
  /** For a top-up: what waits for the money. */
  towards?: Towards;
}

/**
 * The provider's page to pay on, or null if the address is none: any page over HTTPS, and over HTTP only from a page that
 * is itself served so, such as the local simulator.
 */
export function paymentPage(address: string | null | undefined, own: string = window.location.protocol): string | null {
  if (!address || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'https:' || (url.protocol === 'http:' && own === 'http:') ? url.href : null;
}

/** Opens the provider's page in place of this one. Returns false if there is none to open. */
export function leaveToPay(address: string | null | undefined): boolean {
  const page = paymentPage(address);
  if (page) window.location.assign(page);
  return page !== null;
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
    const stored = JSON.parse(localStorage.getItem(KEY) ?? 'null') as PendingPayment | null;
    if (!stored || !idIn(stored.payment)) return null;
    const { towards, ...rest } = stored;
    return idIn(towards?.booking) ? stored : rest;
  } catch {
    return null;
  }
}
