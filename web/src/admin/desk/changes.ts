/** The changes of a booking for the desk, from its history. Pure. */

import { asElsewhere, type Sentence } from '../../booking/story';
import { w } from '../../i18n/work/texts';

/** Events that the desk reads. All others are steps on the way. */
const CHANGES = new Set([
  'move_requested',
  'move_paid',
  'move_refused',
  'booking_moved',
  'booking_rescheduled',
  'seats_returned',
  'return_refunded',
  'screening_cancelled',
  'booking_cancelled',
  'booking_refunded',
]);

/** Each change, oldest first. The API's sentences are English; other languages have one per event. */
export function changesOf(steps: readonly (Sentence & { event: string })[]): Sentence[] {
  const changes = steps.filter(({ event }) => CHANGES.has(event));
  return changes.map(({ event, text, time }) => ({ text: w.told.changes[event] ?? asElsewhere(text), time }));
}
