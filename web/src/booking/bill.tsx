import type { Booking, Money } from '../api/types';
import { money, percent } from '../design/format';
import { ticketType } from '../i18n/ticket-type';
import { seatList } from '../seats/seat-names';
import { t } from '../i18n/texts';
import { STANDARD } from '../seats/choice/ticket-types';

type Line = Pick<Booking['lines'][number], 'seat' | 'ticket_type' | 'price'>;

/** Seats of the same type and price, in the order of the bill. */
export function groupsOf(lines: readonly Line[]): { type: string; price: Money; seats: string[] }[] {
  const groups = new Map<string, { type: string; price: Money; seats: string[] }>();
  for (const { seat, ticket_type: type, price } of lines) {
    const key = `${type} ${String(price.amount_minor)}`;
    const group = groups.get(key) ?? { type, price, seats: [] };
    group.seats.push(seat);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The parts of what a booking costs: tickets by type, fee, discount, and the tax that is included. */
export function Bill({ booking }: { booking: Booking }) {
  const { lines, fees, discount, tax } = booking;
  const groups = groupsOf(lines);
  const hasParts =
    groups.length > 1 || groups.some(({ type }) => type !== STANDARD) || isSome(fees) || isSome(discount);
  return (
    <>
      {hasParts &&
        groups.map(({ type, price, seats }) => (
          <div key={`${type} ${String(price.amount_minor)}`} className="mt-1 flex justify-between gap-4">
            <dt className="text-soft">
              {t.bill.tickets(seats.length, ticketType(type), money(price))}
              <span className="block text-sm">{seatList(seats)}</span>
            </dt>
            <dd className="numbers">{money({ ...price, amount_minor: price.amount_minor * seats.length })}</dd>
          </div>
        ))}
      {isSome(discount) && (
        <div className="mt-1 flex justify-between gap-4 text-good">
          <dt className="min-w-0 wrap-anywhere">{discountName(booking)}</dt>
          <dd className="numbers">{money({ ...discount, amount_minor: -discount.amount_minor })}</dd>
        </div>
      )}
      {isSome(fees) && (
        <div className="mt-1 flex justify-between gap-4">
          <dt className="text-soft">{t.bill.fee}</dt>
          <dd className="numbers">{money(fees)}</dd>
        </div>
      )}
      {tax.map(({ name, percent_hundredths, amount }) => (
        <div key={name} className="mt-1 flex justify-between gap-4 text-sm text-soft">
          <dt>{t.bill.tax(name, percent(percent_hundredths / 10_000))}</dt>
          <dd className="numbers">{money(amount)}</dd>
        </div>
      ))}
    </>
  );
}

/** Where a discount comes from: the offer by its name, else the code, else the house by itself. */
export function discountName({ promotion }: Pick<Booking, 'promotion'>): string {
  if (!promotion) return t.bill.discount;
  if (promotion.name) return t.bill.discountBy(promotion.name);
  return promotion.code ? t.bill.discountWithCode(promotion.code) : t.bill.automatic;
}

/** True if a booking has a fee, or says which tax it includes. */
export function hasExtras(booking: Booking): boolean {
  return isSome(booking.fees) || booking.tax.length > 0;
}

function isSome(amount: Money): boolean {
  return amount.amount_minor !== 0;
}
