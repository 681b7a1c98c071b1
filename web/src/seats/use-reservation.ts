import { useMutation } from '@tanstack/react-query';
import { useMemo, type Dispatch } from 'react';
import { useNavigate } from 'react-router';

import { command, get, newKey } from '../api/client';
import { listed } from '../i18n/language';
import { t } from '../i18n/texts';
import { outdated } from '../api/queries';
import type { Booking } from '../api/types';
import { changeHold, takenSeats, type Change } from '../booking/change-hold';
import { say } from '../design/toast';
import { storeSeats } from './stored-seats';
import { takenFrom, type SelectionAction } from './use-selection';

/** Holds the selected seats, in place of a hold if one is given, and goes on to the checkout. */
export function useReservation(screening: string, seats: readonly string[], dispatch: Dispatch<SelectionAction>) {
  const navigate = useNavigate();
  // One key per intent: sending the same seats again repeats the intent, other seats are a new one.
  const key = useMemo(() => ({ seats, text: newKey() }), [seats]);
  const hold = (wanted: readonly string[], text: string) =>
    command('POST', '/bookings', { body: { screening_id: screening, seats: [...wanted] }, key: text });

  const change = (from: Booking): Promise<Change> =>
    changeHold(from, seats, {
      // The old seats may have to be held again, which is another intent than the first time.
      hold: (wanted) => hold(wanted, wanted === seats ? key.text : newKey()),
      release: (booking) => command('DELETE', `/bookings/${booking}`),
      taken: async (wanted) => takenFrom(wanted, await get(`/screenings/${screening}/seats`)),
    });

  return useMutation({
    mutationFn: async (old: Booking | null): Promise<Change> =>
      old ? change(old) : { outcome: 'changed', hold: await hold(seats, key.text) },
    onSuccess: (result, old) => {
      void outdated('/bookings', `/screenings/${screening}`, '/screenings');
      if (result.outcome === 'changed') {
        storeSeats(screening, []);
        void navigate(`/checkout/${result.hold.booking_id}`);
        return;
      }
      dispatch({ type: 'refused', taken: result.taken });
      if (result.outcome === 'kept') say(t.hold.kept(result.hold.seats.length, listed(result.hold.seats)));
      else say(t.hold.lost(listed(old?.seats ?? [])), 'bad');
    },
    onError: (error) => {
      void outdated('/bookings', `/screenings/${screening}`);
      const taken = takenSeats(error);
      if (taken) dispatch({ type: 'refused', taken });
    },
  });
}
