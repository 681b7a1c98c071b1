/** Facts about bookings that several pages show. Pure. */

import type { Booking, Money, RefundPart, Screening } from '../api/types';
import { cityName } from '../catalogue/names';
import { money, when, zoneNote } from '../design/format';
import { listed } from '../i18n/language';
import { t } from '../i18n/texts';

export type Group = 'upcoming' | 'past' | 'cancelled';

/** Returns the list that shows a booking. */
export function groupOf(booking: Booking, now: number): Group {
  switch (booking.status) {
    case 'cancelled':
    case 'refunded':
    case 'expired':
      return 'cancelled';
    case 'held':
    case 'paying':
    case 'confirmed':
      return Date.parse(booking.screening.ends_at) < now ? 'past' : 'upcoming';
  }
}

/** How long before its start a booking is shown enlarged, in milliseconds. */
const NEXT_UP_MS = 24 * 3_600_000;

/** True on the day of a paid booking, until the screening is over. */
export function isNextUp({ status, screening }: Booking, now: number): boolean {
  return (
    status === 'confirmed' && Date.parse(screening.starts_at) - now < NEXT_UP_MS && Date.parse(screening.ends_at) > now
  );
}

/** True while the booking can be paid. A payment in progress may outlast the hold. */
export function isOpen(booking: Booking, now: number): boolean {
  return (booking.status === 'held' && Date.parse(booking.held_until) > now) || booking.status === 'paying';
}

/** True while a payment or refund is under way, that of seats given back included. */
export function isInProgress({ status, refund, returns, open_move }: Booking): boolean {
  const refunds = [refund, ...returns.map((back) => back.refund)];
  return (
    status === 'paying' ||
    open_move != null ||
    refunds.some((one) => one != null && one.status !== 'completed' && one.status !== 'failed')
  );
}

/** Changes whenever the history of the booking gets another sentence. */
export function progressOf(booking: Booking): string {
  const { status, refund, open_move, screening, seats, returns, reschedulings } = booking;
  return [
    status,
    refund?.status,
    open_move?.move_id,
    open_move?.paid,
    screening.screening_id,
    ...seats,
    ...returns.map(({ return_id, refund: back }) => `${return_id} ${back?.status ?? ''}`),
    ...reschedulings.map(({ change_id }) => change_id),
  ].join();
}

interface Placed {
  screening: { timezone: string };
  venue: { city: string };
}

/** A moment of a booking in the time of its venue, which is named where the reader's clock differs. */
export function whenOf({ screening, venue }: Placed, moment: string): string {
  const note = zoneNote(moment, screening.timezone, cityName(venue.city));
  const time = when(moment, 'full', screening.timezone);
  return note ? `${time} (${note})` : time;
}

/** True while a customer may cancel a paid booking, or move it. */
export function canChange({ status, cancellation }: Booking, now: number): boolean {
  return status === 'confirmed' && cancellation != null && Date.parse(cancellation.until) > now;
}

/**
 * The terms of a cancellation, for the reader who has not paid yet; `time` is its end in words. With
 * `feesStay`, the house keeps the booking fee as well.
 */
export function termsInWords(until: string, now: number, time: string, fee?: Money, feesStay = false): string {
  if (Date.parse(until) <= now) return t.checkout.tooLate;
  const { terms, termsWithFee, termsWithoutFees, termsWithBoth } = t.checkout;
  if (fee && fee.amount_minor > 0) return (feesStay ? termsWithBoth : termsWithFee)(time, money(fee));
  return (feesStay ? termsWithoutFees : terms)(time);
}

/** The currency of a screening, whose categories have one price or several. */
function currencyOf({ prices }: Screening): string {
  const [price] = Object.values(prices).flatMap((one: object) => ('currency' in one ? [one] : Object.values(one)));
  return (price as Money | undefined)?.currency ?? '';
}

/** The terms of a screening, before seats of it are held. */
export function termsOf(screening: Screening, now: number): string {
  const { cancellation: own } = screening;
  if (own === 'none') return t.checkout.noCancelling;
  const currency = currencyOf(screening);
  const fee = own?.fee_minor ? { amount_minor: own.fee_minor, currency } : undefined;
  const { cancel_until: until, timezone, city } = screening;
  const feesStay = (screening.fee?.amount.amount_minor ?? 0) > 0;
  return termsInWords(until, now, whenOf({ screening: { timezone }, venue: { city } }, until), fee, feesStay);
}

