/** The course of a booking in a sentence per question and per change, from its events. Pure. */

import { when } from '../design/format';
import { t } from '../i18n/texts';
import { seatsListed } from '../seats/seat-names';

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
export function asElsewhere(text: string): string {
  const timed = text.replaceAll(MOMENT, (moment, time: string, day: string) => {
    const at = Date.parse(`${day} ${time} UTC`);
    return Number.isNaN(at) ? moment : when(at, 'full', 'UTC');
  });
  return timed.replaceAll(/(\d)\.00\b/g, '$1');
}

/** The questions that the story answers, in order. Each has one sentence; each change has one of its own. */
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
    if (!question || question === 'changed') continue;
    const before = answers.get(question);
    // Seats are booked once. A screening that the theatre cancelled says by itself why its bookings are.
    if (before && (question === 'booked' || before.event === 'screening_cancelled')) continue;
    answers.set(question, step);
  }
  const used = visit(steps, seats);
  return QUESTIONS.flatMap((question): Sentence[] => {
    if (question === 'changed') return changesIn(steps);
    const step = answers.get(question) ?? (question === 'ended' ? used : null);
    if (!step) return [];
    return [{ text: step.event === 'ticket_checked_in' ? step.text : inWords(step), time: step.time }];
  });
}

/** Each change of the booking, oldest first. */
function changesIn(steps: readonly Step[]): Sentence[] {
  /** The request of the move under way, and the payment of its difference. */
  let move: Step[] = [];
  return steps.flatMap((step): Sentence[] => {
    const { event, time } = step;
    if (event === 'move_requested') move = [step];
    else if (event === 'move_paid') move.push(step);
    else if (event === 'move_refused') move = [];
    if (ANSWERS[event] !== 'changed') return [];
    if (event === 'seats_returned') return [{ text: returnInWords(step), time }];
    if (event !== 'booking_moved') return [{ text: inWords(step), time }];
    const text = moveInWords([...move, step]) ?? inWords(step);
    move = [];
    return [{ text, time }];
  });
}

/** `You asked to move from seat A-1 to seats B-1 and B-2 of another screening.` */
const FROM_TO = /\bfrom (seats? [^.]*?) to (seats? [^.]*?)( of (?:another|the) screening[^.]*)?\.(?: |$)/;
const SEAT = /\b[A-Z0-9]{1,4}-\d+\b/g;
/** The reason of the house, up to what the API says about the difference. */
const REASON =
  /\. Reason: (.+?)(?: A difference of (?:\S+ )?\S+ is waived\.| The new seats cost (?:\S+ )?\S+ less, .+| (?:\d\S* [A-Z]{3}|[^\s\d]*\d\S*) more is to be paid .+)?$/s;

function seatsIn(text = ''): string {
  return seatsListed(text.match(SEAT) ?? []);
}

/** Old seats, new seats, reason and difference of a move; null if the API's sentences say it in another way. */
function moveInWords(steps: readonly Step[]): string | null {
  const all = steps.map(({ text }) => text).join(' ');
  const [, old, now, elsewhere] = FROM_TO.exec(all) ?? [];
  if (!old || !now) return null;
  const amountOf = (pattern: RegExp) => {
    const amount = pattern.exec(all)?.[1];
    return amount === undefined ? null : asElsewhere(amount);
  };
  const byCard = amountOf(/The difference of ((?:[^ ]+ )?[^ ]+) was paid by card\./);
  const fromWallet = amountOf(/\. ((?:[^ ]+ )?[^ ]+) was paid from your wallet\./);
  // Without its sum, the difference may be none.
  const waived = amountOf(/\bA difference of (?!the prices)((?:[^ ]+ )?[^ ]+) is waived\./);
  const unreturned = amountOf(/\bThe new seats cost ((?:[^ ]+ )?[^ ]+) less, which is not refunded\./);
  const back = amountOf(/\. ((?:[^ ]+ )?[^ ]+) will be refunded\./);
  const reason = REASON.exec(steps[0]?.text ?? '')?.[1];
  return [
    t.booking.moved(seatsIn(old), seatsIn(now), elsewhere !== undefined),
    reason && t.booking.moveReason(reason),
    byCard && t.booking.movePaid.card(byCard),
    fromWallet && t.booking.movePaid.wallet(fromWallet),
    waived && t.booking.moveWaived(waived),
    unreturned && t.booking.moveUnreturned(unreturned),
    back && t.booking.moveDue(back),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Seats that were given back. English has the sentence of the API, which knows the money. */
function returnInWords(step: Step): string {
  const [, who, gone] = /^(You|We) \w+ (seats? .*?) back\b/.exec(step.text) ?? [];
  if (!gone || !t.booking.story[step.event]) return inWords(step);
  return (who === 'We' ? t.giveBack.wasTaken : t.giveBack.wasBack)(seatsIn(gone));
}

/** The use of the tickets; null while nobody is in. */
function visit(steps: readonly Step[], seats: number): Step | null {
  const admitted = steps.filter(({ event }) => event === 'ticket_checked_in');
  const inside = admitted.length - steps.filter(({ event }) => event === 'check_in_undone').length;
  const last = admitted.at(-1);
  if (!last || inside < 1) return null;
  return { ...last, text: t.booking.used(inside, seats) };
}
