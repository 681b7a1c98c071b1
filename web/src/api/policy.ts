/** Limits and time windows of this installation, read once per visit. */

import { queryOptions, useQuery } from '@tanstack/react-query';

import { getFile } from './client';
import type { Money } from './types';

/** Answer of `GET /policy`. */
export interface Policy {
  booking_seats_max: number;
  customer_seats_max: number;
  holds_max: number;
  hold_seconds: number;
  extension_seconds: number;
  cancel_cutoff_seconds: number;
  top_up_min: Money;
  top_up_max: Money;
  currency: { code: string; decimals: number };
}

/** Defaults of the server. They apply until the policy has loaded. */
const DEFAULTS: Policy = {
  booking_seats_max: 10,
  customer_seats_max: 20,
  holds_max: 3,
  hold_seconds: 480,
  extension_seconds: 600,
  cancel_cutoff_seconds: 7_200,
  top_up_min: { amount_minor: 100, currency: 'INR' },
  top_up_max: { amount_minor: 5_000_000, currency: 'INR' },
  currency: { code: 'INR', decimals: 2 },
};

const policy = queryOptions({
  queryKey: ['/policy', {}],
  queryFn: async ({ signal }) => {
    const file = await getFile('/policy', 'application/json', signal);
    return JSON.parse(await file.text()) as Policy;
  },
  staleTime: Infinity,
  gcTime: Infinity,
});

export function usePolicy(): Policy {
  return useQuery(policy).data ?? DEFAULTS;
}
