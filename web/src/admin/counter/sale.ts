import type { WantedSale } from '../../api/types';

/** A sale without the house seats that it is taken from: they are gone once it is carried out. */
function withoutBlocks({ seats, ...rest }: WantedSale): string {
  return JSON.stringify({ ...rest, seats: seats.map((seat) => ({ ...seat, block_id: null })) });
}

/** The sale to send: once more the one whose answer was lost, if it is the same. */
export function saleToSend(now: WantedSale, lost: WantedSale | undefined): WantedSale {
  return lost && withoutBlocks(lost) === withoutBlocks(now) ? lost : now;
}
