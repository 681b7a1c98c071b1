/** A ticket that a friend has shared, kept on the device for the door, where there may be no network. */

import { command } from '../../api/client';
import { Problem } from '../../api/problem';
import type { SharedTicket } from '../../api/types';

const KEY = 'ticketshow.shared';
/** Tickets kept at most, newest first. */
const KEPT_MAX = 10;

interface Kept {
  token: string;
  ticket: SharedTicket;
}

/** The part of the browser's storage that is used. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

function read(shelf: Shelf): Kept[] {
  try {
    const kept: unknown = JSON.parse(shelf.getItem(KEY) ?? '[]');
    return Array.isArray(kept) ? (kept as Kept[]) : [];
  } catch {
    return [];
  }
}

function write(shelf: Shelf, kept: readonly Kept[]): void {
  try {
    shelf.setItem(KEY, JSON.stringify(kept.slice(0, KEPT_MAX)));
  } catch {
    // Without storage the ticket needs a network.
  }
}

/** Reads the ticket of a link; without a network, the copy of the last time. A link that was ended leaves none. */
export async function openShare(
  token: string,
  shelf: Shelf = localStorage,
  ask: (token: string) => Promise<SharedTicket> = (text) => command('POST', '/shares/open', { body: { token: text } }),
): Promise<SharedTicket> {
  const others = read(shelf).filter((kept) => kept.token !== token);
  try {
    const ticket = await ask(token);
    write(shelf, [{ token, ticket }, ...others]);
    return ticket;
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 0) {
      const copy = read(shelf).find((kept) => kept.token === token);
      if (copy) return copy.ticket;
    }
    if (problem instanceof Problem && problem.status === 404) write(shelf, others);
    throw problem;
  }
}
