import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import { useKey } from '../../api/keys/use-key';
import { storeSeats } from '../../seats/choice/stored-seats';
import { bodyOf, moved, type Outcome, type Wish } from './moving';
import { choiceOf } from './use-choice';

/** Moves a booking, and calls `onMoved` with what came of it. */
export function useMove(booking: string, onMoved: (outcome: Outcome, wish: Wish) => void) {
  const key = useKey();
  return useMutation({
    mutationFn: (wish: Wish) =>
      moved(wish, (one) => {
        const body = bodyOf(one);
        return command('POST', `/bookings/${booking}/move`, { body, key: key.of(body) });
      }),
    onSuccess: (outcome, wish) => {
      key.done();
      storeSeats(choiceOf(booking, wish.screening_id), []);
      onMoved(outcome, wish);
      return outdated('/bookings', '/wallet', '/screenings', '/me', '/admin');
    },
    onError: (problem) => {
      key.failed(problem);
      return outdated('/bookings', '/wallet', '/screenings', '/admin/bookings');
    },
  });
}
