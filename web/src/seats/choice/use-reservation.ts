import { useMutation } from '@tanstack/react-query';
import { useMemo, useRef, type Dispatch } from 'react';
import { useNavigate } from 'react-router';

import { command, get, newKey } from '../../api/client';
import { seatsListed } from '../seat-names';
import { t } from '../../i18n/texts';
import { outdated } from '../../api/queries';
import { Problem } from '../../api/problem';
import type { Booking } from '../../api/types';
import { changeHold, replaceHold, takenSeats, type Change } from '../../booking/holds/change-hold';
import { say } from '../../design/toast';
import { withOtherPlaces } from './standing';
import { storeSeats } from './stored-seats';
import { typesHeld } from './ticket-types';
import { takenFrom, type SelectionAction } from './use-selection';

/** Attempts to hold places of a standing area while others do the same. */
const ATTEMPTS_MAX = 5;

/** Holds the selected seats, in place of a hold if one is given, and goes on to the checkout. */
export function useReservation(
  screening: string,
  seats: readonly string[],
  /** Types of the tickets in the order of the seats; null where all are standard. */
  types: readonly (string | null)[],
  dispatch: Dispatch<SelectionAction>,
  /** Kept wheelchair places among the seats, which the customer asks for. */
  asked: readonly string[] = [],
) {
  const navigate = useNavigate();
  const kinds = types.join();
  // One key per intent: sending the same seats again repeats the intent, other seats or tickets are a new one.
  const key = useMemo(() => ({ seats, kinds, text: newKey() }), [seats, kinds]);
  const unanswered = useRef<{ intent: string; names: readonly string[]; sent: string } | null>(null);
  const hold = async (
    wanted: readonly string[],
    typeOf: (seat: string) => string | null | undefined,
    text: string,
    replaces: string | null = null,
  ) => {
    const kindOf = wanted.map(typeOf);
    const wishes = (names: readonly string[]) =>
      names.map((seat, index) => {
        const type = kindOf[index];
        const wheelchair = asked.includes(seat);
        return type || wheelchair
          ? { seat, ...(type && { ticket_type: type }), ...(wheelchair && { wheelchair }) }
          : seat;
      });
    // A repeat after a lost answer goes on with the places and the key that were sent last.
    let { names, sent } = unanswered.current?.intent === text ? unanswered.current : { names: wanted, sent: text };
    for (let attempt = 1; ; attempt += 1) {
      try {
        const body = { screening_id: screening, seats: wishes(names), ...(replaces && { replaces }) };
        unanswered.current = { intent: text, names, sent };
        const held = await command('POST', '/bookings', { body, key: sent });
        unanswered.current = null;
        return held;
      } catch (problem) {
        if (!(problem instanceof Problem && problem.isUnsure)) unanswered.current = null;
        sent = newKey();
        const taken = takenSeats(problem);
        if (!taken || attempt === ATTEMPTS_MAX) throw problem;
        // Another customer was faster in a standing area, where any other place will do.
        names = withOtherPlaces(names, taken, await get(`/screenings/${screening}/seats`));
        if (names.some((seat) => taken.includes(seat))) throw problem;
      }
    }
  };
  const typeOf = (seat: string) => types[seats.indexOf(seat)];

  const change = (from: Booking): Promise<Change> => {
    if (from.status === 'held') {
      return replaceHold(from, seats, (wanted, replaces) => hold(wanted, typeOf, key.text, replaces));
    }
    return changeHold(from, seats, {
      // The old seats may have to be held again, which is another intent than the first time.
      hold: (wanted) =>
        wanted === seats ? hold(wanted, typeOf, key.text) : hold(wanted, (seat) => typesHeld(from)[seat], newKey()),
      release: (booking) => command('DELETE', `/bookings/${booking}`),
      taken: async (wanted) => takenFrom(wanted, await get(`/screenings/${screening}/seats`)),
    });
  };

  return useMutation({
    mutationFn: async (old: Booking | null): Promise<Change> =>
      old ? change(old) : { outcome: 'changed', hold: await hold(seats, typeOf, key.text) },
    onSuccess: (result, old) => {
      void outdated('/bookings', `/screenings/${screening}`, '/screenings');
      if (result.outcome === 'changed') {
        storeSeats(screening, []);
        void navigate(`/checkout/${result.hold.booking_id}`);
        return;
      }
      dispatch({ type: 'refused', taken: result.taken });
      if (result.outcome === 'kept') say(t.hold.kept(result.hold.seats.length, seatsListed(result.hold.seats)));
      else say(t.hold.lost(seatsListed(old?.seats ?? [])), 'bad');
    },
    onError: (error) => {
      void outdated('/bookings', `/screenings/${screening}`);
      const taken = takenSeats(error);
      if (taken) dispatch({ type: 'refused', taken });
    },
  });
}
