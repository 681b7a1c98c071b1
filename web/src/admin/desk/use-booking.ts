import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';

import { idIn } from '../../api/keys/ids';
import { usePolling } from '../polling';
import { reading } from '../../api/queries';
import type { CustomersBooking } from './desk';

/** Polling interval while a move waits for its difference, in milliseconds. */
const WATCH_MS = 3_000;

/** A booking, read for the staff. */
export function useBooking(id: string) {
  const [params] = useSearchParams();
  const venue = idIn(params.get('venue'));
  const every = usePolling();
  const { data, ...rest } = useQuery({
    ...reading('/admin/bookings', { q: id, limit: 1, venue_id: venue }),
    refetchInterval: ({ state }) => (state.data?.items.some((one) => one.open_move != null) ? every(WATCH_MS) : false),
  });
  // The text is also the beginning of an id.
  const found: CustomersBooking | undefined = data?.items.find((one) => one.booking_id === id);
  return { ...rest, data: data && (found ?? null) };
}
