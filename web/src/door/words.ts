/** What the staff at a door read. Pure. */

import type { Door } from '../api/types';
import { Problem } from '../api/problem';
import { listed } from '../i18n/language';
import { w } from '../i18n/work/texts';
import { dayName, when } from '../design/format';
import type { Refusal } from './guests';
import type { Conflict } from './store';

export function refusalInWords(refusal: Refusal, door: Door): string {
  const { timezone } = door.screening;
  switch (refusal.why) {
    case 'not-a-ticket':
      return w.atDoor.noTicket;
    case 'forged':
      return w.atDoor.forged;
    case 'other-screening':
      return w.atDoor.otherScreening;
    case 'not-listed':
      return w.atDoor.notListed;
    case 'too-early':
      return w.atDoor.tooEarly(when(door.doors_open_at, 'time', timezone));
    case 'too-late':
      return w.atDoor.tooLate;
    case 'void':
      return w.atDoor.void(refusal.seat);
    case 'already-used':
      return w.atDoor.used(refusal.seat, when(refusal.at, 'time', timezone));
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
  return ` ${w.atDoor.itIsFor(day, when(local, 'time', 'UTC'), venue, String(screen))}`;
}

export function problemInWords(error: Error): string {
  if (!(error instanceof Problem)) return w.atDoor.unexpected;
  if (error.slug === 'other-screening') return `${error.message}${otherScreening(error)}`;
  if (error.slug === 'already-used' && typeof error.members.used_at === 'string')
    return `${error.message} ${w.atDoor.cameIn(when(error.members.used_at, 'full'))}`;
  if (error.notOffered) return w.atDoor.notOffered;
  if (error.status === 404) return w.atDoor.noTicket;
  if (error.status === 422) return w.atDoor.cut;
  return error.message;
}

/** Explains a check-in that was made without a network and turned out wrong. */
export function conflictInWords({ outcome, seat, at, used }: Conflict, timezone: string): string {
  const here = when(at, 'time', timezone);
  switch (outcome) {
    case 'already-used': {
      if (!used) return w.atDoor.copiedElsewhere(seat, here);
      const by = [used.device, used.name].filter((name): name is string => Boolean(name));

      return w.atDoor.copied(seat, here, when(used.at, 'time', timezone), listed(by));
    }
    case 'void':
      return w.atDoor.wasVoid(seat, here);
    case 'other-screening':
      return w.atDoor.wasOther(seat, here);
    case 'unknown':
      return w.atDoor.wasUnknown(seat, here);
    case 'wrong-time':
      return w.atDoor.wrongClock(seat, here);
  }
}