/** The terms of a booking that is not paid yet; null if it says none. */
export function termsOfBooking(booking: Booking, now: number): string | null {
  const { cancellation } = booking;
  if (!cancellation) return null;
  const { possible, until, fee } = cancellation;
  // An unpaid booking itself can always be cancelled; a house that allows no cancellation gives a deadline that is over.
  return !possible
    ? t.checkout.noCancelling
    : termsInWords(until, now, whenOf(booking, until), fee, booking.fees.amount_minor > 0);
}

/** True while a customer may give some of the seats back. Those sold at a counter go back there, and together. */
export function canGiveBack(booking: Booking, now: number): boolean {
  const { seats, lines, payment, amount } = booking;
  const inApp = payment ? payment.method === 'wallet' || payment.method === 'card' : amount.amount_minor === 0;
  return seats.length > 1 && lines.length === seats.length && inApp && canChange(booking, now);
}

/** The refund of some seats, and the deductions from it: fees of the house are not part of either. */
export function refundOfSeats(booking: Booking, seats: readonly string[]): { refund: Money; kept: Money } {
  const paid = booking.lines
    .filter(({ seat }) => seats.includes(seat))
    .reduce((total, { price, discount }) => total + price.amount_minor - discount.amount_minor, 0);
  const kept = Math.min(paid, booking.cancellation?.fee.amount_minor ?? 0);
  return { refund: { ...booking.amount, amount_minor: paid - kept }, kept: { ...booking.amount, amount_minor: kept } };
}

/** Divides an amount among payments, in this order: each gives back what it has left, at most. */
export function divided(amount: Money, parts: readonly RefundPart[]): RefundPart[] {
  let open = amount.amount_minor;
  return parts.flatMap((part) => {
    const amount_minor = Math.min(open, part.left.amount_minor);
    open -= amount_minor;
    return amount_minor > 0 ? [{ ...part, amount: { ...amount, amount_minor } }] : [];
  });
}

/** Names the destination of each part, with its sum. */
function partsInWords(parts: readonly RefundPart[]): string {
  const { toCard, toWallet, atCounter, all, banks } = t.booking.parts;
  const text = (to: RefundPart['to']) => (to === 'card' ? toCard : to === 'wallet' ? toWallet : atCounter);
  const said = all(listed(parts.map(({ to, amount }) => text(to)(money(amount)))));
  return parts.some(({ to }) => to === 'card') ? `${said} ${banks}` : said;
}

/** Describes the refund of some seats. The payments of differences give back first, then that which bought the booking. */
export function seatRefundInWords(booking: Booking, refund: Money): string {
  const [bought, ...differences] = booking.cancellation?.parts ?? [];
  const parts = divided(refund, bought ? [...differences, bought] : []);
  if (parts.length > 1) return partsInWords(parts);
  const to = parts[0]?.to ?? booking.cancellation?.to;
  return (to === 'card' ? t.giveBack.toCard : t.giveBack.toWallet)(money(refund));
}

/** Describes the refund of a cancellation before it is confirmed. */
export function cancellationInWords(booking: Booking): string {
  const { cancellation } = booking;
  if (!cancellation || booking.status !== 'confirmed') return t.booking.nothingToRefund;
  const amount = money(cancellation.refund);
  const kept = booking.amount.amount_minor - cancellation.refund.amount_minor;
  const parts = (cancellation.parts ?? []).filter((part) => part.amount.amount_minor > 0);
  if (parts.length > 1) {
    const keeps = kept > 0 ? ` ${t.giveBack.kept(money({ ...booking.amount, amount_minor: kept }))}` : '';
    return partsInWords(parts) + keeps;
  }
  const toCard = (parts[0]?.to ?? cancellation.to) === 'card';
  if (kept <= 0) return toCard ? t.booking.refundToCard(amount) : t.booking.refundToWallet(amount);
  const rest = money({ ...booking.amount, amount_minor: kept });
  return toCard ? t.booking.partToCard(amount, rest) : t.booking.partToWallet(amount, rest);
}
