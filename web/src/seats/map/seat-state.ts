/** What a seat is to the reader. Pure. */

import type { Seat } from '../../api/types';

export type SeatState = 'free' | 'held' | 'sold' | 'blocked' | 'mine' | 'chosen' | 'missing';

export function stateOf(seat: Seat, chosen: boolean): Exclude<SeatState, 'missing'> {
  const { status } = seat;
  // A customer may choose the seats of their own lapsed hold, even before the server has released them; staff may choose
  // seats that the house keeps back.
  if (chosen && (status === 'free' || status === 'blocked' || seat.held_by_me)) return 'chosen';
  return seat.held_by_me || seat.sold_to_me ? 'mine' : status;
}
