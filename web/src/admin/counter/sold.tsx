import type { SoldBooking } from '../../api/types';
import { ButtonLink } from '../../design/button';
import { seatList } from '../../seats/seat-names';
import { w } from '../../i18n/work/texts';
import { PrintButton } from './print-button';

/** The sale that was just made. */
export function Sold({ booking }: { booking: SoldBooking }) {
  return (
    <div className="pop grid gap-3 rounded-2xl bg-good-wash p-4" role="status">
      <p className="text-good">
        <span className="block font-semibold">{w.sale.sold}</span>
        <span className="marquee block text-3xl wrap-anywhere">{seatList(booking.seats)}</span>
        <span className="numbers">{booking.reference}</span>
      </p>
      <div className="flex flex-wrap gap-2">
        <PrintButton booking={booking.booking_id} reference={booking.reference} look="gold" />
        <ButtonLink to={`/admin/desk/${booking.booking_id}`}>{w.sale.booking}</ButtonLink>
      </div>
    </div>
  );
}
