/** The course of a booking in five sentences at most, from its events. Pure. */

import { when } from '../design/format';
import { t } from '../i18n/texts';

export interface Sentence {
  text: string;
  time: string;
}

interface Step extends Sentence {
  event: string;
}

/** What happened. The API's sentences are English, and name seats and amounts; other languages have one per event. */
export function inWords({ event, text }: Pick<Step, 'event' | 'text'>): string {
  return t.booking.story[event] ?? asElsewhere(text);
}

/** `21:01 on 30 November 2026`, on the clock of the venue. */
const MOMENT = /\b(\d{2}:\d{2}) on (\d{1,2} [A-Z][a-z]+ \d{4})\b/g;

/** A sentence of the API with its times and amounts as all pages write them. */
function asElsewhere(text: string): string {
  const timed = text.replaceAll(MOMENT, (moment, time: string, day: string) => {
    const at = Date.parse(`${day} ${time} UTC`);
    return Number.isNaN(at) ? moment : when(at, 'full', 'UTC');
  });
  return timed.replaceAll(/(\d)\.00\b/g, '$1');
}

/** The questions that the story answers, in order. Each has one sentence. */
const QUESTIONS = ['booked', 'paid', 'changed', 'ended', 'money'] as const;
type Question = (typeof QUESTIONS)[number];

/** Events that answer a question. All others are steps on the way. */
const ANSWERS: Record<string, Question> = {
  seats_reserved: 'booked',
  booking_confirmed: 'paid',
  seats_moved: 'changed',
  booking_moved: 'changed',
  booking_rescheduled: 'changed',
  seats_returned: 'changed',
  booking_expired: 'ended',
  screening_cancelled: 'ended',
  booking_cancelled: 'ended',
  refund_requested: 'money',
  refund_put_in_review: 'money',
  refund_completed: 'money',
  return_refunded: 'money',
  booking_refunded: 'money',
  payment_disputed: 'money',
  dispute_won: 'money',
  dispute_lost: 'money',
};

export function storyOf(steps: readonly Step[], seats: number): Sentence[] {
  const answers = new Map<Question, Step>();
  for (const step of steps) {
    const question = ANSWERS[step.event];
    if (!question) continue;
    const before = answers.get(question);
    // Seats are booked once. A screening that the theatre cancelled says by itself why its bookings are.
    if (before && (question === 'booked' || before.event === 'screening_cancelled')) continue;
    answers.set(question, step);
  }
  const used = visit(steps, seats);
  return QUESTIONS.flatMap((question) => answers.get(question) ?? (question === 'ended' && used ? used : [])).map(
    (step) => ({ text: step.event === 'ticket_checked_in' ? step.text : inWords(step), time: step.time }),
  );
}

/** The use of the tickets; null while nobody is in. */
function visit(steps: readonly Step[], seats: number): Step | null {
  const admitted = steps.filter(({ event }) => event === 'ticket_checked_in');
  const inside = admitted.length - steps.filter(({ event }) => event === 'check_in_undone').length;
  const last = admitted.at(-1);
  if (!last || inside < 1) return null;
  return { ...last, text: t.booking.used(inside, seats) };
}
