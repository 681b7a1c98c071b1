import { useState } from 'react';

import type { Booking, Money, Screening, SeatMap } from '../../api/types';
import type { Plan } from '../map/plan';
import { brokenLimit, pricesByType, typesHeld, usualType, type Broken, type Prices } from './ticket-types';

export interface TypedSeats {
  /** Prices of a seat by type; null if all its tickets are standard. */
  pricesOf: (seat: string) => Prices | null;
  /** Type of the ticket of a seat; null if all its tickets are standard. */
  typeOf: (seat: string) => string | null;
  choose: (seat: string, type: string) => void;
  /** What the seats cost, without fees. */
  amounts: Money[];
  /** The first limit that the choice breaks. */
  broken: Broken | null;
}

/** Types of the chosen seats. Those that are held already keep the type they were held with, until another is chosen. */
export function useTypes(
  screening: Screening,
  map: SeatMap,
  plan: Plan,
  seats: readonly string[],
  hold: Booking | null,
): TypedSeats {
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const held = hold ? typesHeld(hold) : {};
  const place = (seat: string) => {
    const at = plan.byName.get(seat);
    const row = at && map.rows[at.row];
    return row && { row, seat: row.seats[at.index] };
  };
  const pricesOf = (seat: string) => {
    const row = place(seat)?.row;
    return row ? pricesByType(row) : null;
  };
  const typeOf = (seat: string) => {
    const prices = pricesOf(seat);
    if (!prices) return null;
    return [chosen[seat], held[seat]].find((type) => type !== undefined && type in prices) ?? usualType(prices);
  };
  const priceOf = (seat: string) => {
    const type = typeOf(seat);
    return (type === null ? undefined : pricesOf(seat)?.[type]) ?? place(seat)?.seat?.price;
  };
  const tickets = seats.flatMap((seat) => {
    const type = typeOf(seat);
    return type === null ? [] : [{ type, accessible: place(seat)?.seat?.accessible === true }];
  });
  return {
    pricesOf,
    typeOf,
    choose: (seat, type) => {
      setChosen((before) => ({ ...before, [seat]: type }));
    },
    amounts: seats.flatMap((seat) => priceOf(seat) ?? []),
    broken: brokenLimit(tickets, screening.ticket_types),
  };
}
