/** Seats that are held for the reader and not paid yet. */

import { useQuery } from '@tanstack/react-query';

import { queryClient, reading } from '../../api/queries';
import type { Booking } from '../../api/types';
import { useUser } from '../../api/session/use-session';
import { isOpen } from '../types';

/** Polling intervals, in milliseconds. A booking that was made or paid in this tab is asked for at once. */
const EVERY_MS = 60_000;
const PAYING_MS = 5_000;
/** The list is newest first, and a hold lasts minutes. As many as the page with tickets reads, which works without a network. */
const NEWEST = 50;
const NONE: Booking[] = [];

const newest = reading('/bookings', { limit: NEWEST });

/** The newest bookings of the reader; none if they cannot be read. */
export async function newestBookings(): Promise<Booking[]> {
  return queryClient.fetchQuery(newest).then(
    ({ items }) => items,
    () => [],
  );
}

/** The newest bookings of the reader; none for a guest. */
export function useNewestBookings(): Booking[] {
  const user = useUser();
  const { data } = useQuery({
    ...newest,
    enabled: user !== null,
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ status }) => status === 'paying') ? PAYING_MS : EVERY_MS,
  });
  return user && data ? data.items : NONE;
}

/** Bookings that can be paid at `now`: the one with id `first`, then the one whose time ends first. */
export function holdsAt(bookings: readonly Booking[], now: number, first?: string): Booking[] {
  const rank = (booking: Booking) => (booking.booking_id === first ? -Infinity : Date.parse(booking.held_until));
  return bookings.filter((booking) => isOpen(booking, now)).sort((a, b) => rank(a) - rank(b));
}

/** The hold that other seats of the same screening replace. A debit of the wallet is a matter of seconds, and final. */
export function holdToChange(bookings: readonly Booking[], screening: string, now: number): Booking | null {
  const mine = holdsAt(bookings, now).filter(
    (booking) =>
      booking.screening.screening_id === screening && (booking.status === 'held' || booking.payment?.method === 'card'),
  );
  return mine[0] ?? null;
}
