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

/** Seats that the house keeps back. */
export interface Block {
  block_id: string;
  seats: string[];
  reason: string;
  release_at?: string | null;
  created_at: string;
  created_by: string;
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

/** Everything that a door needs to admit the guests of one screening without a network. */
export interface Door {
  screening: Schemas['Screening'];
  server_time: string;
  doors_open_at: string;
  undo_until: string;
  clock_skew_seconds: number;
  batch_max: number;
  codes: { version: string; keys: { key_id: string; public_key: string }[] };
  tickets: DoorTicket[];
  void: { booking_id: string; reference: string; name?: string | null; seat: string; conflicts: DoorConflict[] }[];
}

export interface DoorTicket {
  booking_id: string;
  reference: string;
  name?: string | null;
  seat: string;
  ticket_type: string;
  checked_in_at?: string | null;
  checked_in_by?: string | null;
  device?: string | null;
  check_in_id?: string | null;
  conflicts: DoorConflict[];
}

export interface DoorConflict {
  seat: string;
  kind: 'already-used' | 'void';
  at: string;
  by: string;
  device?: string | null;
}

interface ReportedCheckIn {
  id: string;
  booking_id: string;
  seat: string;
  checked_in_at: string;
}

/** What became of a check-in that was made without a network. */
export interface Admission {
  id: string;
  outcome: 'done' | 'already-used' | 'void' | 'other-screening' | 'unknown' | 'wrong-time';
  booking_id?: string | null;
  seat?: string | null;
  check_in_id?: string | null;
  used?: { at: string; by: string; name?: string | null; device?: string | null } | null;
}

type RefundTo = 'original' | 'wallet' | 'cash' | 'none';

export interface BookingNote {
  note_id?: string;
  text: string;
  created_at: string;
  by_name?: string | null;
}

/** A person, as the desk sees them. */
export interface PersonPage {
  account: Schemas['AccountEntry'];
  bookings: Schemas['Booking'][];
  notes: BookingNote[];
  wallet: { balance: Money };
  mails: Schemas['SentMail'][];
}

export interface CopiedScreening {
  copy_of: string;
  show_title: string;
  screen_name: string;
  starts_at: string;
}

/** Days of a schedule that were copied, or would be. */
export interface CopiedSchedule {
  screenings: CopiedScreening[];
  conflicts: (CopiedScreening & { reason: string; detail: string })[];
}

export interface ComingPaths {
  '/api/v1/screenings/{id}/blocks': {
    get: Call<List<Block>>;
    post: Call<Pick<Block, 'block_id'>, { seats: string[]; reason: string; release_at?: string | null }>;
  };
  '/api/v1/screenings/{id}/blocks/{block_id}': { delete: Call<undefined> };
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
  '/api/v1/bookings/{id}/move': {
    post: Call<
      Schemas['Booking'],
      { screening_id?: string; seats: string[]; settle: 'pay' | 'refund' | 'waive'; reason?: string }
    >;
  };
  '/api/v1/bookings/{id}/notes': { post: Call<BookingNote, { text: string }> };
  '/api/v1/admin/accounts/{user_id}': { get: Call<PersonPage> };
  '/api/v1/screenings/{id}/door': { get: Call<Door> };
  '/api/v1/screenings/{id}/door/check-ins': {
    post: Call<{ items: Admission[] }, { device: string; check_ins: ReportedCheckIn[] }>;
  };
  '/api/v1/screenings/{id}/messages': { post: Call<undefined, { subject: string; text: string }> };
  '/api/v1/venues/{id}/schedule/copies': {
    post: Call<CopiedSchedule, { from: string; days: number; to: string; preview?: boolean }>;
  };
}
