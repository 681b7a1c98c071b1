/**
 * Routes that `openapi.json` may lack, as they are agreed on. What the document has goes before what is written here, so an
 * entry can be removed at any time once the document has it.
 */

import type { components } from './schema';

type Schemas = components['schemas'];
type Money = Schemas['Money'];

type Call<A, B = never, Q = never> = {
  parameters: { query?: Q };
  responses: { 200: { content: { 'application/json': A } } };
} & ([B] extends [never] ? { requestBody?: never } : { requestBody: { content: { 'application/json': B } } });
interface List<T> {
  items: T[];
  next_cursor?: string | null;
}

export type CounterMethod = 'cash' | 'card_terminal' | 'upi' | 'complimentary';

interface CounterSale {
  screening_id: string;
  seats: { seat: string; ticket_type?: string; block_id?: string }[];
  method: CounterMethod;
  reason?: string;
  customer?: { name?: string; email?: string; phone?: string };
}

/** Money that a till took, or returned, in one way. */
export interface Takings {
  method: string;
  count: number;
  amount: Money;
}

/** A till of one person, from its float to its count. */
export interface Till {
  till_id: string;
  seller: Schemas['Customer'];
  opened_at: string;
  closed_at?: string | null;
  float: Money;
  sales: Takings[];
  refunds: Takings[];
  expected: Money;
  counted?: Money | null;
  difference?: Money | null;
}

/** Money that the counter owes for a booking that was cancelled. */
export interface OwedRefund {
  booking_id: string;
  reference: string;
  amount: Money;
  method: string;
  name?: string | null;
  show: string;
  venue: string;
  starts_at: string;
  seats: string[];
  requested_at: string;
}

/** What the counter sold. */
export interface SoldBooking {
  booking_id: string;
  reference: string;
  seats: string[];
  amount: Money;
}

type RefundTo = 'original' | 'wallet' | 'cash' | 'none';

export interface ComingPaths {
  '/api/v1/box-office/sales': { post: Call<SoldBooking, CounterSale> };
  '/api/v1/box-office/refunds': {
    get: Call<List<OwedRefund>>;
    post: Call<undefined, { booking_id: string; method: 'cash' | 'card_terminal' | 'upi' }>;
  };
  '/api/v1/box-office/tills': {
    get: Call<List<Till>, never, { limit?: number; open?: boolean; seller_id?: string }>;
    post: Call<Pick<Till, 'till_id'>, { float: Money }>;
  };
  '/api/v1/box-office/tills/{id}': { get: Call<Till> };
  '/api/v1/box-office/tills/{id}/closing': {
    post: Call<{ expected: Money; counted: Money; difference: Money }, { counted: Money }>;
  };
  '/api/v1/bookings/{id}/cancellation': {
    post: Call<Schemas['Booking'], { seats?: string[]; refund?: RefundTo; reason?: string }>;
  };
  '/api/v1/screenings/{id}/messages': { post: Call<{ cascade_id: string }, { subject: string; text: string }> };
}
