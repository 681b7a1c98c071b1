import { useMutation } from '@tanstack/react-query';

import { command } from '../../api/client';
import { outdated } from '../../api/queries';
import { useKey } from '../../api/keys/use-key';
import { storeSeats } from '../../seats/choice/stored-seats';
import { bodyOf, moved, type Wish } from './moving';
import { choiceOf } from './use-choice';

/** Moves a booking, and calls `onMoved` with false if the move is accepted and not over yet. */
export function useMove(booking: string, onMoved: (isOver: boolean, wish: Wish) => void) {
  const key = useKey();
  return useMutation({
    mutationFn: (wish: Wish) =>
      moved(wish, (one) => {
        const body = bodyOf(one);
        return command('POST', `/bookings/${booking}/move`, { body, key: key.of(body) });
      }),
    onSuccess: (isOver, wish) => {
      key.done();
      storeSeats(choiceOf(booking, wish.screening_id), []);
      onMoved(isOver, wish);
      return outdated('/bookings', '/wallet', '/screenings', '/me', '/admin');
    },
    onError: (problem) => {
      key.failed(problem);
      return outdated('/bookings', '/wallet', '/screenings', '/admin/bookings');
    },
  });
}
