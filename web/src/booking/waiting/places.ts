/** Places of the reader on waiting lists. */

import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';

import { usePolicy } from '../../api/policy';
import { outdated, wholeList } from '../../api/queries';
import type { WaitingPlace } from '../../api/types';
import { useUser } from '../../api/session/use-session';

/** Polling interval while the reader waits, in milliseconds. */
const EVERY_MS = 15_000;
const NONE: WaitingPlace[] = [];

/** The places of the reader; none for a guest, and where the house has no waiting lists. */
export function useMyPlaces(): WaitingPlace[] {
  const user = useUser();
  const { has_waiting_lists: isOffered } = usePolicy();
  const { data } = useQuery({
    ...wholeList('/me/waiting-list'),
    enabled: user !== null && isOffered,
    refetchInterval: ({ state }) => (state.data && state.data.length > 0 ? EVERY_MS : false),
  });
  const places = user && data ? data : NONE;
  // An offer is a booking that was made on the server: pages that show bookings do not know it yet.
  const offers = offersIn(places).join();
  useEffect(() => {
    if (offers) void outdated('/bookings');
  }, [offers]);
  return places;
}

/** Bookings that hold offered seats. */
export function offersIn(places: readonly Pick<WaitingPlace, 'booking_id' | 'status'>[]): string[] {
  return places.flatMap(({ status, booking_id: id }) => (status === 'offered' && id ? [id] : []));
}

/** The offers first, the one that ends first at the top; then what is waited for, by the time of the screening. */
export function inOrderOfNeed(places: readonly WaitingPlace[]): WaitingPlace[] {
  const rank = ({ status, held_until: until, starts_at: start }: WaitingPlace) =>
    status === 'offered' && until ? Date.parse(until) - Number.MAX_SAFE_INTEGER / 2 : Date.parse(start);
  return [...places].sort((a, b) => rank(a) - rank(b));
}
