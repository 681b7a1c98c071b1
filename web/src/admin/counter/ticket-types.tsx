import { SelectField } from '../../design/field';
import { money } from '../../design/format';
import { ticketType } from '../../i18n/ticket-type';
import { brokenInWords } from '../../seats/room/basket';
import { typesOf } from '../../seats/choice/ticket-types';
import { inSeatOrder } from '../../seats/seat-names';
import type { TypedSeats } from '../../seats/choice/use-types';
import { w } from '../../i18n/work/texts';

/** The type of the ticket of each seat, where there are several. */
export function TicketTypes({ seats, types }: { seats: readonly string[]; types: TypedSeats }) {
  const typed = inSeatOrder(seats.filter((seat) => types.typeOf(seat) !== null));
  if (typed.length === 0) return null;
  return (
    <div className="grid gap-2">
      {typed.map((seat) => {
        const prices = types.pricesOf(seat) ?? {};
        return (
          <SelectField
            key={seat}
            label={w.sale.ticketFor(seat)}
            value={types.typeOf(seat) ?? ''}
            onChange={({ target }) => {
              types.choose(seat, target.value);
            }}
          >
            {typesOf(prices).map((type) => (
              <option key={type} value={type}>
                {ticketType(type)}
                {prices[type] && `, ${money(prices[type])}`}
              </option>
            ))}
          </SelectField>
        );
      })}
      {types.broken && (
        <p className="text-sm font-medium text-bad" role="alert">
          {brokenInWords(types.broken)}
        </p>
      )}
    </div>
  );
}
