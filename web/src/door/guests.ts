/** The guests of a screening at its door, and whom to admit. Pure. */

import type { Door, DoorTicket } from '../api/types';
import { isBookingNumber } from '../booking/tickets/number';
import { inOrder } from '../i18n/language';
import type { ReadCode } from './code';

/** A check-in that this device has made and not reported yet. */
export interface Pending {
  /** Id of the check-in. It was the Idempotency-Key of the call whose answer was lost, if there was one. */
  id: string;
  screening_id: string;
  booking_id: string;
  seat: string;
  /** Time at the door, by the clock of the server. */
  at: string;
  /** True if the API may know it already. */
  sent: boolean;
}

export interface Guest extends DoorTicket {
  /** Admitted by this device, not yet reported. */
  pending: boolean;
}

/** The guests of one booking. */
export interface Party {
  booking_id: string;
  reference: string;
  name: string | null;
  guests: Guest[];
}

export type Refusal =
  | { why: 'not-a-ticket' | 'forged' | 'other-screening' | 'not-listed' | 'too-early' | 'too-late' }
  | { why: 'void'; seat: string }
  | { why: 'already-used'; seat: string; at: string; party: Party };

/** The parties of a screening in the order of their names, with what this device has not reported yet. */
export function partiesOf(door: Door, pending: readonly Pending[]): Party[] {
  const waiting = new Map(pending.map((one) => [placeOf(one), one]));
  const parties = new Map<string, Party>();
  for (const ticket of door.tickets) {
    const own = waiting.get(placeOf(ticket));
    const guest: Guest = {
      ...ticket,
      checked_in_at: ticket.checked_in_at ?? own?.at ?? null,
      pending: own !== undefined && !ticket.checked_in_at,
    };
    const party = parties.get(ticket.booking_id);
    if (party) party.guests.push(guest);
    else {
      const { booking_id, reference, name } = ticket;
      parties.set(booking_id, { booking_id, reference, name: name ?? null, guests: [guest] });
    }
  }
  const name = (party: Party) => party.name ?? '\uffff';
  return [...parties.values()].sort((a, b) => inOrder(name(a), name(b)) || inOrder(a.reference, b.reference));
}

/** One name for a seat of a booking. */
export function placeOf({ booking_id, seat }: { booking_id: string; seat: string }): string {
  return `${booking_id} ${seat}`;
}

/** How many guests there are, and how many of them are in. */
export function countsOf(parties: readonly Party[]): { inside: number; all: number } {
  const guests = parties.flatMap((party) => party.guests);
  return { inside: guests.filter(({ checked_in_at }) => checked_in_at).length, all: guests.length };
}

/** Decides about a scanned code without asking the API. */
export function admit(
  read: ReadCode,
  door: Door,
  pending: readonly Pending[],
  now: number,
): { party: Party; seat: string } | Refusal {
  if (read.state === 'no-code') return { why: 'not-a-ticket' };
  if (read.state === 'forged') return { why: 'forged' };
  const { screening, booking, seat } = read.facts;
  if (screening !== door.screening.screening_id) return { why: 'other-screening' };
  if (door.void.some((one) => one.booking_id === booking && one.seat === seat)) return { why: 'void', seat };
  const party = partiesOf(door, pending).find((one) => one.booking_id === booking);
  const guest = party?.guests.find((one) => one.seat === seat);
  if (!party || !guest) {
    // Bought after the list was fetched: the signature vouches for it. Without a signature nothing does.
    if (read.state !== 'verified') return { why: 'not-listed' };
    return timeOf(door, now) ?? { party: unlisted(booking, seat), seat };
  }
  if (guest.checked_in_at) return { why: 'already-used', seat, at: guest.checked_in_at, party };
  return timeOf(door, now) ?? { party, seat };
}

/** The refusal of everybody outside the hours of the door. */
export function timeOf(door: Door, now: number): { why: 'too-early' | 'too-late' } | null {
  if (now < Date.parse(door.doors_open_at)) return { why: 'too-early' };
  if (now > Date.parse(door.undo_until)) return { why: 'too-late' };
  return null;
}

function unlisted(booking_id: string, seat: string): Party {
  const guest: Guest = {
    booking_id,
    reference: '',
    seat,
    ticket_type: 'standard',
    conflicts: [],
    pending: false,
    checked_in_at: null,
  };
  return { booking_id, reference: '', name: null, guests: [guest] };
}

/** Parties that a typed text means: a booking number, a seat, or a part of a name. */
export function found(parties: readonly Party[], text: string): Party[] {
  const wanted = folded(text);
  if (wanted === '') return [...parties];
  const bare = text.replaceAll(/[\s\p{Dash}]/gu, '').toUpperCase();
  if (isBookingNumber(text)) {
    const byNumber = parties.filter(({ reference }) => reference.replaceAll('-', '') === bare);
    if (byNumber.length > 0) return byNumber;
  }
  return parties.filter(
    ({ name, guests, reference }) =>
      folded(name ?? '').includes(wanted) ||
      (bare.length >= 3 && reference.replaceAll('-', '').startsWith(bare)) ||
      guests.some(({ seat }) => seat.replaceAll('-', '').toUpperCase() === bare),
  );
}

function folded(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().trim().replaceAll(/\s+/g, ' ');
}
