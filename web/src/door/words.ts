/** What the staff at a door read. Pure. */

import type { Door } from '../api/types';
import { Problem } from '../api/problem';
import { listed } from '../i18n/language';
import { dayName, when } from '../design/format';
import type { Refusal } from './guests';
import type { Conflict } from './store';

export function refusalInWords(refusal: Refusal, door: Door): string {
  const { timezone } = door.screening;
  switch (refusal.why) {
    case 'not-a-ticket':
      return 'This is not a ticket or a booking of ours.';
    case 'forged':
      return 'This code is damaged or forged. Ask for the booking number.';
    case 'other-screening':
      return 'This ticket is for another screening.';
    case 'not-listed':
      return 'This booking is not on the list of this device. Try again once the network is back.';
    case 'too-early':
      return `It is too early: the doors open at ${when(door.doors_open_at, 'time', timezone)}.`;
    case 'too-late':
      return 'The screening is over.';
    case 'void':
      return `Seat ${refusal.seat}: the booking was cancelled.`;
    case 'already-used':
      return `Seat ${refusal.seat} came in already, at ${when(refusal.at, 'time', timezone)}.`;
  }
}

/** Describes the screening of a ticket that was shown at another door. */
export function otherScreening({ members }: Problem): string {
  const { screening } = members;
  if (typeof screening !== 'object' || screening === null) return '';
  const { starts_at: starts, venue, screen } = screening as Record<string, unknown>;
  if (typeof starts !== 'string' || typeof venue !== 'string') return '';
  // The API sends it with the venue's offset, so its digits are the venue's local time.
  const local = `${starts.slice(0, 19)}Z`;
  const day = dayName(starts.slice(0, 10), 'short-day');
  return ` It is for ${day}, ${when(local, 'time', 'UTC')}, ${venue}, ${String(screen)}.`;
}

export function problemInWords(error: Error): string {
  if (!(error instanceof Problem)) return 'Something unexpected happened. Try again.';
  if (error.slug === 'other-screening') return `${error.message}${otherScreening(error)}`;
  if (error.slug === 'already-used' && typeof error.members.used_at === 'string')
    return `${error.message} It came in ${when(error.members.used_at, 'full')}.`;
  if (error.notOffered) return 'This installation does not check tickets yet.';
  if (error.status === 404) return 'This is not a ticket or a booking of ours.';
  if (error.status === 422) return 'This is not a whole code. Try again.';
  return error.message;
}

/** Explains a check-in that was made without a network and turned out wrong. */
export function conflictInWords({ outcome, seat, at, used }: Conflict, timezone: string): string {
  const here = `Seat ${seat} came in here at ${when(at, 'time', timezone)}`;
  switch (outcome) {
    case 'already-used': {
      const by = [used?.device, used?.name].filter((name): name is string => Boolean(name));
      const where = by.length > 0 ? ` (${listed(by)})` : '';
      const earlier = used ? ` at ${when(used.at, 'time', timezone)}${where}` : ' at another door';
      return `${here}, but the same ticket was used${earlier} too. One of the two guests has a copy.`;
    }
    case 'void':
      return `${here}, but its booking had been cancelled.`;
    case 'other-screening':
      return `${here}, but its ticket is for another screening.`;
    case 'unknown':
      return `${here}, but there is no such ticket.`;
    case 'wrong-time':
      return `${here} by the clock of this device, which is wrong. Set it, and check the ticket in again.`;
  }
}
