/** Selection of seats: a pure reducer, and the hook that keeps its seats for the browser tab. */

import { useEffect, useReducer, type Dispatch } from 'react';

import { t } from '../../i18n/texts';
import type { Money, Seat, SeatMap } from '../../api/types';
import { moneySpoken, sum } from '../../design/format';
import type { Plan } from '../map/plan';
import { seatsListed } from '../seat-names';
import { storedSeats, storeSeats } from './stored-seats';

export interface Selection {
  seats: readonly string[];
  /** Seats that were selected until another customer got them. */
  lost: readonly string[];
  /** Announcement for screen readers. */
  news: string;
}

export type SelectionAction =
  | {
      type: 'toggled';
      name: string;
      map: SeatMap;
      plan: Plan;
      /** Seats of the hold that this selection replaces. */
      own: readonly string[];
      seatsMax: number;
      currency: string;
    }
  /** The hold that this selection replaces is known, or is to stay as it is. */
  | { type: 'hold-found' | 'hold-kept'; seats: readonly string[] }
  | { type: 'best-found'; found: readonly string[] }
  | { type: 'refused'; taken: readonly string[] }
  /** Other places of a standing area took the place of those that another customer got. */
  | { type: 'places-changed'; seats: readonly string[] }
  | { type: 'map-changed'; map: SeatMap };

export function selectionAfter(before: Selection, action: SelectionAction): Selection {
  const { seats } = before;
  switch (action.type) {
    case 'toggled':
      return toggled(before, action);
    case 'best-found': {
      const { found } = action;
      const news = found.length > 0 ? t.seats.newsChosen(seatsListed(found)) : t.seats.newsNotTogether;
      return { seats: found, lost: [], news };
    }
    case 'hold-found':
      return seats.length > 0 ? before : { ...before, seats: action.seats };
    case 'hold-kept':
      return { ...before, seats: action.seats, lost: [], news: t.seats.newsKept(seatsListed(action.seats)) };
    case 'places-changed':
      return { ...before, seats: action.seats };
    case 'refused':
      return { ...before, seats: seats.filter((seat) => !action.taken.includes(seat)), lost: action.taken };
    case 'map-changed': {
      const free = new Set(seatsWhere(action.map, (seat) => seat.status === 'free' || seat.held_by_me === true));
      const left = seats.filter((seat) => free.has(seat));
      if (left.length === seats.length) return before;
      const gone = takenFrom(seats, action.map);
      return { ...before, seats: left, lost: gone.length > 0 ? gone : before.lost };
    }
  }
}

function toggled(before: Selection, action: SelectionAction & { type: 'toggled' }): Selection {
  const { name, map, plan, own, currency } = action;
  const { seats } = before;
  const seat = seatAt(name, map, plan);
  if (!seat) return before;
  if (seats.includes(name)) {
    return { seats: seats.filter((one) => one !== name), lost: [], news: t.seats.newsRemoved(name) };
  }
  if (seat.status !== 'free' && !own.includes(name)) {
    const mine = seat.held_by_me ?? seat.sold_to_me;
    return { ...before, lost: [], news: mine ? t.seats.newsMine(name) : t.seats.newsTaken(name) };
  }
  if (isOverLimit(seats, name, map, plan, own, action.seatsMax)) return { ...before, lost: [] };
  const after = [...seats, name];
  const total = moneySpoken(sum(pricesOf(after, map, plan), currency));
  return { seats: after, lost: [], news: t.seats.newsAdded(name, after.length, total) };
}

/** Reports that adding the seat `name`, which is free or in `own`, would exceed the limit of a booking. */
export function isOverLimit(
  seats: readonly string[],
  name: string,
  map: SeatMap,
  plan: Plan,
  own: readonly string[],
  max: number,
): boolean {
  const canBeChosen = own.includes(name) || seatAt(name, map, plan)?.status === 'free';
  return seats.length >= max && !seats.includes(name) && canBeChosen;
}

/** Marks seats as held by the reader, which a map that follows the stream cannot know of a hold made since. */
export function withOwn(map: SeatMap, own: readonly string[]): SeatMap {
  if (own.length === 0) return map;
  const mine = new Set(own);
  const rows = map.rows.map((row) => {
    const isOpen = ({ seat, status, held_by_me }: Seat) => mine.has(seat) && status === 'held' && !held_by_me;
    if (!row.seats.some(isOpen)) return row;
    return { ...row, seats: row.seats.map((seat) => (isOpen(seat) ? { ...seat, held_by_me: true } : seat)) };
  });
  return rows.every((row, index) => row === map.rows[index]) ? map : { ...map, rows };
}

/** Selected seats that another customer holds or has bought. */
export function takenFrom(seats: readonly string[], map: SeatMap): string[] {
  const open = new Set(
    seatsWhere(map, (seat) => seat.status === 'free' || seat.held_by_me === true || seat.sold_to_me === true),
  );
  return seats.filter((seat) => !open.has(seat));
}

/** Names of the seats for which `pick` returns true. */
export function seatsWhere(map: SeatMap, pick: (seat: Seat) => boolean): string[] {
  return map.rows.flatMap((row) => row.seats.filter(pick).map((seat) => seat.seat));
}

export function pricesOf(seats: readonly string[], map: SeatMap, plan: Plan): Money[] {
  return seats.flatMap((name) => seatAt(name, map, plan)?.price ?? []);
}

function seatAt(name: string, map: SeatMap, plan: Plan): Seat | undefined {
  const at = plan.byName.get(name);
  return at && map.rows[at.row]?.seats[at.index];
}

export function useSelection(screening: string): [Selection, Dispatch<SelectionAction>] {
  const [selection, dispatch] = useReducer(selectionAfter, screening, (id) => ({
    seats: storedSeats(id),
    lost: [],
    news: '',
  }));
  const { seats } = selection;
  useEffect(() => {
    storeSeats(screening, seats);
  }, [screening, seats]);
  return [selection, dispatch];
}
