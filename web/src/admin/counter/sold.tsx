import type { SoldBooking } from '../../api/types';
import { ButtonLink } from '../../design/button';
import { money } from '../../design/format';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { howPaid } from '../desk/words';
import type { Taken } from './change';
import { PrintButton } from './print-button';

/** The sale that was just made, with the change to give back. */
export function Sold({ booking, taken }: { booking: SoldBooking; taken: Taken }) {
  const { cash } = taken;
  return (
    <div className="pop grid gap-3 rounded-2xl bg-good-wash p-4" role="status">
      <p className="text-good">
        <span className="block font-semibold">{w.sale.sold}</span>
        <span className="marquee block text-3xl wrap-anywhere">{seatList(booking.seats)}</span>
        <span className="numbers">{booking.reference}</span>
      </p>
      {taken.method === 'complimentary' ? (
        <p className="font-semibold">{w.told.given}</p>
      ) : (
        <dl className="grid gap-1">
          <Amount name={w.sale.paid(howPaid(taken.method))} amount={money(taken.amount)} isLarge={!cash} />
          {cash && <Amount name={w.sale.given} amount={money(cash.given)} />}
          {cash && <Amount name={w.sale.change} amount={money(cash.back)} isLarge />}
        </dl>
      )}
      <div className="flex flex-wrap gap-2">
        <PrintButton booking={booking.booking_id} reference={booking.reference} look="gold" />
        <ButtonLink to={`/admin/desk/${booking.booking_id}`}>{w.sale.booking}</ButtonLink>
      </div>
    </div>
  );
}

/** The sale before the one that is being made: its change may still have to be handed over. */
export function SoldBefore({ booking, taken: { method, amount, cash } }: { booking: SoldBooking; taken: Taken }) {
  const paid = method === 'complimentary' ? w.told.given : `${w.sale.paid(howPaid(method))} ${money(amount)}`;
  return (
    <p className="rounded-2xl bg-good-wash px-4 py-2 text-sm text-good">
      <span className="font-semibold">{w.sale.soldBefore(seatList(booking.seats))}</span> {paid}
      {cash && (
        <span className="numbers marquee block text-2xl">
          {w.sale.change} {money(cash.back)}
        </span>
      )}
    </p>
  );
}

function Amount({ name, amount, isLarge = false }: { name: string; amount: string; isLarge?: boolean }) {
  return (
    <div className="flex flex-wrap items-baseline justify-between gap-x-4">
      <dt className={isLarge ? 'font-semibold' : 'text-soft'}>{name}</dt>
      <dd className={`numbers marquee ${isLarge ? 'text-5xl' : 'text-2xl'}`}>{amount}</dd>
    </div>
  );
}
