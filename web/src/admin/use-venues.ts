import { useQuery } from '@tanstack/react-query';

import type { Problem } from '../api/problem';
import { wholeList } from '../api/queries';
import type { Venue } from '../api/types';
import { useUser } from '../api/session/use-session';

/** The open venues that the reader works for; `all` if these are all of them. */
export function useVenues(): { items: Venue[]; all: boolean; isPending: boolean; error: Problem | null } {
  const own = useUser()?.venues ?? null;
  const venues = useQuery(wholeList('/venues', { status: 'active' }));
  const items = venues.data ?? [];
  return {
    items: own ? items.filter(({ venue_id }) => own.includes(venue_id)) : items,
    all: own === null,
    isPending: venues.isPending,
    error: venues.data ? null : venues.error,
  };
}
