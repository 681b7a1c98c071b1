import type { WantedSale } from '../../api/types';

/**
 * A sale without the house seats that it is taken from and the promotion that makes it cheaper: the seats are gone once it is carried
 * out, and perhaps the last use of the promotion.
 */
function asSeen(sale: WantedSale): string {
  const seats = sale.seats.map((seat) => ({ ...seat, block_id: null }));
  return JSON.stringify({ ...sale, promotion_id: null, amount: null, seats });
}

/** The sale to send: once more the one whose answer was lost, if it is the same. */
export function saleToSend(now: WantedSale, lost: WantedSale | undefined): WantedSale {
  return lost && asSeen(lost) === asSeen(now) ? lost : now;
}
