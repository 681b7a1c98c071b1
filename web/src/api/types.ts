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
export type PosterAddress = Schemas['PosterAddress'];
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
export type Payment = Schemas['Payment'];
export type Refund = Schemas['Refund'];
export type Customer = Schemas['Customer'];
export type TopUpAnswer = Schemas['OpenTopUp'];
export type Sales = Schemas['Sales'];
export type SalesSum = Schemas['SalesSum'];
export type Summed = Schemas['Sum'];
export type Reconciliation = Schemas['Reconciliation'];
export type CascadePreview = Schemas['CascadePreview'];
export type Cascade = Schemas['Cascade'];
export type CheckIn = Schemas['CheckedIn'];
export type CheckIns = Schemas['CheckIns'];
export type SentMail = Schemas['SentMail'];

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

/** What a search found, best first: by whichever engine, or by looking through the programme here. */
export type SearchAnswer = Omit<Schemas['SearchAnswer'], 'engine'>;
/** What fits as one types. */
export type Suggestions = Omit<Schemas['Suggestions'], 'query' | 'engine'>;
