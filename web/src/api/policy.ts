/** Limits and time windows of this installation, read once per visit. */

import { queryOptions, useQuery } from '@tanstack/react-query';

import { learnDigits } from '../design/format';
import { get } from './client';
import type { Problem } from './problem';
import { reading } from './queries';
import type { components } from './schema';

type Policy = components['schemas']['Policy'];

/** Defaults of the server. They apply until the policy has loaded. */
const DEFAULTS: Policy = {
  booking_seats_max: 10,
  customer_seats_max: 40,
  holds_max: 3,
  hold_seconds: 480,
  extension_seconds: 600,
  cancel_cutoff_seconds: 7_200,
  card_min: { amount_minor: 50, currency: 'INR' },
  languages: ['en', 'hi'],
  passes: false,
  pass_kinds: [],
  sends_reminders: true,
  ticket_types: ['standard', 'adult', 'child', 'senior', 'student', 'companion'],
  ticket_types_max: 20,
  screen_seats_max: 10_000,
  top_up_min: { amount_minor: 100, currency: 'INR' },
  top_up_max: { amount_minor: 5_000_000, currency: 'INR' },
  currency: { code: 'INR', decimals: 2 },
  offer_seconds: 900,
  has_waiting_lists: true,
};

export const policy = queryOptions<Policy, Problem>({
  ...reading('/policy'),
  queryFn: async ({ signal }) => {
    const answer = await get('/policy', { signal });
    learnDigits(answer.currency.code, answer.currency.decimals);
    return answer;
  },
  staleTime: Infinity,
  gcTime: Infinity,
});

export function usePolicy(): Policy {
  return useQuery(policy).data ?? DEFAULTS;
}
