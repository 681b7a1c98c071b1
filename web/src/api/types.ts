/**
 * The shapes of the API. Those that the OpenAPI document tells come from it (`schema.d.ts`, generated); the rest, at the
 * end, are what the REST surface promises for routes that an installation may not have.
 */

import type { components } from './schema';

type Schemas = components['schemas'];

export type Money = Schemas['Money'];
export type Role = Schemas['Role'];
export type Person = Schemas['Person'];
export type SignedIn = Schemas['SignedIn'];
export type Me = Schemas['Me'];
export type SessionEntry = Schemas['SessionEntry'];
export type City = Schemas['City'];
export type Show = Schemas['Show'];
export type VenueShowing = Schemas['VenueShowing'];
export type Venue = Schemas['Venue'];
export type Screen = Schemas['Screen'];
export type Layout = Schemas['Layout'];
export type LayoutRow = Schemas['Row'];
export type Screening = Schemas['Screening'];
export type SeatMap = Schemas['SeatMap'];
export type SeatRow = Schemas['SeatRow'];
export type Seat = Schemas['Seat'];
export type SeatStatus = Schemas['SeatStatus'];
export type Booking = Schemas['Booking'];
export type BookingStatus = Schemas['BookingStatus'];
export type HeldSeats = Schemas['HeldSeats'];
export type Wallet = Schemas['Wallet'];
export type Transaction = Schemas['Transaction'];
export type Happened = Schemas['Happened'];
export type AccountEntry = Schemas['AccountEntry'];
export type Projection = Schemas['Projection'];
export type ParkedEntry = Schemas['ParkedEntry'];
export type History = Schemas['History'];
export type PastEvent = Schemas['PastEvent'];

/** One page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** The answer of an attempt to pay: at once for a wallet, an address to go to for a card. */
export interface PaymentAnswer {
  booking_id?: string;
  status?: string;
  payment_id: string;
  checkout_url?: string | null;
  held_until?: string | null;
}

export interface TopUpAnswer {
  payment_id: string;
  checkout_url?: string | null;
}

export interface Customer {
  user_id: string;
  email?: string | null;
  name?: string | null;
}

export interface Refund {
  status: string;
  amount: Money;
  to?: string | null;
  reason?: string | null;
  requested_at?: string | null;
  completed_at?: string | null;
}

export interface Payment {
  payment_id: string;
  purpose: string;
  booking_id?: string | null;
  method: string;
  status: string;
  failure_reason?: string | null;
  amount: Money;
  captured?: Money | null;
  refund?: Refund | null;
  created_at: string;
}

/** Any customer's, for administrators. */
export type CustomersBooking = Booking & { customer?: Customer | null };
export type CustomersPayment = Payment & { customer?: Customer | null; provider_payment?: string | null };
export interface CustomersRefund extends Refund {
  payment_id: string;
  booking_id?: string | null;
  method: string;
  failure?: string | null;
  customer?: Customer | null;
}

export interface SalesSum {
  day?: string | null;
  show_id?: string | null;
  show_title?: string | null;
  venue_id?: string | null;
  venue_name?: string | null;
  bookings: number;
  seats: number;
  sold: Money;
  refunded: Money;
  net: Money;
}

export interface Sales {
  items: SalesSum[];
}

export interface Summed {
  of: string;
  count: number;
  amount: Money;
}

export interface Reconciliation {
  settled_before: string;
  captured: Summed[];
  refunded: Summed[];
  refunding: Summed[];
  in_review: Summed[];
  wallet_movements: Summed[];
  wallet_balance: Summed[];
  provider?: Summed[] | null;
  unmatched: { kind: string; payment_id?: string | null; booking_id?: string | null; provider_id?: string | null; expected?: Money | null; found?: Money | null; since?: string | null }[];
}

export interface SentMail {
  mail_id: string;
  kind: string;
  booking_id?: string | null;
  to?: string | null;
  state: string;
  error?: string | null;
  wanted_at: string;
}

/** What a search found, best first. */
export interface SearchAnswer {
  query: string;
  shows: (Show & { score: number })[];
  venues: (Venue & { score: number })[];
}

export interface CascadePreview {
  bookings: number;
  customers: number;
  amounts?: { method: string; amount: Money; bookings?: number }[];
  [more: string]: unknown;
}

export interface Cascade {
  cascade_id: string;
  kind?: string;
  title?: string | null;
  reason?: string | null;
  total: number;
  cancelled: number;
  refunded: number;
  mailed: number;
  failed: { booking_id?: string; error?: string; [more: string]: unknown }[];
  started_at: string;
  finished_at?: string | null;
}

export interface CheckIn {
  seat: string;
  show?: { title: string } | string;
  screening?: { screening_id: string; starts_at: string; timezone?: string };
  [more: string]: unknown;
}
