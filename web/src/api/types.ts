/** Names for shapes of the API. All come from the OpenAPI document through `schema.d.ts`, which is generated. */

import type { ItemOf } from './routes';
import type { components } from './schema';

type Schemas = components['schemas'];

export type Money = Schemas['Money'];
export type CategoryPrice = Schemas['CategoryPrice'];
export type Role = Schemas['Role'];
export type Person = Schemas['Person'];
export type SignedIn = Schemas['SignedIn'];
export type Me = Schemas['Me'];
export type City = Schemas['City'];
export type Show = Schemas['Show'];
export type PosterAddress = Schemas['PosterAddress'];
export type VenueShowing = Schemas['VenueShowing'];
export type Venue = Schemas['Venue'];
export type Screen = Schemas['Screen'];
export type Layout = Schemas['Layout'];
export type LayoutRow = Schemas['Row'];
export type Screening = Schemas['Screening'];
export type PriceTemplate = Schemas['PriceTemplate'];
export type Draft = Schemas['Draft'];
export type ListedTerms = Schemas['ListedTerms'];
export type Overlap = Schemas['Overlap'];
export type ScreenBlock = Schemas['ScreenBlock'];
export type SeatMap = Schemas['SeatMap'];
export type SeatRow = Schemas['SeatRow'];
export type Seat = Schemas['Seat'];
export type SeatStatus = Schemas['SeatStatus'];
export type Booking = Schemas['Booking'];
export type Wallet = Schemas['Wallet'];
export type AccountEntry = Schemas['AccountEntry'];
export type ParkedEntry = Schemas['ParkedEntry'];
export type History = Schemas['History'];
export type PastEvent = Schemas['PastEvent'];
export type Payment = Schemas['Payment'];
export type Refund = Schemas['Refund'];
export type RefundPart = Schemas['RefundPart'];
export type Customer = Schemas['Customer'];
export type Invoice = Schemas['Invoice'];
export type Sales = Schemas['Sales'];
export type SalesSum = Schemas['SalesSum'];
export type Summed = Schemas['Sum'];
export type Reconciliation = Schemas['Reconciliation'];
export type MismatchKind = Schemas['Kind'];
export type ChangedScreening = Schemas['ChangedScreening'];
export type CascadePreview = Schemas['CascadePreview'];
export type Cascade = Schemas['Cascade'];
export type NewSecondFactor = Schemas['NewSecondFactor'];
export type Holder = Schemas['Holder'];
export type CheckIn = Schemas['CheckedIn'];
export type SentMail = Schemas['SentMail'];
export type Block = Schemas['Block'];
export type Till = Schemas['Till'];
export type CounterMethod = Schemas['CounterMethod'];
export type WantedSale = Schemas['WantedSale'];
export type SaleQuote = Schemas['SaleQuote'];
export type SoldBooking = Schemas['SoldBooking'];
export type OwedRefund = Schemas['OwedRefund'];
export type Door = Schemas['Door'];
export type DoorTicket = Schemas['DoorTicket'];
export type Admission = Schemas['ReportedItem'];
export type BookingNote = Schemas['Note'];
export type WaitingPlace = Schemas['WaitingPlace'];
export type SharedTicket = Schemas['SharedTicket'];
export type CopiedSchedule = Schemas['CopiedSchedule'];

/** One page of a list. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Entries of the administrators' lists, with the customer. */
export type CustomersPayment = ItemOf<'/admin/payments'>;
export type CustomersRefund = ItemOf<'/admin/refunds'>;
export type Credit = ItemOf<'/admin/credits'>;

/** Results of a search, best first: from the API, or from the local search of the programme. */
export type SearchAnswer = Omit<Schemas['SearchAnswer'], 'engine'>;
/** Suggestions while typing. */
export type Suggestions = Omit<Schemas['Suggestions'], 'query' | 'engine'>;
