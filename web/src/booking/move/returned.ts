/** What came of the difference of a move, when its customer comes back from the payment page. Pure. */

import type { Booking, Payment } from '../../api/types';

/** The new seats of a move, as the booking names them while they wait for the money. */
export type Wished = Pick<NonNullable<Booking['open_move']>, 'screening_id' | 'seats'>;

export type Outcome =
  /** The bank or the move is not done. */
  | { step: 'waiting' }
  | { step: 'moved' }
  /** The booking is as it was, and nothing was charged. */
  | { step: 'unpaid' }
  /** The money came, but the booking is as it was. */
  | { step: 'returned'; refund: NonNullable<Payment['refund']> }
  /** The payment is an earlier attempt to pay the booking, which another payment has bought. */
  | { step: 'elsewhere' };

type Moving = Pick<Booking, 'open_move' | 'screening' | 'seats'>;
type Difference = Pick<Payment, 'payment_id' | 'status' | 'refund' | 'created_at'>;

/**
 * The outcome of a payment that did not buy the booking. `buyer` is the payment that did, and `wished` are the new seats, if
 * the move was seen while it was open. What the booking has counts: the payment may have been read a moment earlier.
 */
export function outcomeOf(
  booking: Moving,
  payment: Difference,
  buyer: Pick<Payment, 'captured_at'> | null,
  wished: Wished | null,
): Outcome {
  const isOpen = booking.open_move?.move_id === payment.payment_id;
  if (!isOpen && !wished && !isAfter(payment, buyer)) return { step: 'elsewhere' };
  if (payment.refund) return { step: 'returned', refund: payment.refund };
  if (isOpen) return { step: payment.status === 'failed' || payment.status === 'expired' ? 'unpaid' : 'waiting' };
  if (wished && has(booking, wished)) return { step: 'moved' };
  switch (payment.status) {
    case 'failed':
    case 'expired':
      return { step: 'unpaid' };
    case 'pending':
      // The move is over before the money came.
      return { step: wished ? 'unpaid' : 'waiting' };
    case 'captured':
      // Without the new seats, the refund is about to follow.
      return { step: wished ? 'waiting' : 'moved' };
    case 'refunding':
    case 'refunded':
    case 'review':
      return { step: 'waiting' };
  }
}

/** True once nothing more is to come of a payment that is no longer open. */
export function isSettled({ status, refund }: Pick<Payment, 'status' | 'refund'>): boolean {
  return refund?.status === 'completed' || status === 'failed' || status === 'expired';
}

/** True for a payment that began after another one had bought the seats. */
function isAfter({ created_at }: Difference, buyer: Pick<Payment, 'captured_at'> | null): boolean {
  return buyer?.captured_at != null && Date.parse(created_at) > Date.parse(buyer.captured_at);
}

function has({ screening, seats }: Moving, wished: Wished): boolean {
  return screening.screening_id === wished.screening_id && wished.seats.every((seat) => seats.includes(seat));
}
