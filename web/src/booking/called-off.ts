import { useQuery } from '@tanstack/react-query';

import { reading } from '../api/queries';
import type { Booking } from '../api/types';
import { inWords } from './story';

/** The sentence about the theatre's cancellation, with its reason; null if the theatre has not cancelled the screening. */
export function useCalledOff(booking: Booking): string | null {
  const over = booking.status === 'cancelled' || booking.status === 'refunded' || booking.status === 'expired';
  const history = useQuery({ ...reading(`/bookings/${booking.booking_id}/history`), enabled: over });
  if (!over) return null;
  const step = history.data?.items.find(({ event }) => event === 'screening_cancelled');
  return step ? inWords(step) : null;
}
